"""A backlog before it is posted: what its lines say, in which order they come, what must stay together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from services.cli.backlog import groups, lines, shape
from services.cli.backlog.lines import Unusable
from services.cli.backlog.order import Order, Place

RAISED = {"type": "PracticeAlertRaised", "subject": "c", "data": {"alert_id": "a"}}


def place(number: int, alert_id: str = "", **given: Any) -> Place:
    event_id = f"e{number}" if alert_id else ""
    return Place(
        of_case=True, case_id="c", number=number, offset=0, length=500,
        event_id=event_id, alert_id=alert_id, **given,
    )  # fmt: skip


def test_a_line_without_an_id_is_the_same_event_wherever_it_stands_and_however_it_is_spaced() -> None:
    said = lines.read(json.encode(RAISED))
    assert said.id == lines.read(json.format(json.encode(dict(reversed(RAISED.items()))))).id
    assert said.id != lines.read(json.encode({**RAISED, "subject": "d"})).id
    assert (said.event["source"], said.event["specversion"]) == ("/import", "1.0")


def test_an_event_keeps_the_id_and_the_source_that_it_brings() -> None:
    brought = {"id": "7", "source": "/legacy"}
    event = lines.read(json.encode(RAISED | brought)).event
    assert {name: event[name] for name in brought} == brought


def test_a_line_of_refusals_is_the_event_in_it_under_the_id_that_it_was_refused_under() -> None:
    refused = lines.read(json.encode(RAISED)).event
    mended = {"line": 3, "event": refused | {"time": "2017-01-01T00:00:00Z"}, "problem": {"title": "…"}}
    assert lines.read(json.encode(mended)).id == refused["id"]
    text = {"line": 4, "text": json.encode(RAISED).decode(), "problem": {}}
    assert lines.read(json.encode(text)).id == refused["id"]


def test_what_stands_in_a_line_of_refusals_keeps_the_line_that_it_had_first() -> None:
    assert lines.read(json.encode({"line": 3, "event": RAISED})).line == 3
    assert lines.read(json.encode(RAISED | {"line": 3})).line is None
    with pytest.raises(Unusable) as nonsense:
        lines.read(json.encode({"line": 4, "text": "{nonsense", "problem": {}}))
    assert (nonsense.value.line, nonsense.value.text) == (4, b"{nonsense")


def test_an_event_is_of_its_alert_also_when_its_type_is_mistyped() -> None:
    assert lines.read(json.encode(RAISED | {"type": "PracticeAlertRazed"})).alert_id == "a"


def test_a_line_without_the_shape_of_an_event_says_what_is_wrong_with_it_under_the_line_it_had_first() -> (
    None
):
    good = RAISED | {"data": {"alert_id": "a", "issue_code": "HEALTH", "raised_by": "iro:17"}}
    assert list(shape.check(1, json.encode(good), lines.SOURCE)) == []
    for wrong, why in (
        (RAISED, "issue_code"),
        (good | {"type": "PracticeAlertRazed"}, "/type `PracticeAlertRazed`"),
        (good | {"subject": "a b"}, "`subject`"),
        (good | {"time": "yesterday"}, "/time"),
        (good | {"nonsense": True}, "nonsense"),
    ):
        ((line, detail),) = (
            (fault.line, fault.detail)
            for fault in shape.check(1, json.encode({"line": 7, "event": wrong}), lines.SOURCE)
        )
        assert line == 7
        assert why in detail


@pytest.mark.parametrize(
    "line", [b"{nonsense", b"[]", b'"\xff"', b"{}", b'{"subject": 7}', b'{"subject": "a b"}', b"[" * 10_000]
)
def test_what_names_no_case_cannot_be_posted_and_says_why(line: bytes) -> None:
    with pytest.raises(Unusable, match=r"\w+"):
        lines.read(line)


@given(st.lists(st.sampled_from(["office", "a", "b", "c"]), max_size=40), st.integers(1, 7))
def test_each_case_is_in_the_order_of_the_file_and_the_office_comes_first(
    cases: list[str], in_a_run: int
) -> None:
    with Order(in_a_run) as order:
        for number, case_id in enumerate(cases):
            order.add(Place(case_id != "office", case_id, number, 0, 1))
        found = [(each[0].case_id, [place.number for place in each]) for each in order.cases()]
    assert dict(found) == {
        case_id: [number for number, each in enumerate(cases) if each == case_id] for case_id in cases
    }
    assert "office" not in cases or found[0][0] == "office"


def test_an_alert_stays_whole_however_long_its_case_goes_on_meanwhile() -> None:
    places = [place(n, "a" if n in {150, 700} else "") for n in range(1000)]
    whole = next(group for group in groups.cut(places).groups if any(each.alert_id for each in group))
    assert {150, 700} <= {each.number for each in whole}
    assert [place for group in groups.cut(places).groups for place in group] == places
    assert len(groups.cut(places).groups[0]) == groups.WANTED_EVENTS


def test_what_voids_an_event_of_an_alert_is_of_that_alert() -> None:
    places = [place(0, "a"), *(place(n) for n in range(1, 300)), place(300, voids="e0")]
    ((first, *_, last),) = groups.cut(places).groups
    assert (first.alert_id, last.alert_id) == ("a", "a")


def test_an_alert_too_long_to_be_recorded_as_a_whole_is_left_out_as_a_whole() -> None:
    places = [place(n, {0: "a", 10: "b", 20: "b", 5_500: "a"}.get(n, "")) for n in range(6_000)]
    found = groups.cut(places)
    assert [each.number for each in found.too_long] == [0, 10, 20, 5_500]
    assert max(map(len, found.groups)) == groups.WANTED_EVENTS
