"""Correction: a fact that was recorded in error is voided, never changed."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import LINE, About, Event, personal

EventId = Annotated[str, Meta(pattern=LINE, max_length=200, description="The `id` of an event in this case.")]


class EventVoided(Event, frozen=True, kw_only=True):
    """An earlier event of this case was recorded in error. It stays readable; every fold skips it."""

    TYPE: ClassVar[str] = "EventVoided"

    target_event_id: EventId
    reason: Annotated[str, personal(About.OTHER, "Why it was wrong.")] | None = None
    replaced_by: EventId | None = None


CorrectionEvent = EventVoided
