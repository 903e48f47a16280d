"""Child protection conference: family and professionals decide, under an independent chair."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Actor, Code, Event, ObjectId, OnDate


class ConferenceKind(StrEnum):
    """Initial, review, or held because a child on a plan moved in."""

    ICPC = "ICPC"
    RCPC = "RCPC"
    TRANSFER_IN = "TRANSFER_IN"


class ConferenceDecision(StrEnum):
    """What the conference decided; `REMAINS` and `DISCHARGED` are those of a review."""

    CP_PLAN = "CP_PLAN"
    CIN_PLAN = "CIN_PLAN"
    REMAINS = "REMAINS"
    DISCHARGED = "DISCHARGED"
    NFA = "NFA"


ScheduledFor = Annotated[datetime, Meta(tz=True, description="When it is to be held.")]


class ConferenceScheduled(Event, frozen=True, kw_only=True):
    """A conference was arranged."""

    TYPE: ClassVar[str] = "ConferenceScheduled"
    OBJECT: ClassVar[str | None] = "conference_id"

    conference_id: ObjectId
    kind: ConferenceKind
    scheduled_for: ScheduledFor
    reason: Annotated[Code | None, Meta(description="Why it is held, if not for the usual reason.")] = None


class ConferenceRescheduled(Event, frozen=True, kw_only=True):
    """A conference was moved to another day; what it was arranged for first stays on record."""

    TYPE: ClassVar[str] = "ConferenceRescheduled"

    conference_id: ObjectId
    scheduled_for: ScheduledFor
    reason: Annotated[Code | None, Meta(description="Why it was moved.")] = None


class AgencyReportReceived(Event, frozen=True, kw_only=True):
    """An agency's report for a conference came in; after the conference it is late, and still counts."""

    TYPE: ClassVar[str] = "AgencyReportReceived"
    PAST: ClassVar[tuple[str, ...]] = ("received_on", "shared_with_family_on")

    conference_id: ObjectId
    agency: Annotated[Code, Meta(description="Whose report; `SOCIAL_CARE` is the social worker's own.")]
    received_on: OnDate = None
    shared_with_family_on: Annotated[date | None, Meta(description="When the family had it.")] = None


class ConferenceHeld(Event, frozen=True, kw_only=True):
    """A conference was held and decided."""

    TYPE: ClassVar[str] = "ConferenceHeld"
    OBJECT: ClassVar[str | None] = "conference_id"
    PAST: ClassVar[tuple[str, ...]] = ("held_on",)

    conference_id: ObjectId
    decision: ConferenceDecision
    kind: Annotated[
        ConferenceKind | None, Meta(description="Of which kind it was, if it was not scheduled here.")
    ] = None
    held_on: OnDate = None
    chair: Annotated[Actor | None, Meta(description="Who chaired it.")] = None
    agencies_present: tuple[Code, ...] = ()
    agencies_absent: tuple[Code, ...] = ()
    quorate: Annotated[bool | None, Meta(description="Whether the agencies that it needs were there.")] = None
    child_invited: Annotated[bool | None, Meta(description="Children over 11 are.")] = None
    child_attended: Annotated[bool | None, Meta(description="Whether the child came.")] = None
    advocate: Annotated[bool | None, Meta(description="Whether the child had an advocate.")] = None
    da_factor: Annotated[bool | None, Meta(description="Whether domestic abuse was a factor.")] = None


ConferenceEvent = ConferenceScheduled | ConferenceRescheduled | AgencyReportReceived | ConferenceHeld
