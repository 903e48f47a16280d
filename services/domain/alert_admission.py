"""Admit or refuse an event of a practice alert: the ladder never goes down, and nobody answers for another.

The ladder decides its own dates. What a client leaves out, the ledger sets; what a client gives and the
ledger would have set otherwise (a ladder that was climbed on paper, typed in later) is kept and flagged.
"""

from datetime import date, datetime
from typing import assert_never

from msgspec.structs import replace

from services.domain import calendar, ladder
from services.domain.alert import CLOSED, Alert, AlertState
from services.domain.calendar import Calendar
from services.domain.case import Case, walk
from services.domain.event import Submission
from services.domain.events.alert import (
    AlertEvent,
    CafcassOutcomeReceived,
    CafcassReferralMade,
    Escalation,
    EscalationEvent,
    InformalResolutionAttempted,
    IssueCode,
    LadderExhausted,
    Notification,
    PracticeAlertAcknowledged,
    PracticeAlertRaised,
    PracticeAlertResolved,
    PracticeAlertWithdrawn,
    ResponseAccepted,
    ResponseReceived,
    ResponseRejected,
    Rung,
    StatutoryCapReached,
    Trigger,
)
from services.domain.verdict import Admitted, Refused

REPEAT = "repeat"
RUNG_PASSED = "rung_passed"
NO_ANSWER_DUE = "no_answer_due"
OUT_OF_TIME = "out_of_time"
AFTER_RAISING = "after_raising"
AFTER_CLOSING = "after_closing"
DELAYED = "delayed_by_system"
DATES_DIFFER = "dates_differ"


def admit(
    case: Case, submission: Submission, event: AlertEvent, now: datetime, days: Calendar
) -> Admitted | Refused:
    """Say whether `event` can be true of its alert. Raises `BeyondCalendar`."""
    alert = case.alerts.get(event.alert_id)
    match event:
        case InformalResolutionAttempted():
            raised_before = alert is not None and alert.state is not AlertState.INFORMAL
            return Admitted(event, (AFTER_RAISING,) if raised_before else ())
        case PracticeAlertRaised():
            return _raise(case, alert, event, now, days)
    if alert is None:
        return Refused("no_such_alert", "This case has no alert of that id.", "/data/alert_id")
    return _admit_step(alert, submission, event, now, days)


def _admit_step(
    alert: Alert, submission: Submission, event: AlertEvent, now: datetime, days: Calendar
) -> Admitted | Refused:
    match event:
        case Notification():
            return Admitted(event)
        case CafcassReferralMade():
            return _unless_closed(alert, event)
        case CafcassOutcomeReceived():
            if alert.cafcass_open:
                return Admitted(event)
            return Refused("no_cafcass_referral", "No referral to CAFCASS is open.", "/data/alert_id")
        case ResponseReceived() if alert.state is not AlertState.INFORMAL:
            return _respond(alert, event, submission.time or now)
        case PracticeAlertAcknowledged() if alert.state in CLOSED:
            return Admitted(event, (AFTER_CLOSING,))
    if not alert.is_open:
        return Refused("alert_not_open", f"The alert is {alert.state}.", "/data/alert_id")
    match event:
        case ResponseAccepted(by=by) | ResponseRejected(by=by):
            return _decide(alert, event, by, submission.person)
        case Escalation():
            return _escalate(alert, event, now, days)
        case LadderExhausted():
            return _exhaust(alert, event, now)
        case StatutoryCapReached():
            return _reach_cap(alert, event, now)
        case PracticeAlertWithdrawn(by=by):
            return _withdraw(alert, event, by or submission.author, submission.person)
        case PracticeAlertResolved():
            return Admitted(replace(event, at_rung=event.at_rung or alert.rung))
        case PracticeAlertAcknowledged():
            return Admitted(event)
        case InformalResolutionAttempted() | PracticeAlertRaised() | ResponseReceived():
            raise AssertionError(event)  # judged before, in whatever state the alert is
        case _:
            assert_never(event)


