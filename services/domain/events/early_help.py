"""Early help: an assessment led by somebody whom the family knows, before social care is needed."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Code, Event, ObjectId, OnDate

Organisation = Annotated[Code | None, Meta(description="Who leads it, as a code such as `SCHOOL`.")]


class EarlyHelpAssessmentStarted(Event, frozen=True, kw_only=True):
    """An early help assessment was begun."""

    TYPE: ClassVar[str] = "EarlyHelpAssessmentStarted"
    OBJECT: ClassVar[str | None] = "assessment_id"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    assessment_id: ObjectId
    organisation: Organisation = None
    on: OnDate = None


class EarlyHelpAssessmentCompleted(Event, frozen=True, kw_only=True):
    """An early help assessment was completed."""

    TYPE: ClassVar[str] = "EarlyHelpAssessmentCompleted"
    OBJECT: ClassVar[str | None] = "assessment_id"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    assessment_id: ObjectId
    organisation: Organisation = None
    on: OnDate = None


EarlyHelpEvent = EarlyHelpAssessmentStarted | EarlyHelpAssessmentCompleted
