"""A timer in a row: its rule, what starts it on 31 January 2018, when it is due, when met, and by what."""

from services.domain.deadlines import Deadline, deadlines
from tests.support.casework import KNOWN, Post, given, instant

LATER = "2019-02-01"  # all of it is recorded on that day
PREPARED = ("REPORT", "SW_", "CARE_PLAN_D")  # due before a meeting that has been held

Row = tuple[str, list[Post], str, str, Post]


def check(rule: str, starts: list[Post], due: str, met: str, stop: Post) -> None:
    """Unmet, it is open, overdue, or lapsed with its meeting; met, it is so in time or late."""
    if starts:
        unmet = of(rule, *starts)[0]
        still = "OVERDUE" if due < LATER else "OPEN"
        assert (str(unmet.due_on), unmet.met_on) == (due, None)
        assert unmet.state == ("LAPSED" if rule.startswith(PREPARED) else still)
    first = of(rule, *starts, stop)[0]
    assert (str(first.due_on), str(first.met_on)) == (due, met)
    assert first.state == ("MET" if met <= due else "MET_LATE")
    assert bool(first.late_by) == (met > due)


def of(rule: str, *posts: Post) -> list[Deadline]:
    """The deadlines under one rule once all of this is recorded."""
    story = given(*(post.at(LATER) for post in posts))
    return [each for each in deadlines(story.case, instant(LATER), KNOWN) if each.rule == rule]
