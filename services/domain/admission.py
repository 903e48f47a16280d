"""Admit or refuse one event against what is known: facts are admitted and flagged, not policed.

Refused is only what cannot be true, or would break the ladder; the refusal names the rule. What is late,
early or untidy is admitted with a flag. The ladder's dates are worked out here, once, and recorded.
"""

from datetime import date, datetime, timedelta
from typing import assert_never

from services.domain import alert_admission, calendar, fact_admission, forgetting_admission, keys, restriction
from services.domain.access import Access
from services.domain.calendar import BeyondCalendar, Calendar
from services.domain.case import Case, walk
from services.domain.event import Submission
from services.domain.events import AnyEvent, alert, is_fact
from services.domain.events.access import ApiKeyIssued, ApiKeyRevoked
from services.domain.events.alert import (
    OF_THE_OFFICE,
    AlertEvent,
    Escalation,
    GoodPracticeRecorded,
    LadderExhausted,
    Notification,
    NotificationFailed,
    NotificationSent,
    StatutoryCapReached,
)
from services.domain.events.correction import EventVoided
from services.domain.events.forgetting import ForgettingEvent
from services.domain.events.office import (
    ClosureDaysSet,
    PolicyAdopted,
    RungHolderAppointed,
    RungHolderStoodDown,
)
from services.domain.events.restriction import (
    RESTRICTION_TYPES,
    BreakGlassUsed,
    CaseRestricted,
    RestrictionLifted,
)
from services.domain.events.viewing import RecordViewed
from services.domain.office import Office
from services.domain.personal import fields_of
from services.domain.policy import may_post
from services.domain.principal import Principal
from services.domain.verdict import Admitted, Refused

CLOCK_TOLERANCE = timedelta(minutes=5)  # how far ahead a client's clock may run
A_DAY = timedelta(days=1)
NO_OFFICE = Office()  # with no policy of its own

LATE = "late_entry"
CALENDAR_UNKNOWN = "calendar_unknown"

LADDER_STEPS = (Escalation, LadderExhausted, StatutoryCapReached, NotificationSent, NotificationFailed)


def admit(
    state: Case | Office | Access,
    submission: Submission,
    now: datetime,
    days: Calendar,
    office: Office = NO_OFFICE,
) -> Admitted | Refused:
    """Say whether the event can be true of what is known, and what about it deserves a flag.

    `now` is the instant of recording (UTC); `office` has the authority's policies. Pure: the same arguments
    give the same answer.
    """
    if submission.time and submission.time > now + CLOCK_TOLERANCE:
        times = f"{submission.time.isoformat()} is more than five minutes after {now.isoformat()}"
        return Refused("time_in_the_future", f"{times}, the time here.", "/time")
    try:
        verdict = _admit_event(state, submission, now, days, office)
    except BeyondCalendar as error:
        return Refused("beyond_the_calendar", str(error), "/data")
    if isinstance(verdict, Refused):
        return verdict
    late = _lateness(submission.time or now, now, days)
    return Admitted(verdict.event, (*late, *verdict.flags))


def _admit_event(
    state: Case | Office | Access, submission: Submission, now: datetime, days: Calendar, office: Office
) -> Admitted | Refused:
    match state:
        case Case():
            return _admit_to_case(state, submission, now, days, office)
        case Office():
            return _admit_to_office(state, submission.event, submission.time or now, now)
        case Access():
            return _admit_to_access_log(state, submission.event)


def _admit_to_case(
    case: Case, submission: Submission, now: datetime, days: Calendar, office: Office
) -> Admitted | Refused:
    event = submission.event
    if refusal := _from_the_future(event, now) or forgetting_admission.refuse_personal(case, event):
        return refusal
    if is_fact(event):
        return fact_admission.admit(case.facts, submission, event, now, days)
    if isinstance(event, Notification) and event.kind in OF_THE_OFFICE:
        return _belongs_to_the_office(event)
    if isinstance(event, AlertEvent):
        return alert_admission.admit(case, submission, event, now, days)
    if isinstance(event, ForgettingEvent):
        return forgetting_admission.admit(case, submission, event, now, office)
    match event:
        case GoodPracticeRecorded():
            return Admitted(event)
        case EventVoided():
            return _admit_void(case, event, submission.poster)
        case RungHolderAppointed() | RungHolderStoodDown() | ClosureDaysSet() | PolicyAdopted():
            return _belongs_to_the_office(event)
        case ApiKeyIssued() | ApiKeyRevoked():
            return _belongs_to_the_office(event)
        case CaseRestricted() | RestrictionLifted() | BreakGlassUsed():
            return restriction.admit(case.restriction, submission, event, now)
        case RecordViewed():
            return _belongs_to_an_access_log(event)
        case _:
            assert_never(event)


