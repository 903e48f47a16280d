"""Deadlines as a page for a manager's phone: what is due in which case, by when, and how it stands."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Final

from services.domain.as_at import NOW, AsAt
from services.domain.deadlines import DeadlineState
from services.projector import page
from services.projector.deadline_answers import CaseDeadline, DeadlinePage
from services.projector.page import day_of

_STATES: Final = {
    DeadlineState.OPEN: "to be done",
    DeadlineState.DUE_SOON: "due soon",
    DeadlineState.OVERDUE: "overdue",
    DeadlineState.MET: "done in time",
    DeadlineState.MET_LATE: "done late",
    DeadlineState.LAPSED: "not done, and called for no more",
    DeadlineState.UNKNOWN: "beyond the known calendar",
}


def render(found: DeadlinePage, title: str, now: datetime, *, test_clock: bool, asked: AsAt = NOW) -> str:
    """The whole page, in the order of what was found. `title` is text."""
    body = [*page.standing(now, asked, test_clock=test_clock), f"<h1>{escape(title)}</h1>", *_body(found)]
    return page.framed(escape(title), "\n".join(body))


def _body(found: DeadlinePage) -> Iterator[str]:
    if not found.items:
        yield "<p>Nothing.</p>"
    for each in found.items:
        yield from _item(each)
    if found.next:
        yield f"<p>These are the first {len(found.items)}; there are more.</p>"
    yield "<footer><p>What was done is entered in the case management system.</p></footer>"


def _item(deadline: CaseDeadline) -> Iterator[str]:
    by = f"Due {day_of(deadline.due_on)}: " if deadline.due_on else ""
    late = ' class="late"' if deadline.state is DeadlineState.OVERDUE else ""
    said = f"{by}{_STATES[deadline.state]}"
    yield f"<h2>{escape(deadline.name)}</h2>"
    yield f"<p{late}>{said[0].upper()}{said[1:]}.</p>"
    whose = [deadline.team and f"team {deadline.team}", deadline.worker]
    yield f'<p class="small">{escape(", ".join([f"Case {deadline.case_id}", *filter(None, whose)]))}</p>'
