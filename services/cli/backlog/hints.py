"""What to do about a refusal, where that has to do with its being imported: the ledger cannot know."""

from collections.abc import Mapping
from typing import Any, Final

_PAGE: Final = "See `Practice alerts of the past` in docs/how-to/import-a-backlog.md."
_FROM_TODAY: Final = (
    "Where no dates are given, a window counts from the day of the import. If the alert climbed on paper, "
    f"give `day0` in its PracticeAlertRaised and in each escalation whose window is past. {_PAGE}"
)
_HINTS: Final = {
    "window_not_expired": _FROM_TODAY,
    "ladder_not_exhausted": _FROM_TODAY,
    "cap_not_reached": f"Give `day0` or `cap_on` in its PracticeAlertRaised. {_PAGE}",
}


def add(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    """The problem, with a `hint` if there is one."""
    hint = _HINTS.get(str(problem.get("rule")))
    return {**problem, "hint": hint} if hint else problem
