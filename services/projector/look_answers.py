"""What is answered of looks: who was shown what of whom, and what is unusual about it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct


class Unusual(StrEnum):
    """What deserves a second look about a look."""

    OUTSIDE_TEAM = "OUTSIDE_TEAM"
    MANY_CASES = "MANY_CASES"
    BREAK_GLASS = "BREAK_GLASS"


class Look(Struct, frozen=True, kw_only=True):
    """One time that somebody, `who`, was shown what is sealed of a case.

    `fields` are types of events with a field, `versions` those of the events. `teams` are the reader's, and
    `case_team` had the case, both at the time. `cases_within_the_hour`: at how many cases they had looked in
    the hour up to it, this one included.
    """

    position: int
    case_id: str
    who: str | None
    looked_at: datetime
    purpose: str
    fields: list[str]
    versions: str
    teams: list[str]
    case_team: str | None
    cases_within_the_hour: int
    unusual: list[Unusual]


class LookPage(Struct, frozen=True):
    """Looks, the newest first; `next` is the cursor of the page after this, if there is one."""

    items: list[Look]
    next: str | None


def look_of(row: Mapping[str, Any]) -> Look:
    """One look of a row of `looks.sql`."""
    return msgspec.convert(dict(row), Look)
