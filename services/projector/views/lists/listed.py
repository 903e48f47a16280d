"""What a list is: the objects of one kind, each as all the facts of its case tell it."""

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, TypeVar

from msgspec import Struct

from services.domain import facts as known
from services.domain.event import Recorded
from services.domain.events import FACT_TYPES
from services.domain.events.shape import Event
from services.domain.facts import Fact, Facts
from services.projector.views.history import History, standing

E = TypeVar("E", bound=Event)


class Item(Struct, frozen=True, kw_only=True):
    """What every list says of each of its objects. Dates are Europe/London; what is not known is null."""

    ID: ClassVar[str]  # the field with the object's id, in the item and in the events that tell of it

    case_id: str
    state: StrEnum
    began_on: date | None
    over_on: date | None


class Told(Struct, frozen=True):
    """What a list is made from: everything that stands of one case."""

    case_id: str
    facts: Facts
    records: list[Recorded]

    def one(self, kind: type[E], object_id: str) -> E | None:
        """The one account of an object."""
        found = self.facts.about(kind, object_id)
        return found.event if found else None

    def on(self, kind: type[Event], object_id: str) -> date | None:
        """The day of the one account of an object."""
        found = self.facts.about(kind, object_id)
        return found.on if found else None

    def each(self, kind: type[E], **naming: str) -> list[Fact[E]]:
        """The facts of a type that name these objects, in the order in which they happened."""
        wanted = naming.items()
        return [
            each
            for each in self.facts.of(kind)
            if all(getattr(each.event, field) == value for field, value in wanted)
        ]

    def last(self, kind: type[E], **naming: str) -> Fact[E] | None:
        """What happened last of `each`."""
        return next(reversed(self.each(kind, **naming)), None)


class List(NamedTuple):
    """One list: its name in addresses, its items and their states, and the events that tell of an object."""

    name: str
    item: type[Item]
    states: type[StrEnum]
    told_by: tuple[type[Event], ...]
    view: Callable[[Told], Iterator[Any]]


def told_of(history: History) -> Told:
    """Gather what stands of a history."""
    records = [record for record in standing(history) if record.event.TYPE in FACT_TYPES]
    return Told(history[0].stream, known.gather(records), records)
