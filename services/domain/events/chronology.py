"""Chronology: the entries that a worker picks out of what happened, in the worker's own words."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.correction import EventId
from services.domain.events.shape import About, Code, Event, ObjectId, OnDate, personal


class ChronologyEntryAdded(Event, frozen=True, kw_only=True):
    """A worker put a matter into the child's chronology. Told again of the same entry, it replaces it."""

    TYPE: ClassVar[str] = "ChronologyEntryAdded"
    OBJECT: ClassVar[str | None] = "entry_id"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    entry_id: ObjectId
    heading: Annotated[Code, Meta(description="What kind of matter, as a code such as `SCHOOL_CONCERN`.")]
    on: OnDate = None
    event_id: Annotated[EventId | None, Meta(description="The `id` of the event that it is about.")] = None
    text: Annotated[str, personal(About.CHILD, "The matter in the worker's words.")] | None = None


class ChronologyEntryRemoved(Event, frozen=True, kw_only=True):
    """A worker took an entry out of the child's chronology; what it was about still happened."""

    TYPE: ClassVar[str] = "ChronologyEntryRemoved"
    OBJECT: ClassVar[str | None] = "entry_id"

    entry_id: ObjectId
    reason: Annotated[Code | None, Meta(description="Why, as a code such as `DUPLICATE`.")] = None


ChronologyEvent = ChronologyEntryAdded | ChronologyEntryRemoved
