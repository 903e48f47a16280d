"""Sentences of strategy discussions, enquiries, conferences and plans."""

from typing import Final, assert_never

from services.domain import calendar
from services.domain.events import ProtectionEvent
from services.domain.events.conference import (
    AgencyReportReceived,
    ConferenceDecision,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.events.enquiry import EnquiryOutcome, Section47Completed, Section47Started
from services.domain.events.plan import (
    CinReviewDecision,
    CinReviewHeld,
    CoreGroupHeld,
    FamilyNetworkMeetingHeld,
    PlanCategoryChanged,
    PlanEnded,
    PlanMade,
    PlanRevised,
    SupervisionOrderReviewHeld,
)
from services.domain.events.strategy import (
    ProtectiveActionKind,
    ProtectiveActionTaken,
    StrategyDecision,
    StrategyHeld,
)
from services.domain.sentences.words import ABUSE, PLANS, because, day, on, words

_DECIDED: Final = {
    StrategyDecision.S47_SINGLE: "a single-agency section 47 enquiry",
    StrategyDecision.S47_JOINT: "a joint section 47 enquiry",
    StrategyDecision.NO_S47: "no section 47 enquiry",
}
_PROTECTED: Final = {
    ProtectiveActionKind.EPO: "by an emergency protection order",
    ProtectiveActionKind.POLICE_PROTECTION: "by the police",
    ProtectiveActionKind.S20: "by accommodation under section 20",
    ProtectiveActionKind.OTHER: "at once",
}
_FOUND: Final = {
    EnquiryOutcome.SUBSTANTIATED_ONGOING: "concerns substantiated, the child at continuing risk",
    EnquiryOutcome.SUBSTANTIATED_NOT_ONGOING: "concerns substantiated, the child not at continuing risk",
    EnquiryOutcome.NOT_SUBSTANTIATED: "concerns not substantiated",
}
_CONFERENCES: Final = {
    ConferenceKind.ICPC: "An initial child protection conference",
    ConferenceKind.RCPC: "A review child protection conference",
    ConferenceKind.TRANSFER_IN: "A transfer-in child protection conference",
}
_CONFERRED: Final = {
    ConferenceDecision.CP_PLAN: "on a child protection plan",
    ConferenceDecision.CIN_PLAN: "on a child in need plan",
    ConferenceDecision.REMAINS: "that the child protection plan remains",
    ConferenceDecision.DISCHARGED: "to end the child protection plan",
    ConferenceDecision.NFA: "on no plan",
}
_REVIEWED: Final = {
    CinReviewDecision.CONTINUE: "it continues",
    CinReviewDecision.STEP_UP: "it is stepped up",
    CinReviewDecision.CLOSE: "it is to end",
}


def sentence(event: ProtectionEvent) -> str:
    """One sentence, capital to full stop."""
    match event:
        case StrategyHeld(decision=decision):
            return f"A strategy discussion was held and decided on {_DECIDED[decision]}."
        case ProtectiveActionTaken(kind=kind):
            return f"The child was protected {_PROTECTED[kind]}."
        case Section47Started():
            return f"A section 47 enquiry was begun{on(event.started_on)}."
        case Section47Completed(outcome=outcome):
            return f"A section 47 enquiry was completed{on(event.completed_on)}: {_FOUND[outcome]}."
        case ConferenceScheduled(kind=kind, scheduled_for=at):
            return f"{_CONFERENCES[kind]} was scheduled for {day(calendar.london_date(at))}."
        case ConferenceRescheduled(scheduled_for=at, reason=reason):
            moved_to = day(calendar.london_date(at))
            return f"A child protection conference was moved to {moved_to}{because(reason)}."
        case AgencyReportReceived(agency=agency):
            return f"A report for a conference came from {words(agency)}{on(event.received_on)}."
        case ConferenceHeld(kind=kind, decision=decision):
            which = _CONFERENCES[kind] if kind else "A child protection conference"
            return f"{which} was held{on(event.held_on)} and decided {_CONFERRED[decision]}."
        case PlanMade(plan_kind=kind, category=category):
            under = f" under the category of {ABUSE[category]}" if category else ""
            return f"A {PLANS[kind]} plan was made{under}."
        case PlanRevised():
            return f"A plan was brought up to date{on(event.revised_on)}."
        case PlanCategoryChanged(category=category):
            return f"The plan's category was changed{on(event.changed_on)} to {ABUSE[category]}."
        case CoreGroupHeld():
            return f"The core group met{on(event.held_on)}."
        case CinReviewHeld(decision=decision):
            return f"The child in need plan was reviewed{on(event.held_on)}: {_REVIEWED[decision]}."
        case FamilyNetworkMeetingHeld():
            return f"The family's network met{on(event.held_on)}."
        case PlanEnded():
            return f"A plan ended{on(event.ended_on)}{because(event.reason)}."
        case SupervisionOrderReviewHeld():
            return f"The supervision order was reviewed{on(event.held_on)}."
        case _:
            assert_never(event)
