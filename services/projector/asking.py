"""What a query asks of the past, as it is documented and checked: two instants, both bounds included."""

from typing import Annotated, Final

from litestar.di import NamedDependency, Provide

from services.domain.as_at import AsAt
from services.runtime.instants import instant_parameter, read_instant
from services.runtime.problems import INVALID_REQUEST, Fault, Problem

RecordedUntil = Annotated[
    str | None,
    instant_parameter(
        "As it was known at this instant, this one included: RFC 3339, with an offset. The answer is the one "
        "that was, or would have been, given then."
    ),
]
OccurredUntil = Annotated[
    str | None,
    instant_parameter(
        "As it is known, or was at `recorded_until`, that it was at this instant, this one included. What "
        "was found to be wrong since is left out, and what was typed in late is there."
    ),
]


def _read(recorded_until: RecordedUntil = None, occurred_until: OccurredUntil = None) -> AsAt:
    return AsAt(
        recorded_until=read_instant("recorded_until", recorded_until),
        occurred_until=read_instant("occurred_until", occurred_until),
    )


Asked = NamedDependency[AsAt]
"""What a route gets of it."""

ASKED: Final = {"asked": Provide(_read, sync_to_thread=False)}
"""The dependency of a route that answers for the past too."""


def one_case(case_id: str | None) -> str:
    """The case that a list of the past is of. Raises `Problem` if none is named."""
    if case_id is None:
        message = "is needed beside `recorded_until` or `occurred_until`: the past is asked case by case"
        raise Problem(INVALID_REQUEST, faults=[Fault(parameter="case_id", message=message)])
    return case_id
