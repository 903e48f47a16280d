"""Stand on any day of the past: choose the events of a case that an answer for that day is made of.

Two questions. `recorded_until`: what was known then? `occurred_until`: how was it then, as is known now?
Asked together: what was known by the one of what had happened by the other. Both bounds are inclusive. What
the chosen events come to is worked out by the same folds and views as ever: there is no second way.

A voiding never happened in the child's life: it corrects the record. So on the second axis it goes with what
it voids, however late it was made, and nothing that is known to be wrong is told as having been so.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct, json

from services.domain import calendar
from services.domain.errors import UnknownEventType
from services.domain.event import Recorded, decode
from services.domain.events.correction import EventVoided


class AsAt(Struct, frozen=True, kw_only=True):
    """Where somebody stands who asks: instants, or `None` for no bound."""

    recorded_until: datetime | None = None
    occurred_until: datetime | None = None

    @property
    def is_now(self) -> bool:
        """Whether nothing is asked of the past."""
        return self.recorded_until is None and self.occurred_until is None

    def moment(self, now: datetime) -> datetime:
        """The instant at which what was due is judged: the earlier bound, and never later than `now`."""
        return min(each for each in (self.recorded_until, self.occurred_until, now) if each is not None)


NOW = AsAt()


class _Marks(Struct, frozen=True, kw_only=True):
    """What decides whether an event is chosen."""

    id: str
    recordedat: datetime
    happened: datetime
    voids: str | None = None


class _Header(Struct, frozen=True):
    """What must be known of any document, be its type known or not."""

    id: str
    time: datetime
    recordedat: datetime


_headers = json.Decoder(_Header)


def happened(record: Recorded) -> datetime:
    """When an event happened: by its own date or instant if it has one, else by its `time`.

    A date of its own that is not that of `time` stands for its beginning in London.
    """
    own = getattr(record.event, record.event.PAST[0], None) if record.event.PAST else None
    if own is None:
        return record.time
    if isinstance(own, datetime):
        return own
    same_day = calendar.london_date(record.time) == own
    return record.time if same_day else calendar.london_midnight(own)


def choose(documents: Sequence[bytes | str], asked: AsAt) -> list[bool]:
    """Which of a case's documents, in the order of recording, are those that were asked for."""
    if asked.is_now:
        return [True] * len(documents)
    if asked.occurred_until is None:
        return [_known(_headers.decode(document), asked) for document in documents]
    return list(_choose([_marks(document) for document in documents], asked))


def _choose(history: Sequence[_Marks], asked: AsAt) -> Iterator[bool]:
    chosen: dict[str, bool] = {}
    for event in history:
        if not _known(event, asked):
            yield False
            continue
        is_chosen = asked.occurred_until is None or event.happened <= asked.occurred_until
        if event.voids is not None:
            is_chosen = chosen.get(event.voids, is_chosen)
        chosen[event.id] = is_chosen
        yield is_chosen


def _known(event: _Marks | _Header, asked: AsAt) -> bool:
    return asked.recorded_until is None or event.recordedat <= asked.recorded_until


def _marks(document: bytes | str) -> _Marks:
    """A document that this release cannot read happened when it says, and voids nothing."""
    try:
        record = decode(document)
    except (UnknownEventType, ValueError):
        header = _headers.decode(document)
        return _Marks(id=header.id, recordedat=header.recordedat, happened=header.time)
    voids = record.event.target_event_id if isinstance(record.event, EventVoided) else None
    return _Marks(id=record.id, recordedat=record.recordedat, happened=happened(record), voids=voids)
