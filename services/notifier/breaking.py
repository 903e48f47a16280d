"""Tell the data protection lead at once that somebody broke the glass of a restricted case.

Where nobody leads, the Director of Children's Services is told; where there is neither, the message fails and
says so in the ledger. Pure.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from services.domain import calendar
from services.domain.event import Recorded
from services.domain.events.office import OfficeRole
from services.domain.events.restriction import BreakGlassUsed
from services.domain.office import Office
from services.notifier import addresses

TOLD: Final = (OfficeRole.DATA_PROTECTION_LEAD, OfficeRole.DIRECTOR_OF_CHILDRENS_SERVICES)
BY_MAIL: Final = "EMAIL"
_IDS: Final = UUID("b3a2d5a0-5c1b-5d55-9c43-61f0f4a1c8ee")  # names every id derived here; never changes


class Breaking(Struct, frozen=True, kw_only=True):
    """What is said: the event at `position` opened a case for `by`, from `at` until `until`."""

    position: int
    by: str
    purpose: str
    at: datetime
    until: datetime


class Letter(Struct, frozen=True, kw_only=True):
    """One message on one channel of one holder."""

    notification_id: str
    channel: str
    holder: str
    said: Breaking


def letters(records: Iterable[Recorded], office: Office) -> list[Letter]:
    """Whom to tell of every breaking among some events, on each of their channels."""
    return [each for record in records for each in _of(record, office)]


def _of(record: Recorded, office: Office) -> list[Letter]:
    event = record.event
    if not isinstance(event, BreakGlassUsed) or event.by is None or event.until is None:
        return []
    said = Breaking(
        position=record.position, by=event.by, purpose=event.purpose, at=record.recordedat, until=event.until
    )
    notification_id = str(uuid5(_IDS, f"{record.source} {record.id}"))
    holder, channels = _reached(office, record.recordedat)
    return [
        Letter(notification_id=notification_id, channel=channel, holder=holder, said=said)
        for channel in channels
    ]


def _reached(office: Office, at: datetime) -> tuple[str, list[str]]:
    """The account that is told, and its channels; where there is none, one that fails, which is recorded."""
    holders = (office.holder(role, calendar.london_date(at)) for role in TOLD)
    for holder in holders:
        if holder and (channels := addresses.channels_of(holder)):
            return holder.holder, list(channels)
    return TOLD[0], [BY_MAIL]
