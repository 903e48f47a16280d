"""Instants in queries: RFC 3339 with an offset and nothing else, so that no number passes for a time."""

from datetime import datetime
from typing import Any, Final

from litestar.params import Parameter

from services.runtime.clock import ClockSettingError, instant_from
from services.runtime.problems import INVALID_REQUEST, Fault, Problem

_LONGEST: Final = 64


def instant_parameter(description: str) -> Any:
    """The declaration of a query parameter that is an instant; the route gets it as it was written."""
    return Parameter(description=description, max_length=_LONGEST, schema_extra={"format": "date-time"})


def read_instant(parameter: str, written: str | None) -> datetime | None:
    """The instant in UTC, or nothing where nothing was asked. Raises the `Problem` that names the fault."""
    if written is None:
        return None
    try:
        return instant_from(written)
    except ClockSettingError:
        raise Problem(INVALID_REQUEST, faults=[_fault(parameter, written)]) from None


def _fault(parameter: str, written: str) -> Fault:
    plus = "; write its `+` as %2B" if " " in written.strip() else ""
    example = "such as 2018-03-29T12:00:00Z"
    return Fault(
        parameter=parameter, message=f"must be RFC 3339, from 1900 on, with an offset, {example}{plus}"
    )
