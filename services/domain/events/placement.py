"""Placement: where, and with whom, a looked-after child lives."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Code, Event, ObjectId, OnDate


class PlacementType(StrEnum):
    """Where the child lives, as Rutland's checklist has it; SSDA903's code goes beside it."""

    FOSTER_CARER = "FOSTER_CARER"
    RESIDENTIAL = "RESIDENTIAL"
    CONNECTED_PERSONS = "CONNECTED_PERSONS"
    SGO = "SGO"
    ADOPTION = "ADOPTION"
    SECURE_UNIT = "SECURE_UNIT"
    SHORT_BREAK = "SHORT_BREAK"


class PlacementCode(StrEnum):
    """Where the child lives, as SSDA903 codes it."""

    U1 = "U1"
    U2 = "U2"
    U3 = "U3"
    U4 = "U4"
    U5 = "U5"
    U6 = "U6"
    A3 = "A3"
    A4 = "A4"
    A5 = "A5"
    A6 = "A6"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    H5 = "H5"
    K1 = "K1"
    K2 = "K2"
    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R5 = "R5"
    S1 = "S1"
    T0 = "T0"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    Z1 = "Z1"


class PlacementProvider(StrEnum):
    """Who provides a placement, as SSDA903 codes it."""

    PARENTS = "PR0"
    OWN = "PR1"
    OTHER_AUTHORITY = "PR2"
    OTHER_PUBLIC = "PR3"
    PRIVATE = "PR4"
    VOLUNTARY = "PR5"


class PlacementStarted(Event, frozen=True, kw_only=True):
    """A looked-after child was placed: the first visit is due within a week."""

    TYPE: ClassVar[str] = "PlacementStarted"
    OBJECT: ClassVar[str | None] = "placement_id"
    PAST: ClassVar[tuple[str, ...]] = ("started_on",)

    placement_id: ObjectId
    started_on: OnDate = None
    type: PlacementType | None = None
    code: PlacementCode | None = None
    provider: PlacementProvider | None = None
    in_area: Annotated[bool | None, Meta(description="Whether it lies in the authority's own area.")] = None
    permanent: Annotated[
        bool | None, Meta(description="Whether it is to last until the child is 18: fewer visits later on.")
    ] = None
    reason: Annotated[Code | None, Meta(description="Why the child moved there.")] = None


class PlacementEnded(Event, frozen=True, kw_only=True):
    """A placement ended."""

    TYPE: ClassVar[str] = "PlacementEnded"
    OBJECT: ClassVar[str | None] = "placement_id"
    PAST: ClassVar[tuple[str, ...]] = ("ended_on",)

    placement_id: ObjectId
    ended_on: OnDate = None
    reason: Annotated[Code | None, Meta(description="Why, such as `BREAKDOWN`.")] = None


PlacementEvent = PlacementStarted | PlacementEnded
