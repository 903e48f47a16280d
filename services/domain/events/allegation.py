"""Allegation against an adult who works with children: a case of its own, kept by the designated officer."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import About, Actor, Code, Event, OnDate, personal


class AdultRole(StrEnum):
    """As what the adult works, in the sixteen roles of the annual report."""

    EDUCATION_SCHOOL_COLLEGE = "EDUCATION_SCHOOL_COLLEGE"
    EDUCATION_NURSERY = "EDUCATION_NURSERY"
    RESIDENTIAL_CARE_CHILDREN = "RESIDENTIAL_CARE_CHILDREN"
    RESIDENTIAL_CARE_ADULTS = "RESIDENTIAL_CARE_ADULTS"
    FOSTER_CARERS = "FOSTER_CARERS"
    CHILD_MINDERS = "CHILD_MINDERS"
    SPORT = "SPORT"
    TRANSPORT = "TRANSPORT"
    POLICE = "POLICE"
    SOCIAL_CARE = "SOCIAL_CARE"
    HEALTH = "HEALTH"
    OFSTED = "OFSTED"
    LADO_OTHER_LA = "LADO_OTHER_LA"
    OTHER = "OTHER"
    CLEANER = "CLEANER"
    HISTORICAL = "HISTORICAL"


class Concern(StrEnum):
    """What the allegation is about."""

    PHYSICAL = "PHYSICAL"
    SEXUAL = "SEXUAL"
    NEGLECT = "NEGLECT"
    EMOTIONAL = "EMOTIONAL"
    CSE = "CSE"
    OTHER = "OTHER"


class Threshold(StrEnum):
    """What became of a referral: logged and closed, advice, or an internal enquiry or complex strategy."""

    LOGGED_CLOSED = "LOGGED_CLOSED"
    ADVICE = "ADVICE"
    INTERNAL_ENQUIRY_CSM = "INTERNAL_ENQUIRY_CSM"


class Criterion(StrEnum):
    """Which limb of the threshold is met; the report of 2017-18 words the third one in two ways."""

    HARMED_CHILD = "HARMED_CHILD"
    OFFENCE_AGAINST_CHILD = "OFFENCE_AGAINST_CHILD"
    RISK_OF_HARM = "RISK_OF_HARM"
    UNSUITABLE = "UNSUITABLE"


class AllegationOutcome(StrEnum):
    """What the enquiry or complex strategy meeting found."""

    SUBSTANTIATED = "SUBSTANTIATED"
    UNFOUNDED = "UNFOUNDED"
    MALICIOUS = "MALICIOUS"
    FALSE = "FALSE"
    UNSUBSTANTIATED = "UNSUBSTANTIATED"
    NOT_CONCLUDED = "NOT_CONCLUDED"


class Regulator(StrEnum):
    """Who was told: Ofsted, barring service, social work regulator (HCPC until December 2019), another."""

    OFSTED = "OFSTED"
    DBS = "DBS"
    SWE = "SWE"
    HCPC = "HCPC"
    OTHER = "OTHER"


class LadoReferralReceived(Event, frozen=True, kw_only=True):
    """An allegation against an adult who works with children was referred to the designated officer."""

    TYPE: ClassVar[str] = "LadoReferralReceived"
    PAST: ClassVar[tuple[str, ...]] = ("received_on", "employer_aware_on")

    role: AdultRole
    concern: Concern
    referrer: Annotated[str, personal(About.REFERRER, "Who referred; may have to be withheld.")] | None = None
    received_on: OnDate = None
    employer_aware_on: Annotated[
        date | None, Meta(description="When the employer came to know of it; to be passed on in a day.")
    ] = None


class LadoConsultationGiven(Event, frozen=True, kw_only=True):
    """The designated officer was consulted, and gave advice."""

    TYPE: ClassVar[str] = "LadoConsultationGiven"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    advice: Annotated[str, personal(About.OTHER, "The advice.")] | None = None


class LadoThresholdDecided(Event, frozen=True, kw_only=True):
    """The designated officer decided what is to become of the referral."""

    TYPE: ClassVar[str] = "LadoThresholdDecided"
    PAST: ClassVar[tuple[str, ...]] = ("decided_on",)

    decision: Threshold
    criteria: tuple[Criterion, ...] = ()
    decided_on: OnDate = None


class ComplexStrategyMeetingHeld(Event, frozen=True, kw_only=True):
    """A complex strategy meeting was held."""

    TYPE: ClassVar[str] = "ComplexStrategyMeetingHeld"
    PAST: ClassVar[tuple[str, ...]] = ("held_on",)

    n: Annotated[int, Meta(ge=1, le=1_000, description="Which meeting of this case: 1, 2, 3 …")] | None = None
    held_on: OnDate = None
    attendees: Annotated[tuple[Code, ...], Meta(description="Who came, as roles and agencies.")] = ()


class SubjectSuspended(Event, frozen=True, kw_only=True):
    """The employer suspended the adult."""

    TYPE: ClassVar[str] = "SubjectSuspended"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


class SubjectReinstated(Event, frozen=True, kw_only=True):
    """The employer took the adult back; police and designated officer are to be consulted before."""

    TYPE: ClassVar[str] = "SubjectReinstated"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    consulted_police: Annotated[bool | None, Meta(description="Whether the police were asked before.")] = None
    consulted_lado: Annotated[bool | None, Meta(description="Whether the officer was asked before.")] = None


class SubjectDismissed(Event, frozen=True, kw_only=True):
    """The employer dismissed the adult."""

    TYPE: ClassVar[str] = "SubjectDismissed"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


class PoliceChargeRecorded(Event, frozen=True, kw_only=True):
    """The police charged the adult."""

    TYPE: ClassVar[str] = "PoliceChargeRecorded"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    charge: Annotated[str, personal(About.OTHER, "With what.", most=1_000)] | None = None


class RegulatorNotified(Event, frozen=True, kw_only=True):
    """A regulator was told."""

    TYPE: ClassVar[str] = "RegulatorNotified"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    regulator: Regulator
    on: OnDate = None


class LadoChallengeMade(Event, frozen=True, kw_only=True):
    """The designated officer challenged how the allegation is dealt with."""

    TYPE: ClassVar[str] = "LadoChallengeMade"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    by: Actor | None = None
    text: Annotated[str, personal(About.OTHER, "The challenge in words.")] | None = None


class LadoEscalatedToProvider(Event, frozen=True, kw_only=True):
    """The designated officer took the concern to the care provider's directors."""

    TYPE: ClassVar[str] = "LadoEscalatedToProvider"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    text: Annotated[str, personal(About.OTHER, "The concern in words.")] | None = None


class LadoOutcomeRecorded(Event, frozen=True, kw_only=True):
    """It was recorded what was found."""

    TYPE: ClassVar[str] = "LadoOutcomeRecorded"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    outcome: AllegationOutcome
    on: OnDate = None


class LadoCaseReopened(Event, frozen=True, kw_only=True):
    """The allegation was taken up again."""

    TYPE: ClassVar[str] = "LadoCaseReopened"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    reason: Annotated[Code | None, Meta(description="Why, such as `NEW_EVIDENCE`.")] = None


class LadoCaseClosed(Event, frozen=True, kw_only=True):
    """The allegation's case was closed."""

    TYPE: ClassVar[str] = "LadoCaseClosed"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


AllegationEvent = (
    LadoReferralReceived
    | LadoConsultationGiven
    | LadoThresholdDecided
    | ComplexStrategyMeetingHeld
    | SubjectSuspended
    | SubjectReinstated
    | SubjectDismissed
    | PoliceChargeRecorded
    | RegulatorNotified
    | LadoChallengeMade
    | LadoEscalatedToProvider
    | LadoOutcomeRecorded
    | LadoCaseReopened
    | LadoCaseClosed
)
