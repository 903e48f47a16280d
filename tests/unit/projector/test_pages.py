"""What a manager reads on a phone behind a link: an alert, and a list of deadlines."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.domain.deadlines import DeadlineState
from services.projector import alert_page, deadline_page
from services.projector.answers import Alert
from services.projector.deadline_answers import DeadlinePage

NOW = datetime(2017, 10, 9, 8, tzinfo=UTC)


def alert(**known: Any) -> Alert:
    given = dict.fromkeys(Alert.__struct_fields__) | {
        "case_id": "case-1",
        "alert_id": "alert-1",
        "position": 1,
        "last_position": 9,
        "cap_reached": False,
        "cafcass_open": False,
        "acknowledged": True,
        "open": False,
        "repeats": [],
        "steps": [],
    }
    return msgspec.convert(given | known, Alert)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (
            {"state": "RESOLVED", "resolved_on": "2017-10-06", "resolution": "ACTION_TAKEN"},
            "<p>Resolved on Friday 6 October 2017: action taken.</p>",
        ),
        (
            {"state": "WITHDRAWN", "closed_at": "2017-10-06T23:30:00Z"},
            "<p>Withdrawn by its raiser on Saturday 7 October 2017.</p>",
        ),
        ({"state": "INFORMAL"}, "<p>Not raised yet: an informal resolution was tried.</p>"),
    ],
)
def test_the_page_of_an_alert_that_is_over_says_since_when(known: dict[str, Any], said: str) -> None:
    assert said in alert_page.render(alert(**known), NOW, test_clock=False)


def deadlines(following: str | None = None, **known: Any) -> DeadlinePage:
    item: dict[str, Any] = {
        "case_id": "case-1",
        "team": "<A>",
        "worker": None,
        "name": "Assessment & decision",
        "deadline_id": "ASSESS_45:1",
        "rule": "ASSESS_45",
        "timer": "D-ASSESS",
        "basis": "GUIDANCE",
        "about": "1",
        "started_on": "2017-08-01",
        "due_on": "2017-10-06",
        "soon_on": None,
        "warnings": [],
        "met_on": None,
        "ended_on": None,
        "late_by": 0,
        "calendar_version": "1",
    }
    return msgspec.convert({"items": [item | known] if known else [], "next": following}, DeadlinePage)


@pytest.mark.parametrize("state", DeadlineState)
def test_the_page_of_deadlines_says_of_each_what_is_due_where_by_when_and_how_it_stands(
    state: DeadlineState,
) -> None:
    shown = deadline_page.render(deadlines(state=state), "Deadlines of <A>", NOW, test_clock=True)
    assert "<h1>Deadlines of &lt;A&gt;</h1>" in shown
    assert "<h2>Assessment &amp; decision</h2>" in shown
    assert "Due Friday 6 October 2017: " in shown
    assert "Case case-1, team &lt;A&gt;<" in shown
    assert ('class="late"' in shown) == (state is DeadlineState.OVERDUE)
    assert "A rehearsal: it is Mon 9 Oct 2017, 09:00 on a test clock." in shown


def test_the_page_of_deadlines_says_when_there_are_none_and_when_there_are_more() -> None:
    assert "<p>Nothing.</p>" in deadline_page.render(deadlines(), "Deadlines", NOW, test_clock=False)
    more = deadlines("cursor", state="UNKNOWN", due_on=None)
    shown = deadline_page.render(more, "Deadlines", NOW, test_clock=False)
    assert "Beyond the known calendar." in shown
    assert "the first 1; there are more" in shown
