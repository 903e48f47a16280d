"""Who is told on a morning what is due, and by which letters: those who hold a team, or a rung.

Pure: the same office and day always name the same people, under the same ids.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from services.domain import calendar, ladder
from services.domain.calendar import Calendar
from services.domain.events.alert import NotificationFailed, NotificationKind, Rung
from services.domain.events.office import OfficeRole
from services.domain.office import Appointment, Office
from services.notifier import addresses
from services.notifier.duty import NO_ADDRESS, Letter, Post, attempt_id

RUNGS: Final = (
    Rung.TEAM_MANAGER,
    Rung.SERVICE_MANAGER,
    Rung.HEAD_OF_SERVICE,
    Rung.DIRECTOR_OF_CHILDRENS_SERVICES,
)
"""Lowest first. The chair is no officer of the authority: its deadlines are not theirs to keep."""

_DIGEST_IDS: Final = UUID(
    "1f9b6f0c-94a3-5f0e-8d0b-6c2b7a51f3de"
)  # names every id derived here; never changes

Teams = tuple[str, ...] | None
"""The teams that somebody holds, in order of their names; `None` are all, and the cases that no team has."""


class Reader(Struct, frozen=True, kw_only=True):
    """Somebody who is told, once a morning, however much they hold: by the channels of their highest rung."""

    holder: str
    rung: Rung
    teams: Teams
    channels: tuple[str, ...]


def readers(office: Office, day: date) -> list[Reader]:
    """Who is told on `day`: of several who were appointed to the same, the one appointed last."""
    held: dict[str, list[tuple[Rung, Appointment]]] = {}
    for rung in RUNGS:
        for appointment in office.holders(OfficeRole(rung), day):
            held.setdefault(appointment.holder, []).append((rung, appointment))
    return [_reader(holder, each) for holder, each in sorted(held.items())]


def next_morning(now: datetime, told_on: date | None, office: Office, days: Calendar) -> datetime | None:
    """When the next digests are due: 09:00 in London on a working day after `told_on`; today's may be past.

    `None` while nobody is appointed. Raises `BeyondCalendar`.
    """
    today = calendar.london_date(now)
    day = today if calendar.is_working_day(today, days) else calendar.add_working_days(today, 1, days)
    if told_on and day <= told_on:
        day = calendar.add_working_days(told_on, 1, days)
    if not any(_may_read(each, day) for each in office.appointments):
        return None
    return calendar.london_time(day, ladder.MORNING)


def notification_id(holder: str, day: date) -> str:
    """The id of somebody's digest of a day: the same for every notifier and every attempt."""
    return str(uuid5(_DIGEST_IDS, f"{day} {holder}"))


def letters(reader: Reader, day: date) -> list[Letter]:
    """The digest of a day, on each of the reader's channels."""
    return [
        Letter(
            notification_id=notification_id(reader.holder, day),
            channel=channel,
            kind=NotificationKind.DIGEST,
            rung=reader.rung,
            holder=reader.holder,
        )
        for channel in reader.channels
    ]


def not_reached(reader: Reader, day: date) -> Post:
    """What is recorded of a reader who has no channel."""
    told = notification_id(reader.holder, day)
    data = {
        "notification_id": told,
        "kind": NotificationKind.DIGEST,
        "rung": reader.rung,
        "holder": reader.holder,
        "error": NO_ADDRESS,
    }
    return Post(id=attempt_id(told, "", 1), type=NotificationFailed.TYPE, data=data)


def _reader(holder: str, held: list[tuple[Rung, Appointment]]) -> Reader:
    reached = [(rung, each) for rung, each in held if each.channels] or held
    rung, appointment = reached[-1]
    return Reader(
        holder=holder,
        rung=rung,
        teams=_teams(each for _, each in held),
        channels=tuple(addresses.channels_of(appointment)),
    )


def _teams(held: Iterable[Appointment]) -> Teams:
    teams = {each.team for each in held}
    return None if None in teams else tuple(sorted(team for team in teams if team))


def _may_read(appointment: Appointment, day: date) -> bool:
    return appointment.role in set(map(OfficeRole, RUNGS)) and (
        appointment.until is None or appointment.until > day
    )
