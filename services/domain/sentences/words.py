"""How codes and days read in a sentence."""

from datetime import date, datetime
from typing import Final

from services.domain import calendar
from services.domain.events.plan import AbuseCategory, PlanKind

PLANS: Final = {
    PlanKind.CIN: "child in need",
    PlanKind.CP: "child protection",
    PlanKind.CARE: "care",
    PlanKind.PATHWAY: "pathway",
    PlanKind.SAFETY: "safety",
    PlanKind.PEP: "personal education",
    PlanKind.HEALTH: "health",
}
ABUSE: Final = {
    AbuseCategory.NEGLECT: "neglect",
    AbuseCategory.PHYSICAL: "physical abuse",
    AbuseCategory.SEXUAL: "sexual abuse",
    AbuseCategory.EMOTIONAL: "emotional abuse",
    AbuseCategory.MULTIPLE: "multiple categories",
}
ABBREVIATIONS: Final = {"NFA": "no further action", "CSM": "complex strategy meeting"}


def words(code: str) -> str:
    """A code in words."""
    return " ".join(ABBREVIATIONS.get(each, each.lower()) for each in code.split("_"))


def day(on: date) -> str:
    """A date as people write it."""
    return f"{on.day} {on:%B %Y}"


def minute(at: datetime) -> str:
    """An instant as London's clocks and calendars show it."""
    local = calendar.in_london(at)
    return f"{local:%H:%M} on {day(local.date())}"


def on(when: date | None) -> str:
    """` on 3 March 2018`, or nothing."""
    return f" on {day(when)}" if when else ""


def because(code: str | None) -> str:
    """`: sibling`, or nothing."""
    return f": {words(code)}" if code else ""
