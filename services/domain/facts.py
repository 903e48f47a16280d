"""The facts of a case as a set: what they come to depends on what they say, never on who typed first.

A fact is one event that stands. Two accounts of the same object (the same plan made, the same review held)
are one fact: the account of what happened later counts, by its `time`, then by its id. So any order of
recording the same events gives the same set.
"""

from bisect import insort
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar, cast

from msgspec import Struct, field

from services.domain import calendar
from services.domain.event import Recorded
from services.domain.events.shape import Event

E = TypeVar("E", bound=Event)


class Fact(Struct, Generic[E], frozen=True):
    """One event that stands. `on` is the London date on which it happened, by its own account."""

    event: E
    on: date
    at: datetime
    told: tuple[datetime, str, str]
    """When it happened by the envelope, its id and its source: which of two accounts of one object counts."""

    @property
    def moment(self) -> tuple[date, datetime]:
        """When it happened: the day, and of what happened on one day the later by the envelope came later."""
        return self.on, self.told[0]

    @property
    def object_id(self) -> str | None:
        """The id of the object of which this is the one account."""
        event = self.event
        return getattr(event, event.OBJECT) if event.OBJECT else None

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from the other facts of its type."""
        object_id = self.object_id
        return ("", object_id) if object_id is not None else self.told[1:]


class Told(Struct, frozen=True):
    """The facts of one type: by key, and in the order in which they happened."""

    by_key: dict[tuple[str, ...], Fact[Any]]
    in_order: tuple[Fact[Any], ...]


_NOTHING: Final = Told({}, ())


class Facts(Struct, frozen=True):
    """Every fact of a case, by type."""

    by_type: dict[str, Told] = field(default_factory=dict)

    def of(self, kind: type[E]) -> tuple[Fact[E], ...]:
        """The facts of a type, in the order in which they happened."""
        return self.by_type.get(kind.TYPE, _NOTHING).in_order

    def about(self, kind: type[E], object_id: str) -> Fact[E] | None:
        """The one account of an object."""
        found = self.by_type.get(kind.TYPE, _NOTHING).by_key.get(("", object_id))
        return cast("Fact[E] | None", found)

    def has(self, *kinds: type[Event]) -> bool:
        """Whether there is a fact of one of these types."""
        return any(kind.TYPE in self.by_type for kind in kinds)


def fact(event: E, time: datetime, record_id: str = "", source: str = "") -> Fact[E]:
    """The fact that an event tells that happened at `time`, unless it says when itself."""
    own = getattr(event, event.PAST[0], None) if event.PAST else None
    at = own if isinstance(own, datetime) else time
    on = own if isinstance(own, date) and not isinstance(own, datetime) else calendar.london_date(at)
    return Fact(event, on, at, (time, record_id, source))


def tell(facts: Facts, new: Fact[Any]) -> Facts:
    """The facts with one account more."""
    name, key = new.event.TYPE, new.key
    own = facts.by_type.get(name, _NOTHING)
    known = own.by_key.get(key)
    if known is not None and known.told > new.told:
        return facts
    in_order = [each for each in own.in_order if each is not known]
    insort(in_order, new, key=_when)
    return Facts({**facts.by_type, name: Told({**own.by_key, key: new}, tuple(in_order))})


def gather(records: list[Recorded]) -> Facts:
    """The facts that many events tell: as telling one after the other, without the copies."""
    found: dict[str, dict[tuple[str, ...], Fact[Any]]] = {}
    for record in records:
        new = of_record(record)
        own = found.setdefault(new.event.TYPE, {})
        known = own.get(new.key)
        if known is None or known.told <= new.told:
            own[new.key] = new
    return Facts({name: Told(own, tuple(sorted(own.values(), key=_when))) for name, own in found.items()})


def of_record(record: Recorded) -> Fact[Any]:
    """The fact that a recorded event tells."""
    return fact(record.event, record.time, record.id, record.source)


def _when(each: Fact[Any]) -> tuple[date, tuple[datetime, str, str]]:
    return each.on, each.told
