"""Sentences of holds, erasures and subject access requests."""

from typing import Final, assert_never

from services.domain.events.forgetting import (
    ErasureBasis,
    ErasureDecided,
    ForgettingEvent,
    KeyDestroyed,
    LegalHoldLifted,
    LegalHoldPlaced,
    SubjectAccessApproved,
    SubjectAccessPrepared,
)
from services.domain.sentences.words import day, on, words

_BASES: Final = {
    ErasureBasis.RETENTION: "its time was up",
    ErasureBasis.COURT_ORDER: "a court ordered it",
    ErasureBasis.REGULATOR_ORDER: "the regulator ordered it",
    ErasureBasis.UNLAWFUL_PROCESSING: "it should never have been kept",
}


def sentence(event: ForgettingEvent) -> str:
    """One sentence, capital to full stop."""
    match event:
        case LegalHoldPlaced(reason=reason):
            return f"A legal hold was placed{on(event.placed_on)}: {words(reason)}."
        case LegalHoldLifted():
            return f"A legal hold was lifted{on(event.lifted_on)}."
        case ErasureDecided(basis=basis):
            due = f" on {day(event.due_on)}" if event.due_on else ""
            return f"It was decided to erase the case, for {_BASES[basis]}{due}."
        case KeyDestroyed():
            return "The key of the case was destroyed: what was sealed can be read by nobody."
        case SubjectAccessPrepared():
            return "What is held was put together for a subject access request."
        case SubjectAccessApproved():
            return "What was put together for a subject access request may be given out."
        case _:
            assert_never(event)
