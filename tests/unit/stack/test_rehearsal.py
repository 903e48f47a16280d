"""A rehearsal goes on where its clock stood, and nothing that happened in real time becomes one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.runtime.clock import text
from services.stack import rehearsal
from services.stack.errors import StackError
from services.stack.layout import Layout
from services.stack.settings import REAL_CLOCK

NOON = datetime(2017, 10, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=7)


@pytest.mark.parametrize(
    ("asked", "stood", "recorded", "begins"),
    [
        (NOON, None, None, NOON),
        (NOON, LATER, NOON, LATER),
        (LATER, NOON, NOON, LATER),
        (NOON, NOON, LATER, LATER),  # killed before it was noted how far the clock had come
        (LATER, None, NOON, LATER),
    ],
)
def test_a_clock_begins_where_it_is_asked_to_or_where_it_stood(
    asked: datetime, stood: datetime | None, recorded: datetime | None, begins: datetime
) -> None:
    assert rehearsal.begin(text(asked), stood, recorded) == text(begins)
    assert rehearsal.begin(REAL_CLOCK, stood, recorded) == REAL_CLOCK


def test_what_was_recorded_in_real_time_is_not_gone_back_behind() -> None:
    with pytest.raises(StackError, match=r"recorded up to 2017-10-09T12:00:00Z.* or later, .* --data"):
        rehearsal.begin(text(NOON), None, LATER)


def test_where_a_clock_stood_is_kept_until_there_is_real_time(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert rehearsal.stood_at(layout) is None
    rehearsal.keep(layout, text(NOON))
    assert rehearsal.stood_at(layout) == NOON
    rehearsal.keep(layout, REAL_CLOCK)
    rehearsal.keep(layout, REAL_CLOCK)
    assert rehearsal.stood_at(layout) is None
    layout.clock.write_text("no instant")
    assert rehearsal.stood_at(layout) is None
