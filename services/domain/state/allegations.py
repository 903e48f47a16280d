"""Allegations: where the one that a case is about stands."""

from enum import StrEnum
from typing import get_args

from services.domain.events.allegation import (
    AllegationEvent,
    LadoCaseClosed,
    LadoCaseReopened,
    LadoOutcomeRecorded,
    LadoThresholdDecided,
    Threshold,
)
from services.domain.facts import Facts


class AllegationState(StrEnum):
    """Where an allegation stands. Logged and advised are ends, as is closed; each may be reopened."""

    RECEIVED = "RECEIVED"
    LOGGED = "LOGGED"
    ADVISED = "ADVISED"
    ENQUIRY = "ENQUIRY"
    CONCLUDED = "CONCLUDED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


OVER = frozenset({AllegationState.LOGGED, AllegationState.ADVISED, AllegationState.CLOSED})
_DECIDED = {
    Threshold.LOGGED_CLOSED: AllegationState.LOGGED,
    Threshold.ADVICE: AllegationState.ADVISED,
    Threshold.INTERNAL_ENQUIRY_CSM: AllegationState.ENQUIRY,
}


def is_allegation(facts: Facts) -> bool:
    """Whether the case is about an adult who works with children."""
    return facts.has(*get_args(AllegationEvent))


def state(facts: Facts) -> AllegationState | None:
    """Where the allegation stands, by the latest of its steps; on one day the furthest of them counts."""
    if not is_allegation(facts):
        return None
    steps = [(each.on, 1, _DECIDED[each.event.decision]) for each in facts.of(LadoThresholdDecided)]
    steps += [(each.on, 2, AllegationState.CONCLUDED) for each in facts.of(LadoOutcomeRecorded)]
    steps += [(each.on, 3, AllegationState.CLOSED) for each in facts.of(LadoCaseClosed)]
    steps += [(each.on, 4, AllegationState.REOPENED) for each in facts.of(LadoCaseReopened)]
    return max(steps)[2] if steps else AllegationState.RECEIVED
