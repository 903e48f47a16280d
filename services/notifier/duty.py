"""What is to be done about one alert: events to append, messages to send, and when to look again.

Pure: the same alert, office, instant and calendar always call for the same, under the same ids. So doing
it twice, by two notifiers or after a crash, changes nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from services.domain import calendar, ladder
from services.domain.alert import Alert
from services.domain.calendar import Calendar
from services.domain.events.alert import (
    LadderExhausted,
    NotificationFailed,
    NotificationKind,
    Rung,
    StatutoryCapReached,
)
from services.domain.events.office import OfficeRole
from services.domain.ladder import Climb, Exhaust, ReachCap, Tell
from services.domain.office import Appointment, Office
from services.notifier import addresses

NO_HOLDER = "NO_HOLDER"
NO_ADDRESS = "NO_ADDRESS"

LEFT_TO_THE_FIRST = frozenset({NotificationKind.REMINDER, NotificationKind.CAP, NotificationKind.RESOLVED})
"""Of a vacant rung it is said once that nobody could be told, not again at each of these."""


class Post(Struct, frozen=True, kw_only=True):
    """An event to append to the alert's case."""

    id: str
    type: str
    data: dict[str, Any]


class Letter(Struct, frozen=True, kw_only=True):
    """One message on one channel of one holder."""

    notification_id: str
    channel: str
    kind: NotificationKind
    rung: Rung
    holder: str


class Duty(Struct, frozen=True, kw_only=True):
    """What is due now. `called_for` names every notification that still has its point, those told too."""

    posts: tuple[Post, ...]
    letters: tuple[Letter, ...]
    called_for: frozenset[str]
    next_at: datetime | None


class Matter(Struct, frozen=True, kw_only=True):
    """One alert, and what bears on who is told of it; `nobody` are notifications known to reach nobody."""

    alert: Alert
    nobody: frozenset[str]
    office: Office
    today: date


def duty(matter: Matter, now: datetime, days: Calendar) -> Duty:
    """Say what is due of an alert at `now`. Raises `BeyondCalendar`.

    While the alert is about to climb nobody is told anything: what the rung that it leaves would be told has
    lost its point, and what the next one is told depends on dates that the ledger sets.
    """
    agenda = ladder.agenda(matter.alert, now, days)
    tells = [action for action in agenda.due if isinstance(action, Tell)]
    posts = [_post(matter, action) for action in agenda.due if not isinstance(action, Tell)]
    climbing = any(isinstance(action, Climb | Exhaust) for action in agenda.due)
    letters, failures = _sorted([] if climbing else _told(matter, tells))
    return Duty(
        posts=(*posts, *failures),
        letters=tuple(each for each in letters if each.notification_id not in matter.alert.told),
        called_for=frozenset(each.notification_id for each in letters),
        next_at=_earliest([agenda.next_at, _next_change(matter)]),
    )


def attempt_id(notification_id: str, channel: str, attempt: int) -> str:
    """The id of the event that says what became of an attempt."""
    return str(uuid5(UUID(notification_id), f"{channel} {attempt}"))


def _post(matter: Matter, action: Climb | Exhaust | ReachCap) -> Post:
    data: dict[str, Any] = {"alert_id": matter.alert.alert_id}
    match action:
        case Climb(to=to, trigger=trigger):
            data["trigger"] = trigger
            return Post(id=action.event_id, type=ladder.ESCALATIONS[to].TYPE, data=data)
        case Exhaust():
            return Post(id=action.event_id, type=LadderExhausted.TYPE, data=data)
        case ReachCap():
            return Post(id=action.event_id, type=StatutoryCapReached.TYPE, data=data)


def _told(matter: Matter, tells: Iterable[Tell]) -> Iterator[Letter | Post]:
    for tell in tells:
        holder = _audience(matter, tell)
        if holder and addresses.channels_of(holder):
            if not _came_later(tell, holder):
                yield from _letters(matter, tell, holder)
        elif tell.audience != "RUNG" or tell.kind not in LEFT_TO_THE_FIRST:
            yield from _nobody(matter, tell, holder)
            if tell.kind is NotificationKind.RUNG_TOLD:
                yield from _vacancy(matter, tell)


