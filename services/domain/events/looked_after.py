"""Looked after: a period in care, its legal status, its reviewing officer, and how it ends."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, field

from services.domain.events.referral import PrimaryNeed
from services.domain.events.shape import Actor, Event, ObjectId, OnDate


class LegalStatus(StrEnum):
    """Under what law a child is looked after: as Rutland's checklist has it, and as SSDA903 codes it."""

    S20 = "S20"
    ICO = "ICO"
    FCO = "FCO"
    PO = "PO"
    REMAND = "REMAND"
    SECURE = "SECURE"
    INTERIM_CARE_ORDER = "C1"
    FULL_CARE_ORDER = "C2"
    FREEING_ORDER = "D1"
    PLACEMENT_ORDER = "E1"
    SINGLE_ACCOMMODATION = "V2"
    SHORT_BREAKS_AGREED = "V3"
    SHORT_BREAKS = "V4"
    POLICE_PROTECTION = "L1"
    EMERGENCY_PROTECTION_ORDER = "L2"
    CHILD_ASSESSMENT_ORDER = "L3"
    REMANDED = "J1"
    POLICE_AND_CRIMINAL_EVIDENCE = "J2"
    SENTENCED = "J3"


class CareReason(StrEnum):
    """Why a child came to be looked after: the 27 reasons of Rutland's checklist; several may hold."""

    DOMESTIC_VIOLENCE = "DOMESTIC_VIOLENCE"
    DRUGS_OR_ALCOHOL_ABUSE = "DRUGS_OR_ALCOHOL_ABUSE"
    UNACCOMPANIED_MINOR_ASYLUM = "UNACCOMPANIED_MINOR_ASYLUM"
    PARENT_MENTAL_HEALTH = "PARENT_MENTAL_HEALTH"
    CRIMINAL_ANTI_SOCIAL = "CRIMINAL_ANTI_SOCIAL"
    CHILD_DISABILITY_ILLNESS = "CHILD_DISABILITY_ILLNESS"
    PHYSICAL_ABUSE = "PHYSICAL_ABUSE"
    SEXUAL_ABUSE = "SEXUAL_ABUSE"
    EMOTIONAL_ABUSE = "EMOTIONAL_ABUSE"
    CHILD_TRAFFICKING = "CHILD_TRAFFICKING"
    LOW_INCOME = "LOW_INCOME"
    FABRICATED_ILLNESS = "FABRICATED_ILLNESS"
    CSE = "CSE"
    NEGLECT = "NEGLECT"
    FORCED_MARRIAGE = "FORCED_MARRIAGE"
    FGM = "FGM"
    FAMILY_DYSFUNCTION = "FAMILY_DYSFUNCTION"
    NAI = "NAI"
    PARENT_DISABILITY_ILLNESS = "PARENT_DISABILITY_ILLNESS"
    FAMILY_IN_ACUTE_STRESS = "FAMILY_IN_ACUTE_STRESS"
    ABSENT_PARENTING = "ABSENT_PARENTING"
    CHILD_FREQUENTLY_MISSING = "CHILD_FREQUENTLY_MISSING"
    GANG_ACTIVITY = "GANG_ACTIVITY"
    SELF_HARMING_SUICIDAL = "SELF_HARMING_SUICIDAL"
    HISTORY_OF_ABUSE = "HISTORY_OF_ABUSE"
    BEYOND_PARENTAL_CONTROL = "BEYOND_PARENTAL_CONTROL"
    ABANDONED_RELINQUISHED = "ABANDONED_RELINQUISHED"


