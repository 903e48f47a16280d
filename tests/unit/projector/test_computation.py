"""Computing a case, and parking one that cannot be computed."""

from collections.abc import Sequence

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.domain.event import compose
from services.projector import computation
from services.projector.computation import TABLES, Computed, Stored, compute
from services.projector.views import VIEWS
from services.projector.views.history import History
from services.runtime.postgres import load_sql
from tests.support.casework import CASE, MONDAY, contact, given, plan, raised, record_of
from tests.support.strategies import Payload, payloads

STATUS, TIMELINE, *_, PARKED = range(len(TABLES))


def stored(*documents: bytes) -> list[Stored]:
    return [
        Stored(number, f'{{"position":{number},{document.decode()[1:]}')
        for number, document in enumerate(documents, 1)
    ]


def documents_of(*posts: object) -> list[bytes]:
    return [compose(record) for record in given(*posts).records]  # type: ignore[arg-type]  # posts as they are


def unknown() -> bytes:
    return documents_of(contact())[0].replace(b"ContactReceived", b"ContactForeseen")


def parked(computed: Computed) -> list[object]:
    return [tuple(row) for row in computed.records[PARKED]]


def test_a_case_that_can_be_computed_is_not_parked() -> None:
    assert parked(compute(CASE, stored(*documents_of(contact(), plan())))) == []


def test_an_unknown_event_parks_the_case_before_it_and_names_its_type() -> None:
    computed = compute(CASE, stored(*documents_of(contact()), unknown(), *documents_of(plan())))
    ((case_id, position, error),) = computed.records[PARKED]
    assert (case_id, position) == (CASE, 2)
    assert "ContactForeseen" in str(error)
    assert len(computed.records[TIMELINE]) == 1


def test_a_newer_version_of_a_known_type_parks_the_case_too() -> None:
    newer = documents_of(contact())[0].replace(b"ContactReceived:1", b"ContactReceived:2")
    assert len(parked(compute(CASE, stored(newer)))) == 1


def test_a_case_of_which_nothing_can_be_computed_has_no_rows() -> None:
    computed = compute(CASE, stored(unknown()))
    assert [len(records) for records in computed.records] == [*[0] * PARKED, 1]


def test_a_view_that_fails_parks_the_case_before_the_event_and_says_where_not_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumble(history: History) -> Sequence[object]:
        if len(history) > 1:
            raise ZeroDivisionError("what somebody typed")
        return []

    views = (VIEWS[0]._replace(rows=stumble), *VIEWS[1:])
    monkeypatch.setattr(computation, "VIEWS", views)

    computed = compute(CASE, stored(*documents_of(contact(), plan(), raised())))

    ((_, position, error),) = computed.records[PARKED]
    assert position == 2
    assert str(error).startswith("ZeroDivisionError at test_computation.py:")
    assert len(computed.records[TIMELINE]) == 1


@settings(max_examples=60, deadline=None)
@for_all(st.lists(payloads(), min_size=1, max_size=8))
def test_whatever_the_ledger_may_hold_the_views_can_compute(events: list[Payload]) -> None:
    history = [record_of(*event, number=number, at=MONDAY) for number, event in enumerate(events, 1)]
    assert parked(compute(CASE, stored(*map(compose, history)))) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_table_is_read_back_in_the_order_of_its_columns(table: computation.Table) -> None:
    statement = load_sql("services.projector.sql")[f"rows_of_{table.name}"]
    listed = statement.partition("SELECT")[2].partition("FROM")[0]
    assert tuple(name.strip() for name in listed.split(",")) == table.columns
