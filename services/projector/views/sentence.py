"""Say an event in one sentence that names roles, codes, accounts and dates, and nobody."""

from datetime import date
from typing import Final, assert_never

from services.domain import calendar
from services.domain.event import Recorded
from services.domain.events.alert import (
    AlertEvent,
    CafcassOutcomeReceived,
    CafcassReferralMade,
    Escalation,
    EscalationEvent,
    GoodPracticeRecorded,
    InformalResolutionAttempted,
    LadderExhausted,
    NotificationFailed,
    NotificationKind,
    NotificationSent,
    PracticeAlertAcknowledged,
    PracticeAlertRaised,
    PracticeAlertResolved,
    PracticeAlertWithdrawn,
    Proposal,
    Resolution,
    ResponseAccepted,
    ResponseReceived,
    ResponseRejected,
    Rung,
    StatutoryCapReached,
    Trigger,
)
from services.domain.events.contact import ContactReceived
from services.domain.events.correction import EventVoided
from services.domain.events.office import RungHolderAppointed, RungHolderStoodDown
from services.domain.events.plan import AbuseCategory, PlanKind, PlanMade
from services.domain.events.strategy import StrategyDecision, StrategyHeld

PARTNERSHIP_SINCE: Final = date(2019, 9, 29)  # the LSCB gave way to the safeguarding partnership

_RUNGS: Final = {
    Rung.TEAM_MANAGER: "the Team Manager",
    Rung.SERVICE_MANAGER: "the Service Manager",
    Rung.HEAD_OF_SERVICE: "the Head of Service",
    Rung.DIRECTOR_OF_CHILDRENS_SERVICES: "the Director of Children's Services",
    Rung.LSCB_CHAIR: "the Chair of the LSCB",
}
_DECISIONS: Final = {
    StrategyDecision.S47_SINGLE: "a single-agency section 47 enquiry",
    StrategyDecision.S47_JOINT: "a joint section 47 enquiry",
    StrategyDecision.NO_S47: "no section 47 enquiry",
}
_PLANS: Final = {
    PlanKind.CIN: "child in need",
    PlanKind.CP: "child protection",
    PlanKind.CARE: "care",
    PlanKind.PATHWAY: "pathway",
    PlanKind.SAFETY: "safety",
    PlanKind.PEP: "personal education",
    PlanKind.HEALTH: "health",
}
_ABUSE: Final = {
    AbuseCategory.NEGLECT: "neglect",
    AbuseCategory.PHYSICAL: "physical abuse",
    AbuseCategory.SEXUAL: "sexual abuse",
    AbuseCategory.EMOTIONAL: "emotional abuse",
    AbuseCategory.MULTIPLE: "multiple categories",
}
_PROPOSALS: Final = {
    Proposal.RESOLVED: "that the matter is resolved",
    Proposal.ACTION_PLAN: "an action plan",
    Proposal.DISAGREE: "to disagree",
}
_RESOLUTIONS: Final = {
    Resolution.ACTION_TAKEN: "action was taken",
    Resolution.EXPLAINED: "it was explained",
    Resolution.SUPERSEDED: "it was superseded",
}
_ABOUT: Final = {
    NotificationKind.RUNG_TOLD: "that an answer is due",
    NotificationKind.REMINDER: "again that an answer is due",
    NotificationKind.CAP: "that the statutory 20 working days are over",
    NotificationKind.EXHAUSTED: "that the ladder is exhausted",
    NotificationKind.IRO_TO_DECIDE: "that a response awaits a decision",
    NotificationKind.RESOLVED: "that the alert is closed",
    NotificationKind.RUNG_VACANT: "that a rung has no holder",
}


def sentence(record: Recorded) -> str:  # noqa: PLR0911 - one arm for each event
    """One sentence, capital to full stop."""
    event = record.event
    match event:
        case ContactReceived(channel=channel):
            return f"A contact was received{f' by {_words(channel)}' if channel else ''}."
        case StrategyHeld(decision=decision):
            return f"A strategy discussion was held and decided on {_DECISIONS[decision]}."
        case PlanMade(plan_kind=kind, category=category):
            under = f" under the category of {_ABUSE[category]}" if category else ""
            return f"A {_PLANS[kind]} plan was made{under}."
        case EventVoided():
            return "An earlier event was voided: it had been recorded in error."
        case GoodPracticeRecorded():
            return "Good practice was recorded."
        case RungHolderAppointed(rung=rung, holder=holder):
            return f"{holder} was appointed {_words(rung)}."
        case RungHolderStoodDown(rung=rung, holder=holder):
            return f"{holder} stood down as {_words(rung)}."
        case _:
            return _of_alert(record, event)


