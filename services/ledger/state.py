"""What is known of one stream: a case, or the office."""

from collections.abc import Iterable
from functools import reduce

from services.domain import case as cases
from services.domain import office as offices
from services.domain.case import Case
from services.domain.event import Recorded
from services.domain.office import OFFICE, Office

State = Case | Office


def fold(state: State, record: Recorded) -> State:
    """The state after one more event."""
    return cases.fold(state, record) if isinstance(state, Case) else offices.fold(state, record)


def refold(stream: str, history: Iterable[Recorded]) -> State:
    """The state that a stream's whole history tells; without history, at version 0."""
    if stream == OFFICE:
        return reduce(offices.fold, history, Office())
    return cases.refold(stream, history)