class CeasedReason(StrEnum):
    """Why a child is looked after no longer, as SSDA903 codes it: one reason a period."""

    ADOPTED_UNOPPOSED = "E11"
    ADOPTED_CONSENT_DISPENSED = "E12"
    LEFT_TO_LIVE_WITH_OTHERS = "E13"
    ACCOMMODATION_ENDED = "E14"
    AGE_ASSESSED_ADULT = "E15"
    MOVED_ABROAD = "E16"
    AGED_18_STAYING_PUT = "E17"
    DIED = "E2"
    TAKEN_BY_ANOTHER_AUTHORITY = "E3"
    RETURNED_HOME_BEFORE_2012 = "E4"
    RETURNED_TO_PARENTS_PLANNED = "E4A"
    RETURNED_TO_PARENTS_UNPLANNED = "E4B"
    CHILD_ARRANGEMENTS_ORDER = "E41"
    SGO_FORMER_FOSTER_CARER = "E45"
    SGO_OTHER_CARER = "E46"
    SGO_RELATIVE_FOSTER_CARER = "E47"
    SGO_OTHER_RELATIVE = "E48"
    INDEPENDENT_WITH_SUPPORT = "E5"
    INDEPENDENT_WITHOUT_SUPPORT = "E6"
    ADULT_RESIDENTIAL_CARE = "E7"
    OTHER = "E8"
    SENTENCED = "E9"
    CONTINUES = "X1"


class Destination(StrEnum):
    """Where a child went, in the six groups of Rutland's report of 2017-18 (7.9 to 7.13)."""

    HOME_CHILD_ARRANGEMENT_ORDER = "HOME_CHILD_ARRANGEMENT_ORDER"
    HOME_NO_ORDER = "HOME_NO_ORDER"
    SGO_TO_FAMILY = "SGO_TO_FAMILY"
    UASC_CAO_TO_RELATIVES = "UASC_CAO_TO_RELATIVES"
    CARE_LEAVER_HOME_AT_17 = "CARE_LEAVER_HOME_AT_17"
    ADOPTED = "ADOPTED"


PeriodId = Annotated[
    ObjectId | None, Meta(description="Which looked-after period, if not the one of that day.")
]


class ChildBecameLookedAfter(Event, frozen=True, kw_only=True):
    """A child came into the care of the authority: a looked-after period begins."""

    TYPE: ClassVar[str] = "ChildBecameLookedAfter"
    OBJECT: ClassVar[str | None] = "period_id"
    PAST: ClassVar[tuple[str, ...]] = ("started_on",)

    period_id: ObjectId
    started_on: OnDate = None
    legal_status: LegalStatus | None = None
    need_code: PrimaryNeed | None = None
    reasons: Annotated[tuple[CareReason, ...], Meta(max_length=27)] = ()


class IroAppointed(Event, frozen=True, kw_only=True):
    """An independent reviewing officer was appointed for the child."""

    TYPE: ClassVar[str] = "IroAppointed"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    iro: Actor
    period_id: PeriodId = None
    on: OnDate = None


class IroChanged(Event, frozen=True, kw_only=True):
    """Another independent reviewing officer took over."""

    TYPE: ClassVar[str] = "IroChanged"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    iro: Actor
    period_id: PeriodId = None
    on: OnDate = None


class LegalStatusChanged(Event, frozen=True, kw_only=True):
    """A looked-after child's legal status changed: a review may have to be brought forward."""

    TYPE: ClassVar[str] = "LegalStatusChanged"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    to: LegalStatus
    from_: LegalStatus | None = field(default=None, name="from")
    period_id: PeriodId = None
    on: OnDate = None


class ChildCeasedLookedAfter(Event, frozen=True, kw_only=True):
    """A looked-after period ended."""

    TYPE: ClassVar[str] = "ChildCeasedLookedAfter"
    OBJECT: ClassVar[str | None] = "period_id"
    PAST: ClassVar[tuple[str, ...]] = ("ceased_on",)

    period_id: ObjectId
    ceased_on: OnDate = None
    reason: CeasedReason | None = None
    destination: Destination | None = None


LookedAfterEvent = (
    ChildBecameLookedAfter | IroAppointed | IroChanged | LegalStatusChanged | ChildCeasedLookedAfter
)
