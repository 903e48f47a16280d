"""Conferences: of what kind, arranged for when, and held when."""

from datetime import date
from enum import StrEnum
from typing import Any, Final

from services.domain import calendar
from services.domain.events.conference import (
    ConferenceDecision,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.facts import Fact, Facts
from services.domain.state.span import closed_after

OF_A_REVIEW = frozenset({ConferenceDecision.REMAINS, ConferenceDecision.DISCHARGED})
TOLD_BY: Final[tuple[type[Any], ...]] = (ConferenceScheduled, ConferenceRescheduled, ConferenceHeld)
"""The events of which one is enough to know of a conference."""


class ConferenceState(StrEnum):
    """Where a conference stands; one that was arranged lapses when the case is closed before it."""

    ARRANGED = "ARRANGED"
    HELD = "HELD"
    LAPSED = "LAPSED"


def conference_ids(facts: Facts) -> list[str]:
    """Every conference that anybody told of."""
    return sorted({each.event.conference_id for kind in TOLD_BY for each in facts.of(kind)})


def state_of_conference(facts: Facts, conference_id: str) -> ConferenceState:
    """Where a conference stands."""
    if facts.about(ConferenceHeld, conference_id):
        return ConferenceState.HELD
    return ConferenceState.LAPSED if lapsed_on(facts, conference_id) else ConferenceState.ARRANGED


def lapsed_on(facts: Facts, conference_id: str) -> date | None:
    """When the case was closed under one that was arranged and is not known to have been held."""
    arranged = facts.about(ConferenceScheduled, conference_id)
    if arranged is None or facts.about(ConferenceHeld, conference_id):
        return None
    return closed_after(facts, arranged)


def kind_of(facts: Facts, conference_id: str) -> ConferenceKind | None:
    """Of which kind a conference is, as far as anybody said."""
    if scheduled := facts.about(ConferenceScheduled, conference_id):
        return scheduled.event.kind
    held = facts.about(ConferenceHeld, conference_id)
    return held.event.kind if held else None


def is_initial(facts: Facts, held: Fact[ConferenceHeld]) -> bool:
    """Whether it was no review: by its kind, or, if nobody said, by what it decided."""
    kind = kind_of(facts, held.event.conference_id)
    return kind is not ConferenceKind.RCPC if kind else held.event.decision not in OF_A_REVIEW


def scheduled_days(facts: Facts, conference_id: str) -> list[date]:
    """The London dates for which it was arranged: first, and each time that it was moved."""
    first = facts.about(ConferenceScheduled, conference_id)
    moved = [each for each in facts.of(ConferenceRescheduled) if each.event.conference_id == conference_id]
    told = ([first.event] if first else []) + [each.event for each in moved]
    return [calendar.london_date(each.scheduled_for) for each in told]