def _raise(
    case: Case, alert: Alert | None, event: PracticeAlertRaised, now: datetime, days: Calendar
) -> Admitted | Refused:
    if alert and alert.state is not AlertState.INFORMAL:
        return Refused("already_raised", "An alert is raised once.", "/data/alert_id")
    if _raised_in_error(case, event.alert_id):
        return Refused("alert_was_voided", "Raise it under an id of its own.", "/data/alert_id")
    if event.repeat_of == event.alert_id:
        return Refused("repeats_itself", "An alert repeats another one.", "/data/repeat_of")
    window = ladder.open_window(calendar.london_date(now), days)
    day0 = event.day0 or window.day0
    set_here = replace(
        event,
        day0=day0,
        due_on=event.due_on or ladder.open_window(day0, days).due_on,
        cap_on=event.cap_on or ladder.cap_date(day0, days),
        calendar_version=event.calendar_version or days.version,
        repeat_of=event.repeat_of or _repeated(case, event.alert_id, event.issue_code, now),
    )
    ends = {"/data/due_on": set_here.due_on, "/data/cap_on": set_here.cap_on}
    if refusal := _unusable(set_here.day0, ends, days):
        return refusal
    differs = (set_here.day0, set_here.due_on) != (window.day0, window.due_on)
    flags = ((REPEAT,) if set_here.repeat_of else ()) + ((DATES_DIFFER,) if differs else ())
    return Admitted(set_here, flags)


def _unusable(day0: date | None, ends: dict[str, date | None], days: Calendar) -> Refused | None:
    """Why nothing could be counted with dates that a client gave. Raises `BeyondCalendar`."""
    if day0:
        ladder.open_window(day0, days)
    for at, end in ends.items():
        if day0 and end and end < day0:
            return Refused("ends_before_it_begins", f"It begins on {day0}.", at)
        if end:
            calendar.is_working_day(end, days)
    return None


def _raised_in_error(case: Case, alert_id: str) -> bool:
    """Whether an alert of that id was raised and voided: what the ladder appended of it used its ids up."""
    return any(
        record.caseversion in case.voided
        and isinstance(record.event, PracticeAlertRaised)
        and record.event.alert_id == alert_id
        for record in (walk(case.last) if case.voided else ())
    )


def _repeated(case: Case, alert_id: str, issue_code: IssueCode, now: datetime) -> str | None:
    """The latest alert on the same case for the same issue, raised within the last 12 months."""
    since = calendar.add_months(calendar.london_date(now), -ladder.REPEAT_MONTHS)
    earlier = [
        (alert.raised_on, alert.alert_id)
        for alert in case.alerts.values()
        if alert.alert_id != alert_id
        and alert.issue_code is issue_code
        and alert.raised_on
        and alert.raised_on >= since
    ]
    return max(earlier)[1] if earlier else None


def _respond(alert: Alert, event: ResponseReceived, answered: datetime) -> Admitted | Refused:
    """An answer comes from a rung that was asked; one that stops no window is kept, and flagged."""
    if alert.rung and ladder.is_above(event.rung, alert.rung):
        return Refused(
            "rung_not_reached", f"The alert is at {alert.rung}: {event.rung} was not asked.", "/data/rung"
        )
    if event.rung is not alert.rung:
        return Admitted(event, (RUNG_PASSED,))
    if not alert.window_open and alert.state is not AlertState.EXHAUSTED:
        return Admitted(event, (AFTER_CLOSING if alert.state in CLOSED else NO_ANSWER_DUE,))
    return Admitted(event, (OUT_OF_TIME,) if _is_over(alert, answered) else ())


def _decide(
    alert: Alert, event: ResponseAccepted | ResponseRejected, by: str, person: str | None
) -> Admitted | Refused:
    if alert.state is not AlertState.AWAITING_IRO or alert.response is None:
        return Refused("no_response_to_decide_on", f"The alert is {alert.state}.", "/data/alert_id")
    responders = {alert.response.responder, alert.response.author}
    for who, at in ((by, "/data/by"), (person, "/actor")):
        if who and who in responders:
            verb = "accept" if isinstance(event, ResponseAccepted) else "reject"
            return Refused(f"responder_may_not_{verb}", f"`{who}` wrote it.", at)
    return Admitted(event)


