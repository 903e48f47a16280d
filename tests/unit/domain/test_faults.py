"""What is wrong with a posted event is said in words that its sender knows."""

import json
from typing import Any

import pytest

from services.domain.errors import MalformedJson, NotAnEvent
from services.domain.posted import parse


def faults_of(**event: Any) -> dict[str, str]:
    with pytest.raises(NotAnEvent) as raised:
        parse(json.dumps(event).encode(), "case-1", lambda: "id-1")
    return {fault.pointer: fault.message for fault in raised.value.faults}


def test_every_fault_is_said_in_plain_words() -> None:
    said = faults_of(
        type="ContactReceived",
        time="2018-03-29T11:00:00",
        source=7,
        data={
            "contact_id": "not an id",
            "channel": "pigeon",
            "immediate_danger": "yes",
            "concern_categories": ["neglect"],
            "received_at": "yesterday",
        },
    )
    assert said == {
        "/time": "needs an offset, such as Z",
        "/source": "must be text, not a whole number",
        "/data/contact_id": "must be 1 to 64 letters, digits and `_.:-`, the first no mark but `_`",
        "/data/channel": "must be one of phone, email, web_form, multi_agency_form, out_of_hours, other",
        "/data/immediate_danger": "must be true or false, not text",
        "/data/concern_categories/0": "must be 1 to 64 capitals, digits and `_`",
        "/data/received_at": "must be an RFC 3339 instant, such as 2018-03-29T11:00:00Z",
    }


def test_lengths_and_bounds_say_their_limits() -> None:
    said = faults_of(
        type="PlanMade",
        actor="x" * 121,
        data={"plan_id": "p", "plan_kind": "CIN", "previous_cp_count": -1, "made_on": "soon"},
    )
    assert said == {
        "/actor": "must have at most 120 characters",
        "/data/previous_cp_count": "must be 0 or more",
        "/data/made_on": "must be a date, such as 2018-03-29",
    }


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b'{"type": "\xe9"}', "the body is not UTF-8"),
        (b'{"type": ', "Input data was truncated"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(body: bytes, said: str) -> None:
    with pytest.raises(MalformedJson, match=said):
        parse(body, "case-1", lambda: "id-1")
