"""What is known of one stream: a case, the office, or a case's access log."""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

from services.domain import access
from services.domain import case as cases
from services.domain import office as offices
from services.domain.access import Access
from services.domain.case import Case
from services.domain.event import Recorded
from services.domain.office import OFFICE, Office

State = Case | Office | Access


def fold(state: State, record: Recorded) -> State:
    """The state after one more event."""
    match state:
        case Case():
            return cases.fold(state, record)
        case Office():
            return offices.fold(state, record)
        case Access():
            return access.fold(state, record)
        case _:
            assert_never(state)


def refold(stream: str, history: Iterable[Recorded]) -> Case | Office:
    """The state that the whole history of a case, or of the office, tells; without history, at version 0."""
    if stream == OFFICE:
        return reduce(offices.fold, history, Office())
    return cases.refold(stream, history)


def weight(state: State) -> int:
    """How many events are kept with it: of an access log, none but itself."""
    return 1 if isinstance(state, Access) else state.version
