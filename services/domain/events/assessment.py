"""Assessment: what the child needs, found out with the child and the family, and authorised by a manager."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import About, Actor, Code, Event, ObjectId, OnDate, personal


class Consent(StrEnum):
    """Whether the family agreed to the assessment."""

    GIVEN = "GIVEN"
    REFUSED = "REFUSED"
    DISPENSED = "DISPENSED"


class NextStep(StrEnum):
    """What follows when the family does not agree."""

    CP_PROCESS = "CP_PROCESS"
    VOLUNTARY_OFFER = "VOLUNTARY_OFFER"
    CLOSE = "CLOSE"


class AssessmentOutcome(StrEnum):
    """What the assessment found."""

    NOT_IN_NEED = "NOT_IN_NEED"
    CIN = "CIN"
    SIGNIFICANT_HARM = "SIGNIFICANT_HARM"
    EARLY_HELP = "EARLY_HELP"


Factor = Annotated[
    str,
    Meta(
        pattern=r"^([1-9]|1[0-9]|2[0-4])[A-C]?$(?!\n)",
        description="A factor as the children in need census has it: 1A to 24A; 21 says that there is none.",
    ),
]


class AssessmentStarted(Event, frozen=True, kw_only=True):
    """An assessment was begun."""

    TYPE: ClassVar[str] = "AssessmentStarted"
    OBJECT: ClassVar[str | None] = "assessment_id"
    PAST: ClassVar[tuple[str, ...]] = ("start_date",)

    assessment_id: ObjectId
    start_date: OnDate = None
    referral_id: Annotated[ObjectId | None, Meta(description="The referral that it belongs to.")] = None
    consent: Consent | None = None


class AssessmentConsentRefused(Event, frozen=True, kw_only=True):
    """The family did not agree to an assessment, which is voluntary under section 17."""

    TYPE: ClassVar[str] = "AssessmentConsentRefused"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    next_step: NextStep
    assessment_id: ObjectId | None = None
    by: Annotated[Code | None, Meta(description="Who refused, as a code such as `MOTHER`.")] = None
    on: OnDate = None


class AssessmentExtended(Event, frozen=True, kw_only=True):
    """An assessment was given more time. Its limit stays what it was: this says why it is late."""

    TYPE: ClassVar[str] = "AssessmentExtended"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    assessment_id: ObjectId
    reason: Annotated[Code | None, Meta(description="Why, as a code such as `FAMILY_AWAY`.")] = None
    new_target: Annotated[date | None, Meta(description="When it is now to be done by.")] = None
    on: OnDate = None


class AssessmentAuthorised(Event, frozen=True, kw_only=True):
    """A manager authorised an assessment: it is complete."""

    TYPE: ClassVar[str] = "AssessmentAuthorised"
    OBJECT: ClassVar[str | None] = "assessment_id"
    PAST: ClassVar[tuple[str, ...]] = ("authorised_on",)

    assessment_id: ObjectId
    outcome: AssessmentOutcome
    authorised_on: OnDate = None
    factors: tuple[Factor, ...] = ()


class ChildSeen(Event, frozen=True, kw_only=True):
    """A worker saw the child."""

    TYPE: ClassVar[str] = "ChildSeen"
    PAST: ClassVar[tuple[str, ...]] = ("seen_on",)

    seen_on: OnDate = None
    seen_alone: Annotated[bool | None, Meta(description="Whether without parents and carers.")] = None
    by: Annotated[Actor | None, Meta(description="Who saw the child, if not the event's actor.")] = None
    unannounced: Annotated[bool | None, Meta(description="Whether the visit was not announced.")] = None
    place: Annotated[str, personal(About.FAMILY, "Where the child was seen.", most=200)] | None = None


AssessmentEvent = (
    AssessmentStarted | AssessmentConsentRefused | AssessmentExtended | AssessmentAuthorised | ChildSeen
)
