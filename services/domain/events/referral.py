"""Referral: an episode of need begins, is allocated, and ends."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.contact import SourceCode
from services.domain.events.shape import Actor, Code, Event, ObjectId, OnDate


class PrimaryNeed(StrEnum):
    """Why the child is in need above all, as the children in need census codes it."""

    NOT_STATED = "N0"
    ABUSE_OR_NEGLECT = "N1"
    DISABILITY_OR_ILLNESS = "N2"
    PARENTAL_DISABILITY_OR_ILLNESS = "N3"
    FAMILY_IN_ACUTE_STRESS = "N4"
    FAMILY_DYSFUNCTION = "N5"
    SOCIALLY_UNACCEPTABLE_BEHAVIOUR = "N6"
    LOW_INCOME = "N7"
    ABSENT_PARENTING = "N8"
    OTHER_THAN_IN_NEED = "N9"


class LegalBasis(StrEnum):
    """Under which section of the Children Act 1989 the referral was taken."""

    S17 = "S17"
    S20 = "S20"
    S31 = "S31"
    S47 = "S47"
    OTHER = "OTHER"


class AllocationReason(StrEnum):
    """Why the case has this worker, as SSDA903's social worker episodes code it."""

    CASE_MANAGEMENT = "MANAGE"
    FIRST_CONTACT = "FCONTA"
    LEFT_ROLE = "LEFTRL"
    RESTRUCTURE = "ORGRST"
    STANDARD_PROCESS = "TSPROC"
    ABSENCE = "ABSENC"
    CHILD_ASKED = "CHCHAN"
    PARENT_OR_CARER_ASKED = "PCCHAN"
    DIED = "SWDIED"
    OTHERS = "OTHERS"


class ClosureReason(StrEnum):
    """Why a case was closed, as the children in need census codes it."""

    ADOPTED = "RC1"
    DIED = "RC2"
    RESIDENCE_OR_GUARDIANSHIP_ORDER = "RC3"
    TRANSFERRED_TO_ANOTHER_AUTHORITY = "RC4"
    TRANSFERRED_TO_ADULT_SERVICES = "RC5"
    OTHER_SERVICES_AFTER_ASSESSMENT = "RC6"
    OTHER = "RC7"
    NO_FURTHER_ACTION_AFTER_ASSESSMENT = "RC8"
    ASSESSED_NOT_IN_NEED = "RC9"


class ReferralAccepted(Event, frozen=True, kw_only=True):
    """A referral was accepted: an episode of need begins."""

    TYPE: ClassVar[str] = "ReferralAccepted"
    OBJECT: ClassVar[str | None] = "referral_id"
    PAST: ClassVar[tuple[str, ...]] = ("referral_date",)

    referral_id: ObjectId
    referral_date: OnDate = None
    contact_id: Annotated[ObjectId | None, Meta(description="The contact that it came of.")] = None
    source_code: SourceCode | None = None
    primary_need: PrimaryNeed | None = None
    legal_basis: LegalBasis | None = None


class ReferralClosedNfa(Event, frozen=True, kw_only=True):
    """A referral was closed with no further action: nothing was done on it."""

    TYPE: ClassVar[str] = "ReferralClosedNfa"
    OBJECT: ClassVar[str | None] = "referral_id"
    PAST: ClassVar[tuple[str, ...]] = ("closed_on",)

    referral_id: ObjectId
    closed_on: OnDate = None


class Allocation(Event, frozen=True, kw_only=True):
    """Whose case it is."""

    worker: Actor
    team: Annotated[Code | None, Meta(description="The team, such as `PROTECTION_TEAM`.")] = None
    on: OnDate = None
    reason: AllocationReason | None = None


class CaseAllocated(Allocation, frozen=True, kw_only=True):
    """The case was given to a worker."""

    TYPE: ClassVar[str] = "CaseAllocated"
    PAST: ClassVar[tuple[str, ...]] = ("on",)


class CaseReallocated(Allocation, frozen=True, kw_only=True):
    """The case was given to another worker."""

    TYPE: ClassVar[str] = "CaseReallocated"
    PAST: ClassVar[tuple[str, ...]] = ("on",)


class CaseClosed(Event, frozen=True, kw_only=True):
    """The case was closed: whatever had begun by then is over."""

    TYPE: ClassVar[str] = "CaseClosed"
    PAST: ClassVar[tuple[str, ...]] = ("closed_on",)

    reason: ClosureReason
    closed_on: OnDate = None


ReferralEvent = ReferralAccepted | ReferralClosedNfa | CaseAllocated | CaseReallocated | CaseClosed