def _belongs_to_the_office(event: AnyEvent) -> Refused:
    return Refused("belongs_to_the_office", f"Post `{event.TYPE}` to /v1/office/events.", "/type")


def _admit_to_office(
    office: Office, event: AnyEvent, happened: datetime, now: datetime
) -> Admitted | Refused:
    match event:
        case RungHolderAppointed(from_=from_, until=until):
            first = from_ or calendar.london_date(happened)
            if until and until <= first:
                return Refused("ends_before_it_begins", f"It begins on {first}.", "/data/until")
            return Admitted(event, (keys.CLIENT_IS_HOLDER,) if office.keys_of(event.holder, now) else ())
        case RungHolderStoodDown(rung=rung, holder=holder):
            if any(each.role is rung and each.holder == holder for each in office.appointments):
                return Admitted(event)
            return Refused("not_appointed", f"`{holder}` was never appointed to {rung}.", "/data/holder")
        case ClosureDaysSet() | PolicyAdopted():
            return Admitted(event)
        case ApiKeyIssued() | ApiKeyRevoked():
            return keys.admit(office, event, now)
        case Notification(kind=kind, alert_id=alert.NO_ALERT) if kind in OF_THE_OFFICE:
            return Admitted(event)
        case EventVoided(target_event_id=target):
            found = office.recorded.count(target)
            if found == 1:
                return Admitted(event)
            rule = "ambiguous_event" if found else "no_such_event"
            reason = f"{found or 'No'} events of the office have the id `{target}`."
            return Refused(rule, reason, "/data/target_event_id")
        case RecordViewed():
            return _belongs_to_an_access_log(event)
        case _:
            return Refused("belongs_to_a_case", f"Post `{event.TYPE}` to /v1/cases/….", "/type")


def _admit_to_access_log(access: Access, event: AnyEvent) -> Admitted | Refused:
    if isinstance(event, RecordViewed) and event.case_id == access.case_id:
        return Admitted(event)
    return Refused("only_looks", f"`{event.TYPE}` is no look at this case.", "/type")


def _belongs_to_an_access_log(event: AnyEvent) -> Refused:
    reason = f"`{event.TYPE}` is recorded by the ledger itself, when it shows what is sealed."
    return Refused("belongs_to_an_access_log", reason, "/type")


def _from_the_future(event: AnyEvent, now: datetime) -> Refused | None:
    """Why what an event says of its own dates cannot have been yet."""
    soon = now + CLOCK_TOLERANCE
    today = calendar.london_date(soon)
    for name in event.PAST:
        match getattr(event, name):
            case datetime() as at if at > soon:
                return _not_yet(event, name, at)
            case date() as on if not isinstance(on, datetime) and on > today:
                return _not_yet(event, name, on)
    return None


def _not_yet(event: AnyEvent, name: str, day: date) -> Refused:
    field = name.rstrip("_")
    # No answer repeats what is personal.
    said = "What it says" if field in fields_of(type(event)) else str(day)
    return Refused("date_in_the_future", f"{said} has not come yet.", f"/data/{field}")


def _admit_void(case: Case, event: EventVoided, poster: Principal | None) -> Admitted | Refused:
    at = "/data/target_event_id"
    targets = [record for record in walk(case.last) if record.id == event.target_event_id]
    if not targets:
        return Refused("no_such_event", "This case has no event of that id.", at)
    if len(targets) > 1:
        return Refused("ambiguous_event", "Two sources used that id in this case.", at)
    if isinstance(targets[0].event, EventVoided):
        return Refused("voiding_a_void", "Record the fact again instead.", at)
    if isinstance(targets[0].event, LADDER_STEPS):
        return Refused("ladder_never_goes_down", "A step of the ladder stands.", at)
    if refusal := forgetting_admission.refuse_void(targets[0]):
        return refusal
    if targets[0].event.TYPE in RESTRICTION_TYPES:
        return Refused("access_is_not_voided", "Lift the restriction, or restrict the case anew.", at)
    if poster and not may_post(poster, targets[0].event.TYPE):
        # Else a team could take back the alert that was raised about it.
        return Refused("not_yours_to_void", "Have it voided by somebody who may post such an event.", at)
    if targets[0].caseversion in case.voided:
        return Refused("already_voided", "That event was voided before.", at)
    return Admitted(event)


def _lateness(happened: datetime, now: datetime, days: Calendar) -> tuple[str, ...]:
    """Whether an event was recorded more than one working day after it happened."""
    if now - happened < A_DAY:
        return ()
    day, today = calendar.london_date(happened), calendar.london_date(now)
    if day < days.first_day:
        return (LATE,)
    try:
        return (LATE,) if today > calendar.add_working_days(day, 1, days) else ()
    except BeyondCalendar:
        return (CALENDAR_UNKNOWN,)
