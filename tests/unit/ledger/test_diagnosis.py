"""What was done to a run of events is named, wherever in it, with the positions rewritten or not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.merkle import leaf_hash
from services.ledger import diagnosis
from services.ledger.diagnosis import Place
from services.ledger.stored_event import put_at

START = datetime(2018, 3, 29, 11, tzinfo=UTC)
MOST = 40
FIRST = 1_000  # of the positions that are looked at


def document(position: int, recorded: datetime = START) -> bytes:
    text = f'"id":"event-{position}","recordedat":"{recorded.isoformat().replace("+00:00", "Z")}"'
    return b'{"position":%d,%s,"data":{}}' % (position, text.encode())


EVENTS = [document(position) for position in range(FIRST, FIRST + MOST)]
SEALED = {position: leaf_hash(event) for position, event in enumerate(EVENTS, FIRST)}

Tamper = Callable[[list[bytes], int], None]


def delete(events: list[bytes], at: int) -> None:
    del events[at]


def insert(events: list[bytes], at: int) -> None:
    events.insert(at, events[at].replace(b"event-", b"new-"))


def insert_a_copy(events: list[bytes], at: int) -> None:
    events.insert(at, events[at + 2])


def swap(events: list[bytes], at: int) -> None:
    events[at], events[at + 3] = events[at + 3], events[at]


def move_on(events: list[bytes], at: int) -> None:
    events.insert(at + 2, events.pop(at))


def change(events: list[bytes], at: int) -> None:
    events[at] = events[at].replace(b"event-", b"evEnt-")


def put_a_copy_over(events: list[bytes], at: int) -> None:
    events[at] = events[at + 1]


NAMES: dict[Tamper, str | None] = {
    delete: "missing",
    insert: "inserted",
    insert_a_copy: "inserted",
    swap: "reordered",
    move_on: "reordered",
    change: None,
    put_a_copy_over: None,
}


@given(
    tamper=st.sampled_from([*NAMES]),
    at=st.integers(0, MOST - 4),
    rewritten=st.booleans(),
    sealed=st.booleans(),
)
def test_it_is_named(tamper: Tamper, at: int, rewritten: bool, sealed: bool) -> None:  # noqa: FBT001 - as hypothesis gives them
    events = [*EVENTS]
    tamper(events, at)
    if rewritten:
        events = [put_at(event, position) for position, event in enumerate(events, FIRST)]
    leaves, size = (SEALED, FIRST + MOST - 1) if sealed else ({}, 0)
    place = Place(FIRST + at, dict(enumerate(events, FIRST)), leaves, size)
    found = diagnosis.displaced(place)
    if sealed or not rewritten:
        assert (found and found.kind) == NAMES[tamper], found
    else:
        assert found is None  # nothing is left of what was there before


def test_a_gap_is_missing_and_one_whose_event_is_elsewhere_is_reordered() -> None:
    events = dict(enumerate(EVENTS, FIRST))
    gone = events.pop(FIRST + 5)
    assert diagnosis.displaced(Place(FIRST + 5, events, SEALED, FIRST + MOST)) == (
        "missing",
        "there is no event",
    )
    found = diagnosis.displaced(Place(FIRST + 5, events | {FIRST + MOST: gone}, SEALED, FIRST + MOST))
    assert found is not None
    assert found.kind == "reordered"


@pytest.mark.parametrize("back", [timedelta(milliseconds=5), timedelta(days=400)])
def test_an_event_that_was_backdated_is_shown_to_be_when_the_true_time_is_among_those_tried(
    back: timedelta,
) -> None:
    true = START + timedelta(milliseconds=123)
    sealed = {7: leaf_hash(document(7, true))}
    place = Place(7, {7: document(7, true - back)}, sealed, 7)
    instants = [START + timedelta(milliseconds=n) for n in range(200)]
    found = diagnosis.backdated(place, instants)
    assert found is not None
    assert found.kind == "backdated"
    assert "2018-03-29T11:00:00.123" in found.what
    assert diagnosis.backdated(place, instants[:100]) is None
    changed = Place(7, {7: document(8, true)}, sealed, 7)
    assert diagnosis.backdated(changed, instants) is None
