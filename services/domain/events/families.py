"""Families of events: every event is of the one whose module, or package, it stands in."""

from enum import StrEnum
from typing import Final

from services.domain.events import EVENT_TYPES


class EventFamily(StrEnum):
    """What an event is about."""

    ACCESS = "ACCESS"
    ALERT = "ALERT"
    ALLEGATION = "ALLEGATION"
    ASSESSMENT = "ASSESSMENT"
    CARE_PLANNING = "CARE_PLANNING"
    CHECKLIST = "CHECKLIST"
    CHILD = "CHILD"
    CHRONOLOGY = "CHRONOLOGY"
    CONFERENCE = "CONFERENCE"
    CONTACT = "CONTACT"
    CORRECTION = "CORRECTION"
    EARLY_HELP = "EARLY_HELP"
    ENQUIRY = "ENQUIRY"
    FORGETTING = "FORGETTING"
    HEALTH_EDUCATION = "HEALTH_EDUCATION"
    LOOKED_AFTER = "LOOKED_AFTER"
    OFFICE = "OFFICE"
    PLACEMENT = "PLACEMENT"
    PLAN = "PLAN"
    PRIVATE_FOSTERING = "PRIVATE_FOSTERING"
    QUALITY = "QUALITY"
    REFERRAL = "REFERRAL"
    RESTRICTION = "RESTRICTION"
    REVIEW = "REVIEW"
    STRATEGY = "STRATEGY"
    VIEWING = "VIEWING"


_HERE: Final = f"{__package__}."
FAMILIES: Final = {
    name: EventFamily(kind.__module__.removeprefix(_HERE).partition(".")[0].upper())
    for name, kind in EVENT_TYPES.items()
}
"""The family of each type."""


def types_of(family: EventFamily) -> list[str]:
    """The types of a family."""
    return sorted(name for name, own in FAMILIES.items() if own is family)
