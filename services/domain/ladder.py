"""The dispute-resolution ladder: its rungs, its windows, and what comes next.

Five rungs, five working days each, twenty in all before the statutory cap (IRO Handbook 6.2; annual report
2017-18, 10.1). `agenda` is the notifier's whole duty as a pure function: given an alert, an instant and
a calendar it says what is due, and when to look again.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from uuid import UUID, uuid5

from msgspec import Struct

from services.domain import calendar
from services.domain.alert import Alert, AlertState
from services.domain.calendar import Calendar
from services.domain.events.alert import (
    EscalatedToDirectorOfChildrensServices,
    EscalatedToHeadOfService,
    EscalatedToLscbChair,
    EscalatedToServiceManager,
    Escalation,
    NotificationKind,
    Rung,
    Trigger,
)

RESPONSE_WORKING_DAYS = 5
CAP_WORKING_DAYS = 20
REMINDER_WORKING_DAY = 3
DECISION_WORKING_DAYS = 5
REPEAT_MONTHS = 12
MORNING = time(9)  # London time at which reminders go out
AT_ONCE = datetime.min.replace(tzinfo=UTC)  # the moment of what falls due with the event that calls for it

RUNGS = tuple(Rung)
TOP = RUNGS[-1]
ESCALATIONS: dict[Rung, type[Escalation]] = {
    kind.TO: kind
    for kind in (
        EscalatedToServiceManager,
        EscalatedToHeadOfService,
        EscalatedToDirectorOfChildrensServices,
        EscalatedToLscbChair,
    )
}

_LADDER_IDS = UUID("6f1d5a52-6f0e-5d0c-9a54-0c1f3c1c8a11")  # names every id derived here; never changes

Audience = Literal["RUNG", "RAISER", "DIRECTOR"]
_RUNG_AND_RAISER: tuple[Audience, ...] = ("RUNG", "RAISER")


class Window(Struct, frozen=True, kw_only=True):
    """The days in which a rung is due to answer: London dates, in time through the end of `due_on`."""

    day0: date
    due_on: date
    delayed: bool = False


class Climb(Struct, frozen=True, kw_only=True):
    """Append the escalation to `to`; its id is the same whoever appends it, and however often."""

    event_id: str
    to: Rung
    trigger: Trigger


class Exhaust(Struct, frozen=True, kw_only=True):
    """Append `LadderExhausted`."""

    event_id: str


class ReachCap(Struct, frozen=True, kw_only=True):
    """Append `StatutoryCapReached`."""

    event_id: str


class Tell(Struct, frozen=True, kw_only=True):
    """Tell `audience`; `occasion` tells apart what is said more than once of one rung."""

    kind: NotificationKind
    audience: Audience
    rung: Rung
    occasion: str


Action = Climb | Exhaust | ReachCap | Tell


class Agenda(Struct, frozen=True, kw_only=True):
    """What is due now, in order, and the instant (UTC) at which more falls due if nothing else happens."""

    due: tuple[Action, ...]
    next_at: datetime | None


def above(rung: Rung) -> Rung | None:
    """The next rung up, or `None` at the top."""
    return None if rung is TOP else RUNGS[RUNGS.index(rung) + 1]


def between(lower: Rung, upper: Rung) -> tuple[Rung, ...]:
    """The rungs strictly between two."""
    return RUNGS[RUNGS.index(lower) + 1 : RUNGS.index(upper)]


def is_above(upper: Rung, lower: Rung) -> bool:
    """Whether `upper` stands higher than `lower`."""
    return RUNGS.index(upper) > RUNGS.index(lower)


def open_window(day0: date, days: Calendar) -> Window:
    """The window that counts from `day0`. Raises `BeyondCalendar`."""
    return Window(day0=day0, due_on=calendar.add_working_days(day0, RESPONSE_WORKING_DAYS, days))


def cap_date(day0: date, days: Calendar) -> date:
    """The last London date before the statutory cap is reached. Raises `BeyondCalendar`."""
    return calendar.add_working_days(day0, CAP_WORKING_DAYS, days)


def next_window(previous_due_on: date, trigger: Trigger, today: date, days: Calendar) -> Window:
    """The window of the rung that an alert climbs to on the London date `today`.

    After an expiry it counts from the previous due date, so that four rungs take exactly the statutory 20
    working days, unless a whole working day went by before the escalation could be recorded: nobody loses
    days that they were not told of. After a rejection or a bypass it counts from today.
    """
    if trigger is not Trigger.WINDOW_EXPIRED:
        return open_window(today, days)
    if calendar.whole_working_day_passed(previous_due_on, today, days):
        window = open_window(today, days)
        return Window(day0=window.day0, due_on=window.due_on, delayed=True)
    return open_window(previous_due_on, days)


def expiry(last_day: date) -> datetime:
    """The instant (UTC) at which a time that runs through `last_day` is over: the next London midnight."""
    return calendar.london_midnight(last_day + timedelta(days=1))


def event_id(alert: Alert, *parts: str) -> str:
    """The id of what the notifier appends for an alert: the same for two notifiers and after a crash.

    An alert's id is its own only within its case, an event's everywhere: so the case is part of it.
    """
    return _id_of("\0".join((alert.case_id, alert.alert_id, *parts)))


@lru_cache(maxsize=4096)
def _id_of(name: str) -> str:
    return str(uuid5(_LADDER_IDS, name))


def notification_id(alert: Alert, tell: Tell, holder: str) -> str:
    """The id of one message to one holder, the same at every attempt."""
    return event_id(alert, tell.kind, tell.rung, tell.occasion, tell.audience, holder)


def agenda(alert: Alert, now: datetime, days: Calendar) -> Agenda:
    """What `alert` calls for at `now`. Raises `BeyondCalendar`.

    What is due is stated again at every call until the alert's events say that it was done; the ids make
    doing it twice harmless. Of several messages of one kind to one audience only the last is due, and no
    reminder is due once the window that it speaks of is over.
    """
    moments = sorted(_moments(alert, now, days), key=lambda moment: moment[0])
    due = [action for at, action in moments if at <= now]
    over = any(isinstance(action, Climb | Exhaust) for action in due)
    last = {_subject(action): action for action in due}
    return Agenda(
        due=tuple(action for action in last.values() if not (over and _is_reminder(action))),
        next_at=next((at for at, _ in moments if at > now), None),
    )


def _subject(action: Action) -> object:
    return (action.kind, action.audience) if isinstance(action, Tell) else action


def _is_reminder(action: Action) -> bool:
    return isinstance(action, Tell) and action.kind is NotificationKind.REMINDER


def _moments(alert: Alert, now: datetime, days: Calendar) -> Iterator[tuple[datetime, Action]]:
    """Everything that the alert as it stands calls for, each with the instant at which it falls due."""
    rung = alert.rung
    if rung is None:
        return
    if alert.is_open and alert.cap_on:
        yield from _cap(alert, alert.cap_on)
    if alert.window_open and alert.day0 and alert.due_on:
        yield from _window(alert, rung, Window(day0=alert.day0, due_on=alert.due_on), days)
    if alert.state is AlertState.AWAITING_IRO and alert.response:
        yield from _decision(rung, alert.response.received_on, days)
    if alert.state is AlertState.REJECTED:
        yield AT_ONCE, _upwards(alert, rung, Trigger.RESPONSE_REJECTED)
    if alert.state is AlertState.EXHAUSTED and alert.exhausted_on:
        yield from _exhausted(rung, alert.exhausted_on, now, days)
    if not alert.is_open and alert.told:  # those who were told of it are told of its end
        for audience in _RUNG_AND_RAISER:
            occasion = str(alert.closed_at)  # it is closed again when its resolution was voided
            yield (
                AT_ONCE,
                Tell(kind=NotificationKind.RESOLVED, audience=audience, rung=rung, occasion=occasion),
            )


def _cap(alert: Alert, cap_on: date) -> Iterator[tuple[datetime, Action]]:
    if alert.cap_reached_at is None:
        yield expiry(cap_on), ReachCap(event_id=event_id(alert, "CAP"))
        return
    for audience in _RUNG_AND_RAISER:
        tell = Tell(kind=NotificationKind.CAP, audience=audience, rung=alert.cap_reached_at, occasion="cap")
        yield AT_ONCE, tell


def _window(alert: Alert, rung: Rung, window: Window, days: Calendar) -> Iterator[tuple[datetime, Action]]:
    yield (
        AT_ONCE,
        Tell(kind=NotificationKind.RUNG_TOLD, audience="RUNG", rung=rung, occasion=str(window.day0)),
    )
    for day in (calendar.add_working_days(window.day0, REMINDER_WORKING_DAY, days), window.due_on):
        reminder = Tell(kind=NotificationKind.REMINDER, audience="RUNG", rung=rung, occasion=str(day))
        yield calendar.london_time(day, MORNING), reminder
    yield expiry(window.due_on), _upwards(alert, rung, Trigger.WINDOW_EXPIRED)


def _decision(rung: Rung, received_on: date, days: Calendar) -> Iterator[tuple[datetime, Action]]:
    reminded_on = calendar.add_working_days(received_on, DECISION_WORKING_DAYS, days)
    for at, day in ((AT_ONCE, received_on), (calendar.london_time(reminded_on, MORNING), reminded_on)):
        yield at, Tell(kind=NotificationKind.IRO_TO_DECIDE, audience="RAISER", rung=rung, occasion=str(day))


def _exhausted(
    rung: Rung, exhausted_on: date, now: datetime, days: Calendar
) -> Iterator[tuple[datetime, Action]]:
    """The day of exhaustion, and the mornings of the working days around today that come after it."""
    today = calendar.london_date(now)
    latest = calendar.add_working_days(today + timedelta(days=1), -1, days)
    mornings = (calendar.add_working_days(latest, n, days) for n in (-1, 0, 1))
    moments = [(calendar.london_time(day, MORNING), day) for day in mornings if day > exhausted_on]
    for at, day in [(AT_ONCE, exhausted_on), *moments]:
        for audience in ("RAISER", "DIRECTOR"):
            yield at, Tell(kind=NotificationKind.EXHAUSTED, audience=audience, rung=rung, occasion=str(day))


def _upwards(alert: Alert, rung: Rung, trigger: Trigger) -> Climb | Exhaust:
    to = above(rung)
    if to is None:
        decided = str(alert.decided_at or "")  # the Chair may answer, and be rejected, more than once
        return Exhaust(event_id=event_id(alert, "EXHAUSTED", trigger, decided))
    return Climb(event_id=event_id(alert, to, trigger), to=to, trigger=trigger)