def rung_title(rung: Rung | None, on: date) -> str:
    """The rung as people called it on the London date `on`, with its article."""
    if rung is Rung.LSCB_CHAIR and on >= PARTNERSHIP_SINCE:
        return "the chair of the safeguarding partnership"
    return _RUNGS[rung] if rung else "nobody in particular"


def _of_alert(record: Recorded, event: AlertEvent) -> str:  # noqa: C901, PLR0911, PLR0912 - as above
    on = calendar.london_date(record.recordedat)
    match event:
        case InformalResolutionAttempted(with_role=role):
            return f"An informal resolution was attempted{f' with the {_words(role)}' if role else ''}."
        case PracticeAlertRaised():
            return _raised(event, on)
        case PracticeAlertAcknowledged():
            return "The alert was acknowledged; the window runs on."
        case ResponseReceived(rung=rung, proposes=proposes):
            proposing = f", proposing {_PROPOSALS[proposes]}" if proposes else ""
            return _capital(f"{rung_title(rung, on)} answered{proposing}.")
        case ResponseAccepted():
            return "The response was accepted."
        case ResponseRejected():
            return "The response was rejected; the alert is to go to the next rung."
        case Escalation():
            return _escalated(event, on)
        case LadderExhausted():
            return "No rung is left above: the ladder is exhausted."
        case StatutoryCapReached():
            return "The statutory 20 working days passed with the alert still open."
        case CafcassReferralMade():
            return "The matter was referred to CAFCASS; the ladder runs on."
        case CafcassOutcomeReceived(outcome=outcome):
            return f"CAFCASS answered: {_words(outcome)}."
        case PracticeAlertResolved(resolution=resolution):
            return f"The alert was resolved{f': {_RESOLUTIONS[resolution]}' if resolution else ''}."
        case PracticeAlertWithdrawn():
            return "The alert was withdrawn by its raiser."
        case NotificationSent(kind=kind):
            return f"Told {_whom(event, on)}{_by(event)} {_ABOUT[kind]}."
        case NotificationFailed(kind=kind):
            return f"Could not tell {_whom(event, on)}{_by(event)} {_ABOUT[kind]}."
        case _:
            assert_never(event)


def _raised(event: PracticeAlertRaised, on: date) -> str:
    repeat = f", repeating alert {event.repeat_of}" if event.repeat_of else ""
    due = f"; {_RUNGS[Rung.TEAM_MANAGER]} is to answer by {_day(event.due_on)}" if event.due_on else ""
    return f"A practice alert was raised on {_day(on)} for {_words(event.issue_code)}{repeat}{due}."


def _escalated(event: EscalationEvent, on: date) -> str:
    due = f"; an answer is due by {_day(event.due_on)}" if event.due_on else ""
    return f"The alert went up to {rung_title(event.TO, on)} because {_why(event, on)}{due}."


def _why(event: EscalationEvent, on: date) -> str:
    match event.trigger:
        case Trigger.WINDOW_EXPIRED:
            return f"{rung_title(event.from_rung, on)} had not answered in time"
        case Trigger.RESPONSE_REJECTED:
            return "the response was rejected"
        case Trigger.IRO_BYPASS:
            passed = " and ".join(rung_title(rung, on) for rung in event.skipped_rungs)
            return f"the reviewer went past {passed or rung_title(event.from_rung, on)}"
        case _:
            assert_never(event.trigger)


def _whom(event: NotificationSent | NotificationFailed, on: date) -> str:
    return event.holder or rung_title(event.rung, on)


def _by(event: NotificationSent | NotificationFailed) -> str:
    return f" by {_words(event.channel)}" if event.channel else ""


def _words(code: str) -> str:
    return code.replace("_", " ").lower()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
