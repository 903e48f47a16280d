"""Conferences: of what kind, arranged for when, and held when."""

from datetime import date

from services.domain import calendar
from services.domain.events.conference import (
    ConferenceDecision,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.facts import Fact, Facts

OF_A_REVIEW = frozenset({ConferenceDecision.REMAINS, ConferenceDecision.DISCHARGED})


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