def _audience(matter: Matter, tell: Tell) -> Appointment | None:
    alert, office = matter.alert, matter.office
    day = calendar.london_date(alert.closed_at) if alert.closed_at else matter.today
    match tell.audience:
        case "RUNG":
            return office.holder(OfficeRole(tell.rung), day)
        case "DIRECTOR":
            return office.holder(OfficeRole.DIRECTOR_OF_CHILDRENS_SERVICES, day)
        case "RAISER":
            return office.person(alert.raised_by, day) if alert.raised_by else None


def _came_later(tell: Tell, holder: Appointment) -> bool:
    """Whether a reminder belongs to a day on which somebody else held the rung."""
    return tell.kind is NotificationKind.REMINDER and date.fromisoformat(tell.occasion) < holder.first


def _letters(matter: Matter, tell: Tell, holder: Appointment) -> Iterator[Letter]:
    for channel in addresses.channels_of(holder):
        yield Letter(
            notification_id=ladder.notification_id(matter.alert, tell, holder.holder),
            channel=channel,
            kind=tell.kind,
            rung=tell.rung,
            holder=holder.holder,
        )


def _nobody(matter: Matter, tell: Tell, holder: Appointment | None) -> Iterator[Post]:
    """Say once, in the ledger, that there was nobody to tell, or no way to."""
    person = holder.holder if holder else matter.alert.raised_by if tell.audience == "RAISER" else None
    notification_id = ladder.notification_id(matter.alert, tell, person or "")
    if notification_id in matter.nobody:
        return
    data: dict[str, Any] = {
        "alert_id": matter.alert.alert_id,
        "notification_id": notification_id,
        "kind": tell.kind,
        "rung": Rung.DIRECTOR_OF_CHILDRENS_SERVICES if tell.audience == "DIRECTOR" else tell.rung,
        "error": NO_ADDRESS if holder or tell.audience == "RAISER" else NO_HOLDER,
    }
    if person:
        data["holder"] = person
    yield Post(id=attempt_id(notification_id, "", 1), type=NotificationFailed.TYPE, data=data)


def _vacancy(matter: Matter, tell: Tell) -> Iterator[Letter]:
    """Tell the next rung's holder, or whoever is reached above, and the raiser that nobody could be told."""
    vacant = Tell(kind=NotificationKind.RUNG_VACANT, audience="RUNG", rung=tell.rung, occasion=tell.occasion)
    higher = ladder.RUNGS[ladder.RUNGS.index(tell.rung) + 1 :] or (Rung.DIRECTOR_OF_CHILDRENS_SERVICES,)
    holders = (matter.office.holder(OfficeRole(rung), matter.today) for rung in higher)
    next_up = next((each for each in holders if each and addresses.channels_of(each)), None)
    raiser = _audience(matter, replace(tell, audience="RAISER"))
    if next_up:
        yield from _letters(matter, vacant, next_up)
    if raiser:
        yield from _letters(matter, replace(vacant, audience="RAISER"), raiser)


def _sorted(told: Iterable[Letter | Post]) -> tuple[list[Letter], list[Post]]:
    """Letters and failures apart; somebody who is told the same as two audiences is told once."""
    letters: dict[tuple[str, str, str], Letter] = {}
    failures: list[Post] = []
    for each in told:
        if isinstance(each, Post):
            failures.append(each)
        else:
            letters.setdefault((each.kind, each.holder, each.channel), each)
    return list(letters.values()), failures


def _next_change(matter: Matter) -> datetime | None:
    """The next London midnight at which the rung that is due to answer gets, or loses, a holder."""
    if matter.alert.rung is None or not matter.alert.window_open:
        return None
    role = OfficeRole(matter.alert.rung)
    turns = (
        day
        for each in matter.office.appointments
        if each.role is role
        for day in (each.first, each.until)
        if day and day > matter.today
    )
    return min(map(calendar.london_midnight, turns), default=None)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((each for each in instants if each), default=None)
