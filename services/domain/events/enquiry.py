"""Section 47 enquiry: whether a child suffers, or is likely to suffer, significant harm."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Event, ObjectId, OnDate


class EnquiryOutcome(StrEnum):
    """What the enquiry found, and whether the child is at continuing risk."""

    SUBSTANTIATED_ONGOING = "SUBSTANTIATED_ONGOING"
    SUBSTANTIATED_NOT_ONGOING = "SUBSTANTIATED_NOT_ONGOING"
    NOT_SUBSTANTIATED = "NOT_SUBSTANTIATED"


class Section47Started(Event, frozen=True, kw_only=True):
    """A section 47 enquiry was begun."""

    TYPE: ClassVar[str] = "Section47Started"
    OBJECT: ClassVar[str | None] = "enquiry_id"
    PAST: ClassVar[tuple[str, ...]] = ("started_on",)

    enquiry_id: ObjectId
    started_on: OnDate = None
    strategy_id: Annotated[ObjectId | None, Meta(description="The discussion that decided on it.")] = None
    referral_id: Annotated[ObjectId | None, Meta(description="The referral that it belongs to.")] = None


class Section47Completed(Event, frozen=True, kw_only=True):
    """A section 47 enquiry was completed."""

    TYPE: ClassVar[str] = "Section47Completed"
    OBJECT: ClassVar[str | None] = "enquiry_id"
    PAST: ClassVar[tuple[str, ...]] = ("completed_on",)

    enquiry_id: ObjectId
    outcome: EnquiryOutcome
    completed_on: OnDate = None
    icpc_required: Annotated[
        bool | None, Meta(description="Whether an initial child protection conference is to be held.")
    ] = None


EnquiryEvent = Section47Started | Section47Completed