def _escalate(alert: Alert, event: EscalationEvent, now: datetime, days: Calendar) -> Admitted | Refused:
    rung, due_on = alert.rung, alert.due_on
    if rung is None or due_on is None or not ladder.is_above(event.TO, rung):
        return Refused("ladder_never_goes_down", f"The alert is at {rung} already.", "/type")
    if refusal := _mistriggered(alert, rung, event, now):
        return refusal
    window = ladder.next_window(due_on, event.trigger, calendar.london_date(now), days)
    day0 = event.day0 or window.day0
    set_here = replace(
        event,
        from_rung=rung,
        skipped_rungs=ladder.between(rung, event.TO),
        day0=day0,
        due_on=event.due_on or ladder.open_window(day0, days).due_on,
        calendar_version=event.calendar_version or days.version,
    )
    if refusal := _unusable(set_here.day0, {"/data/due_on": set_here.due_on}, days):
        return refusal
    differs = (set_here.day0, set_here.due_on) != (window.day0, window.due_on)
    flags = ((DELAYED,) if window.delayed else ()) + ((DATES_DIFFER,) if differs else ())
    return Admitted(set_here, flags)


def _mistriggered(alert: Alert, rung: Rung, event: EscalationEvent, now: datetime) -> Refused | None:
    """Why the escalation's trigger cannot have been: the ladder passes nobody over unless bypassed."""
    if event.from_rung not in {None, rung}:
        return Refused(
            "rung_left_before", f"The alert is at {rung}, not {event.from_rung}.", "/data/from_rung"
        )
    skipped = ladder.between(rung, event.TO)
    if event.skipped_rungs and event.skipped_rungs != skipped:
        return Refused("skipped_rungs_differ", f"Between them: {', '.join(skipped)}.", "/data/skipped_rungs")
    if event.trigger is Trigger.IRO_BYPASS:
        return None
    if skipped:
        return Refused("rung_passed_over", f"Next is {ladder.above(rung)}; a bypass says so.", "/type")
    if event.trigger is Trigger.RESPONSE_REJECTED and alert.state is not AlertState.REJECTED:
        return Refused("no_response_rejected", f"The alert is {alert.state}.", "/data/trigger")
    if event.trigger is Trigger.WINDOW_EXPIRED and not _window_expired(alert, now):
        return Refused("window_not_expired", f"Due on {alert.due_on}; {alert.state}.", "/data/trigger")
    return None


def _window_expired(alert: Alert, now: datetime) -> bool:
    return alert.window_open and _is_over(alert, now)


def _is_over(alert: Alert, instant: datetime) -> bool:
    return alert.due_on is not None and instant >= ladder.expiry(alert.due_on)


def _exhaust(alert: Alert, event: LadderExhausted, now: datetime) -> Admitted | Refused:
    rejected = alert.state is AlertState.REJECTED
    if alert.rung is not ladder.TOP or not (rejected or _window_expired(alert, now)):
        return Refused("ladder_not_exhausted", f"{alert.state}, due on {alert.due_on}.", "/data/alert_id")
    return Admitted(replace(event, due_on=event.due_on or alert.due_on))


def _reach_cap(alert: Alert, event: StatutoryCapReached, now: datetime) -> Admitted | Refused:
    if alert.cap_on is None or now < ladder.expiry(alert.cap_on):
        return Refused("cap_not_reached", f"The cap is the end of {alert.cap_on}.", "/data/alert_id")
    return Admitted(replace(event, cap_on=event.cap_on or alert.cap_on))


def _withdraw(
    alert: Alert, event: PracticeAlertWithdrawn, by: str | None, person: str | None
) -> Admitted | Refused:
    """Whoever is known to post it is the raiser too: nobody withdraws in another's name."""
    for who, at in ((by, "/data/by"), (person or by, "/actor")):
        if alert.raised_by and who != alert.raised_by:
            return Refused("only_the_raiser_withdraws", f"`{alert.raised_by}` raised it.", at)
    return Admitted(event)


def _unless_closed(alert: Alert, event: CafcassReferralMade) -> Admitted | Refused:
    if alert.is_open or alert.state is AlertState.INFORMAL:
        return Admitted(event)
    return Refused("alert_not_open", f"The alert is {alert.state}.", "/data/alert_id")
