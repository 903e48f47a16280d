"""Contact: somebody tells the duty team of a concern about a child, and the team decides what follows."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import About, Actor, Code, Event, ObjectId, OnDate, personal


class ContactChannel(StrEnum):
    """How the contact reached the front door."""

    PHONE = "phone"
    EMAIL = "email"
    WEB_FORM = "web_form"
    MULTI_AGENCY_FORM = "multi_agency_form"
    OUT_OF_HOURS = "out_of_hours"
    OTHER = "other"


class SourceCode(StrEnum):
    """Who made contact, as the children in need census codes it (DfE, item N00104)."""

    INDIVIDUAL_FAMILY = "1A"
    INDIVIDUAL_ACQUAINTANCE = "1B"
    INDIVIDUAL_SELF = "1C"
    INDIVIDUAL_OTHER = "1D"
    SCHOOLS = "2A"
    EDUCATION_SERVICES = "2B"
    GP = "3A"
    HEALTH_VISITOR = "3B"
    SCHOOL_NURSE = "3C"
    OTHER_PRIMARY_HEALTH = "3D"
    A_AND_E = "3E"
    OTHER_HEALTH = "3F"
    HOUSING = "4"
    LA_SOCIAL_CARE = "5A"
    LA_OTHER_INTERNAL = "5B"
    LA_EXTERNAL = "5C"
    LA_EARLY_HELP = "5D"
    POLICE = "6"
    OTHER_LEGAL_AGENCY = "7"
    OTHER = "8"
    ANONYMOUS = "9"
    UNKNOWN = "10"


class TriageOutcome(StrEnum):
    """What the duty team decided on a contact, against the threshold document."""

    NFA = "NFA"
    ADVICE = "ADVICE"
    EARLY_HELP = "EARLY_HELP"
    REFERRAL = "REFERRAL"


class ContactReceived(Event, frozen=True, kw_only=True):
    """Somebody told children's social care of a concern. Always admitted, on a closed case too."""

    TYPE: ClassVar[str] = "ContactReceived"
    OBJECT: ClassVar[str | None] = "contact_id"
    PAST: ClassVar[tuple[str, ...]] = ("received_at",)

    contact_id: ObjectId
    received_at: (
        Annotated[datetime, Meta(tz=True, description="When it came in, if not the event's time.")] | None
    ) = None
    channel: ContactChannel | None = None
    source_code: SourceCode | None = None
    anonymous: Annotated[bool | None, Meta(description="Whether they would not say who they are.")] = None
    referrer: (
        Annotated[str, personal(About.REFERRER, "Who made contact; may have to be withheld.")] | None
    ) = None
    concern_categories: tuple[Code, ...] = ()
    immediate_danger: Annotated[bool | None, Meta(description="Whether there is danger now.")] = None
    summary: Annotated[str, personal(About.CHILD, "What was said.")] | None = None


class ContactTriaged(Event, frozen=True, kw_only=True):
    """The duty team decided what is to become of a contact."""

    TYPE: ClassVar[str] = "ContactTriaged"
    OBJECT: ClassVar[str | None] = "contact_id"
    PAST: ClassVar[tuple[str, ...]] = ("triaged_on",)

    contact_id: ObjectId
    outcome: TriageOutcome
    triaged_on: OnDate = None
    threshold_level: Annotated[
        Code | None, Meta(description="The level of need by the local threshold document, such as `LEVEL_3`.")
    ] = None
    decided_by: Annotated[Actor | None, Meta(description="Who decided, if not the event's actor.")] = None


ContactEvent = ContactReceived | ContactTriaged
