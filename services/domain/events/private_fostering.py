"""Private fostering: a child under 16 lives with somebody who is no close relative for 28 days or more."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import BirthMonth, Code, Event, ObjectId, OnDate


class CarerRelation(StrEnum):
    """Who the carer is to the child: no parent, nobody with parental responsibility, no close relative."""

    EXTENDED_FAMILY = "EXTENDED_FAMILY"
    FAMILY_FRIEND = "FAMILY_FRIEND"
    HOST_FAMILY = "HOST_FAMILY"
    FRIENDS_PARENT = "FRIENDS_PARENT"
    OTHER = "OTHER"


class PrivateFosteringNotified(Event, frozen=True, kw_only=True):
    """The authority was told of a private fostering arrangement: it is to visit within a week."""

    TYPE: ClassVar[str] = "PrivateFosteringNotified"
    OBJECT: ClassVar[str | None] = "arrangement_id"
    PAST: ClassVar[tuple[str, ...]] = ("notified_on", "child_dob")

    arrangement_id: ObjectId
    notified_on: OnDate = None
    starts_on: Annotated[date | None, Meta(description="When the child is, or was, to move in.")] = None
    intended_days: (
        Annotated[
            int, Meta(ge=1, le=10_000, description="For how many days it is meant to last; 28 at least.")
        ]
        | None
    ) = None
    child_dob: (
        Annotated[
            date,
            Meta(
                description="The child's date of birth.",
                extra={"personal": "child"},
                extra_json_schema={"x-personal": "child"},
            ),
        ]
        | None
    ) = None
    child_birth_month: BirthMonth = None
    disabled: Annotated[bool | None, Meta(description="Whether the child is disabled: 18 then, not 16.")] = (
        None
    )
    carer_relation: CarerRelation | None = None


class PrivateFosteringVisitMade(Event, frozen=True, kw_only=True):
    """A worker visited the child and the carer."""

    TYPE: ClassVar[str] = "PrivateFosteringVisitMade"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    arrangement_id: ObjectId
    on: OnDate = None
    child_seen_alone: Annotated[bool | None, Meta(description="Whether without the carer.")] = None
    report_ref: Annotated[ObjectId | None, Meta(description="Where the visit's report is.")] = None


class PrivateFosteringAssessed(Event, frozen=True, kw_only=True):
    """The arrangement was assessed."""

    TYPE: ClassVar[str] = "PrivateFosteringAssessed"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    arrangement_id: ObjectId
    on: OnDate = None
    suitable: Annotated[bool | None, Meta(description="Whether it was found suitable.")] = None


class PrivateFosteringEnded(Event, frozen=True, kw_only=True):
    """The arrangement ended."""

    TYPE: ClassVar[str] = "PrivateFosteringEnded"
    OBJECT: ClassVar[str | None] = "arrangement_id"
    PAST: ClassVar[tuple[str, ...]] = ("ended_on",)

    arrangement_id: ObjectId
    ended_on: OnDate = None
    reason: Annotated[Code | None, Meta(description="Why.")] = None


PrivateFosteringEvent = (
    PrivateFosteringNotified | PrivateFosteringVisitMade | PrivateFosteringAssessed | PrivateFosteringEnded
)
