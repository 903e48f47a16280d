"""Read what a client's headers ask for."""

import re
from typing import Final

from services.ledger.request import UNCONDITIONAL, Condition
from services.runtime.problems import INVALID_REQUEST, Fault, Problem

VERSION_TAG: Final = re.compile(r'"(\d{1,15})"')
TAG_LIST: Final = re.compile(r'(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*')
KEY: Final = re.compile(r"[!-~]{1,255}")


def condition_of(if_match: str | None, if_none_match: str | None) -> Condition:
    """The condition of `If-Match` and `If-None-Match`; raises a problem where they cannot be read."""
    if if_match is None and if_none_match is None:
        return UNCONDITIONAL
    if if_none_match is not None and if_none_match.strip() != "*":
        raise _fault("If-None-Match", "must be `*`: append only if the case does not exist")
    if if_match is None:
        return Condition(exists=False)
    if if_none_match is not None:
        raise _fault("If-None-Match", "contradicts If-Match")
    if if_match.strip() == "*":
        return Condition(exists=True)
    if not TAG_LIST.fullmatch(if_match.strip()):
        raise _fault("If-Match", 'must be `*`, or the version in quotes, such as `"7"`')
    # A weak tag, or one that is no version, matches nothing: that is a stale condition, not a fault.
    tags = (VERSION_TAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    return Condition(versions=frozenset(int(tag[1]) for tag in tags if tag))


def idempotency_key_of(value: str | None) -> str | None:
    """The `Idempotency-Key`, if there is one; raises a problem where it cannot be used."""
    if value is not None and not KEY.fullmatch(value):
        raise _fault("Idempotency-Key", "must be 1 to 255 printable ASCII characters without spaces")
    return value


def last_event_id_of(value: str | None) -> int | None:
    """The position after which an interrupted live tail resumes; raises a problem where it is none."""
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= 15):  # noqa: PLR2004 - as in VERSION_TAG
        raise _fault("Last-Event-ID", "must be a position")
    return int(value)


def _fault(header: str, message: str) -> Problem:
    return Problem(INVALID_REQUEST, faults=[Fault(parameter=header, message=message)])
