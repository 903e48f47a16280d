"""Health and education of a looked-after child: what is to be looked at, at regular times."""

from enum import StrEnum
from typing import ClassVar

from services.domain.events.shape import Event, OnDate


class HealthAssessmentKind(StrEnum):
    """Initial, once, soon after the child came into care; review, at regular times after it."""

    IHA = "IHA"
    RHA = "RHA"


class PepReviewed(Event, frozen=True, kw_only=True):
    """The personal education plan was made or reviewed."""

    TYPE: ClassVar[str] = "PepReviewed"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


class HealthAssessmentCompleted(Event, frozen=True, kw_only=True):
    """The child's health was assessed."""

    TYPE: ClassVar[str] = "HealthAssessmentCompleted"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    kind: HealthAssessmentKind
    on: OnDate = None


class DentalCheckRecorded(Event, frozen=True, kw_only=True):
    """The child's teeth were checked."""

    TYPE: ClassVar[str] = "DentalCheckRecorded"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


class EyeCheckRecorded(Event, frozen=True, kw_only=True):
    """The child's eyes were checked."""

    TYPE: ClassVar[str] = "EyeCheckRecorded"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


HealthEducationEvent = PepReviewed | HealthAssessmentCompleted | DentalCheckRecorded | EyeCheckRecorded
