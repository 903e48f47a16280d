"""Answers for the past: made of the events that were asked for, by what makes the live rows."""

from datetime import timedelta

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.domain.as_at import NOW, AsAt
from services.domain.event import compose
from services.domain.events import CASE_EVENT_TYPES
from services.projector.computation import Stored, compute
from services.projector.past import choose, rows_of
from tests.support.casework import CASE, MONDAY, contact, given, plan, record_of, voided
from tests.support.strategies import Payload, payloads

HISTORIES = st.lists(payloads(*CASE_EVENT_TYPES), min_size=1, max_size=8)
MINUTE = timedelta(minutes=1)


def stored(number: int, document: bytes) -> Stored:
    return Stored(number, (b'{"position":%d,' % number + document[1:]).decode())


@for_all(HISTORIES)
@settings(max_examples=25, deadline=None)
def test_what_was_known_at_any_position_is_what_was_computed_there(history: list[Payload]) -> None:
    times = [MONDAY + number * MINUTE for number in range(len(history))]
    records = [
        record_of(name, data, number=number, at=at)
        for number, ((name, data), at) in enumerate(zip(history, times, strict=True), 1)
    ]
    documents = [stored(record.position, compose(record)) for record in records]
    for number, at in enumerate(times, 1):
        then = compute(CASE, choose(documents, AsAt(recorded_until=at)))
        assert then == compute(CASE, documents[:number])
    assert choose(documents, NOW) == documents


def test_a_case_is_parked_on_the_days_on_which_it_was() -> None:
    story = given(contact(), plan().at("2017-10-03"), voided("event-2").at("2017-10-04"))
    documents = [stored(number, compose(each)) for number, each in enumerate(story.records, 1)]
    documents[1] = Stored(2, documents[1].document.replace("PlanMade", "PlanDreamt"))

    def parked(asked: AsAt) -> list[bool]:
        return [row["parked"] for row in rows_of(compute(CASE, choose(documents, asked)), "case_status")]

    assert parked(AsAt(recorded_until=MONDAY)) == [False]
    assert parked(NOW) == [True]
