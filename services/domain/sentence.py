"""Say an event in one sentence that names roles, codes, accounts and dates, and nobody."""

from datetime import date
from typing import Final, assert_never

from services.domain import calendar
from services.domain.event import Recorded
from services.domain.events import CareEvent, NeedEvent, ProtectionEvent
from services.domain.events.access import AccessEvent
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
from services.domain.events.allegation import AllegationEvent
from services.domain.events.correction import EventVoided
from services.domain.events.forgetting import ForgettingEvent
from services.domain.events.office import (
    ClosureDaysSet,
    OfficeEvent,
    PolicyAdopted,
    RungHolderAppointed,
    RungHolderStoodDown,
)
from services.domain.events.restriction import RestrictionEvent
from services.domain.events.viewing import ViewingEvent
from services.domain.sentences import access, allegation, care, forgetting, need, protection, viewing
from services.domain.sentences.words import day, words

PARTNERSHIP_SINCE: Final = date(2019, 9, 29)  # the LSCB gave way to the safeguarding partnership

_RUNGS: Final = {
    Rung.TEAM_MANAGER: "the Team Manager",
    Rung.SERVICE_MANAGER: "the Service Manager",
    Rung.HEAD_OF_SERVICE: "the Head of Service",
    Rung.DIRECTOR_OF_CHILDRENS_SERVICES: "the Director of Children's Services",
    Rung.LSCB_CHAIR: "the Chair of the LSCB",
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
    NotificationKind.DIGEST: "what is due",
    NotificationKind.BREAK_GLASS: "that a restricted case was opened",
}


def sentence(record: Recorded) -> str:
    """One sentence, capital to full stop."""
    event = record.event
    if isinstance(event, NeedEvent):
        return need.sentence(event)
    if isinstance(event, ProtectionEvent):
        return protection.sentence(event)
    if isinstance(event, CareEvent):
        return care.sentence(event)
    if isinstance(event, AllegationEvent):
        return allegation.sentence(event)
    if isinstance(event, ForgettingEvent):
        return forgetting.sentence(event)
    if isinstance(event, AlertEvent):
        return _of_alert(record, event)
    if isinstance(event, ViewingEvent):
        return viewing.sentence(event)
    if isinstance(event, AccessEvent | RestrictionEvent):
        return access.sentence(event)
    return _of_office(event)


def _of_office(event: OfficeEvent | GoodPracticeRecorded | EventVoided) -> str:
    match event:
        case EventVoided():
            return "An earlier event was voided: it had been recorded in error."
        case GoodPracticeRecorded():
            return "Good practice was recorded."
        case RungHolderAppointed(rung=rung, holder=holder):
            return f"{holder} was appointed {words(rung)}."
        case RungHolderStoodDown(rung=rung, holder=holder):
            return f"{holder} stood down as {words(rung)}."
        case ClosureDaysSet(dates=dates):
            return f"The authority's closure days were set: {len(dates)} of them."
        case PolicyAdopted(name=name, version=version):
            return f"The policy {words(name)} was adopted as version {version}."
        case _:
            assert_never(event)


def rung_title(rung: Rung | None, on: date) -> str:
    """The rung as people called it on the London date `on`, with its article."""
    if rung is Rung.LSCB_CHAIR and on >= PARTNERSHIP_SINCE:
        return "the chair of the safeguarding partnership"
    return _RUNGS[rung] if rung else "nobody in particular"


def _of_alert(record: Recorded, event: AlertEvent) -> str:
    on = calendar.london_date(record.recordedat)
    match event:
        case InformalResolutionAttempted(with_role=role):
            return f"An informal resolution was attempted{f' with the {words(role)}' if role else ''}."
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
            return f"CAFCASS answered: {words(outcome)}."
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
    due = f"; {_RUNGS[Rung.TEAM_MANAGER]} is to answer by {day(event.due_on)}" if event.due_on else ""
    return f"A practice alert was raised on {day(on)} for {words(event.issue_code)}{repeat}{due}."


def _escalated(event: EscalationEvent, on: date) -> str:
    due = f"; an answer is due by {day(event.due_on)}" if event.due_on else ""
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
    return f" by {words(event.channel)}" if event.channel else ""


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
