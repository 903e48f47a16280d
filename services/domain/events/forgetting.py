"""Forgetting: what is held back from it, who decided on it, that it was done; and what a person was given."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from services.domain.events.shape import END, LINE, About, Actor, Code, Event, ObjectId, OnDate, personal


class RetentionRule(StrEnum):
    """Why a case is kept, and from what its time is counted; docs/reference/retention.md has the years."""

    ADOPTION = "ADOPTION"
    LOOKED_AFTER = "LOOKED_AFTER"
    LOOKED_AFTER_DIED = "LOOKED_AFTER_DIED"
    CHILD_PROTECTION = "CHILD_PROTECTION"
    CHILD_IN_NEED = "CHILD_IN_NEED"
    PRIVATE_FOSTERING = "PRIVATE_FOSTERING"
    EARLY_HELP = "EARLY_HELP"
    CONTACT_ONLY = "CONTACT_ONLY"
    ALLEGATION = "ALLEGATION"
    ALLEGATION_PENSION_AGE = "ALLEGATION_PENSION_AGE"
    OTHER = "OTHER"


class HoldReason(StrEnum):
    """Why nothing of a case may be erased for now."""

    INQUIRY = "INQUIRY"
    LITIGATION = "LITIGATION"
    POLICE_INVESTIGATION = "POLICE_INVESTIGATION"
    SUBJECT_ACCESS = "SUBJECT_ACCESS"
    COMPLAINT = "COMPLAINT"
    OTHER = "OTHER"


class ErasureBasis(StrEnum):
    """Why a case is erased; only `RETENTION` waits until the case is due."""

    RETENTION = "RETENTION"
    COURT_ORDER = "COURT_ORDER"
    REGULATOR_ORDER = "REGULATOR_ORDER"
    UNLAWFUL_PROCESSING = "UNLAWFUL_PROCESSING"


class Withheld(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many fields were withheld because of whom they are about."""

    about: About
    fields: Annotated[int, Meta(ge=1, description="How many fields.")]


SHA256 = "^[0-9a-f]{64}" + END

RequestId = Annotated[ObjectId, Meta(description="The subject access request, as the authority numbers it.")]
Reference = Annotated[
    ObjectId | None, Meta(description="Where the authority's own papers on it are, such as a file's number.")
]
Authority = Annotated[Code, Meta(description="On whose authority: an office or a court, such as `DPO`.")]


class LegalHoldPlaced(Event, frozen=True, kw_only=True):
    """Nothing of the case may be erased until this hold is lifted, whatever is due and whoever orders it."""

    TYPE: ClassVar[str] = "LegalHoldPlaced"
    OBJECT: ClassVar[str | None] = "hold_id"
    PAST: ClassVar[tuple[str, ...]] = ("placed_on",)

    hold_id: ObjectId
    reason: HoldReason
    authority: Authority
    placed_on: OnDate = None
    reference: Reference = None
    note: Annotated[str, personal(About.OTHER, "Why, in words.")] | None = None


class LegalHoldLifted(Event, frozen=True, kw_only=True):
    """A legal hold ended."""

    TYPE: ClassVar[str] = "LegalHoldLifted"
    OBJECT: ClassVar[str | None] = "hold_id"
    PAST: ClassVar[tuple[str, ...]] = ("lifted_on",)

    hold_id: ObjectId
    authority: Authority
    lifted_on: OnDate = None
    reference: Reference = None


class ErasureDecided(Event, frozen=True, kw_only=True):
    """It was decided to erase the case: its data key is to be destroyed, and nothing personal comes to it."""

    TYPE: ClassVar[str] = "ErasureDecided"

    authority: Authority
    basis: ErasureBasis
    decided_by: Actor
    reference: Reference = None
    rule: Annotated[
        RetentionRule | None, Meta(description="The rule by which it was due; set by the ledger.")
    ] = None
    policy_version: (
        Annotated[
            str, Meta(pattern=LINE, max_length=64, description="The version of that rule; set by the ledger.")
        ]
        | None
    ) = None
    due_on: Annotated[
        date | None, Meta(description="From when on it was due by that rule; set by the ledger.")
    ] = None


class KeyDestroyed(Event, frozen=True, kw_only=True):
    """The case's data key is gone: what was sealed can be read by nobody. Only the ledger itself says so."""

    TYPE: ClassVar[str] = "KeyDestroyed"

    destroyed_at: Annotated[
        datetime, Meta(tz=True, description="When the key was destroyed, as its own row says.")
    ]


class SubjectAccessPrepared(Event, frozen=True, kw_only=True):
    """What is held about somebody was put together for them; it is given out once it is approved."""

    TYPE: ClassVar[str] = "SubjectAccessPrepared"
    OBJECT: ClassVar[str | None] = "request_id"

    request_id: RequestId
    archive_sha256: Annotated[
        str, Meta(pattern=SHA256, description="SHA-256 of the archive that is to be approved.")
    ]
    through_version: Annotated[int, Meta(ge=1, description="The last event of the case that is in it.")]
    fields: Annotated[int, Meta(ge=0, description="How many personal fields it shows.")]
    withheld: Annotated[
        tuple[Withheld, ...],
        Meta(max_length=8, description="How many were withheld, by whom they are about."),
    ] = ()
    by: Annotated[Actor | None, Meta(description="Who prepared it, if not the event's actor.")] = None


class SubjectAccessApproved(Event, frozen=True, kw_only=True):
    """Somebody other than who prepared it looked through the archive and found that it may be given out."""

    TYPE: ClassVar[str] = "SubjectAccessApproved"
    OBJECT: ClassVar[str | None] = "request_id"

    request_id: RequestId
    by: Actor
    archive_sha256: Annotated[
        str, Meta(pattern=SHA256, description="SHA-256 of the archive that was looked through.")
    ]


ForgettingEvent = (
    LegalHoldPlaced
    | LegalHoldLifted
    | ErasureDecided
    | KeyDestroyed
    | SubjectAccessPrepared
    | SubjectAccessApproved
)
