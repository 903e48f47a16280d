"""Families: the cases of children of one family name the same one."""

from services.domain.events.child import ChildDetailsCorrected, ChildDetailsRecorded
from services.domain.facts import Fact, Facts


def family_of(facts: Facts) -> str | None:
    """The family that the child was last said to be of."""
    told: list[Fact[ChildDetailsRecorded] | Fact[ChildDetailsCorrected]] = [
        *facts.of(ChildDetailsRecorded),
        *facts.of(ChildDetailsCorrected),
    ]
    named = [(each.on, each.told, each.event.family_id) for each in told if each.event.family_id]
    return max(named)[2] if named else None
