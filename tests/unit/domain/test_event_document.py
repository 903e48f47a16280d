"""The event document: what a client may post, and that a stored document is read back as it was written."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from services.domain.errors import Fault, MalformedJson, NotAnEvent, UnknownEventType
from services.domain.event import (
    NOT_APPENDED,
    CaseVersion,
    Recorded,
    Submission,
    compose,
    decode,
    said,
    to_the_millisecond,
    write,
)
from services.domain.events import ACCESS_EVENT_TYPES, CASE_EVENT_TYPES, EVENT_TYPES, OFFICE_EVENT_TYPES
from services.domain.faults import find
from services.domain.personal import fields_of
from services.domain.posted import SET_BY_THE_LEDGER, parse
from tests.support.casework import as_stored
from tests.support.law import for_each
from tests.support.samples import ATTRIBUTES, SAMPLES, cloudevent
from tests.support.strategies import Payload, json_values, payloads

RECORDED = datetime(2017, 10, 2, 9, 0, 0, 114_000, tzinfo=UTC)
CONTACT: dict[str, Any] = {"type": "ContactReceived", "data": {"contact_id": "contact-1"}}


def read(body: object, stream: str = "case-1") -> Submission:
    raw = body if isinstance(body, bytes) else json.encode(body)
    return parse(raw, stream, lambda: "given-here")


def faults_of(body: object) -> list[Fault]:
    with pytest.raises(NotAnEvent) as caught:
        read(body)
    return caught.value.faults


def pointers_of(body: object) -> list[str]:
    return [fault.pointer for fault in faults_of(body)]


def error_of(body: object) -> NotAnEvent | UnknownEventType | None:
    try:
        read(body)
    except (NotAnEvent, UnknownEventType) as error:
        return error
    return None


def write_as_posted(submission: Submission) -> Recorded:
    return write(submission, submission.event, ("late_entry", "repeat"), CaseVersion(7), RECORDED)


def test_there_is_a_sample_of_every_event_type() -> None:
    assert SAMPLES.keys() == EVENT_TYPES.keys()
    assert len(EVENT_TYPES) == 117


def test_an_event_belongs_to_cases_or_to_the_office_or_to_an_access_log() -> None:
    assert EVENT_TYPES.keys() == CASE_EVENT_TYPES | OFFICE_EVENT_TYPES | ACCESS_EVENT_TYPES
    assert not CASE_EVENT_TYPES & OFFICE_EVENT_TYPES
    assert not ACCESS_EVENT_TYPES & (CASE_EVENT_TYPES | OFFICE_EVENT_TYPES)


@for_each(sorted(EVENT_TYPES))
def test_every_sample_is_stored_and_read_back_as_it_was_posted(name: str) -> None:
    submission = read(cloudevent(name))
    written = write_as_posted(submission)
    document = json.decode(compose(written))
    assert decode(compose(written)) == written
    personal = fields_of(EVENT_TYPES[name])
    assert document["data"] == {key: value for key, value in SAMPLES[name].items() if key not in personal}
    assert {attribute: document[attribute] for attribute in ATTRIBUTES} == ATTRIBUTES


def test_a_document_holds_its_attributes_in_a_fixed_order_and_starts_where_the_position_goes() -> None:
    document = compose(write_as_posted(read(cloudevent("ContactReceived"))))
    assert document.startswith(b'{"specversion":"1.0",')
    assert list(json.decode(document)) == [
        "specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype",
        "caseversion", "recordedat", "actor", "actorrole", "correlationid", "causationid", "flags", "data",
    ]  # fmt: skip


def test_a_document_states_what_the_ledger_knows_of_the_event() -> None:
    document = json.decode(compose(write_as_posted(read(cloudevent("StrategyHeld")))))
    assert document["dataschema"] == "urn:caseledger:event:StrategyHeld:1"
    assert document["datacontenttype"] == "application/json"
    assert document["subject"] == "case-1"
    assert document["caseversion"] == 7
    assert document["recordedat"] == "2017-10-02T09:00:00.114000Z"
    assert document["flags"] == "late_entry repeat"


def test_a_document_says_on_whose_behalf_it_was_posted_and_its_author_is_that_one() -> None:
    submission = replace(read(cloudevent("StrategyHeld")), actor="front-door", onbehalfof="iro:17")
    written = write_as_posted(submission)
    document = json.decode(compose(written))
    assert (document["actor"], document["onbehalfof"]) == ("front-door", "iro:17")
    assert decode(compose(written)).author == submission.author == "iro:17"


def test_what_was_not_said_is_not_in_the_document() -> None:
    submission = read(CONTACT)
    document = json.decode(compose(write(submission, submission.event, (), CaseVersion(1), RECORDED)))
    assert not {"actor", "actorrole", "correlationid", "causationid", "flags", "position"} & document.keys()
    assert document["data"] == {"contact_id": "contact-1"}


def test_a_position_spliced_in_front_is_read_back() -> None:
    written = write_as_posted(read(CONTACT))
    assert written.position == NOT_APPENDED
    assert as_stored(written, position=4711).position == 4711


def test_an_event_without_a_time_happened_when_it_was_recorded() -> None:
    assert write_as_posted(read(CONTACT)).time == RECORDED


def test_plain_json_may_leave_out_its_id_and_source() -> None:
    submission = read(CONTACT)
    assert (submission.id, submission.source) == ("given-here", "/api")


def test_a_time_is_kept_as_utc() -> None:
    assert read({**CONTACT, "time": "2018-06-15T00:30:00+01:00"}).time == datetime(
        2018, 6, 14, 23, 30, tzinfo=UTC
    )


def test_recording_is_stated_to_the_millisecond_in_utc() -> None:
    precise = datetime(2018, 6, 15, 0, 30, 0, 123_999, tzinfo=timezone(timedelta(hours=1)))
    assert to_the_millisecond(precise) == datetime(2018, 6, 14, 23, 30, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({}, {"specversion": "1.0", "subject": "case-1"}, id="what goes without saying"),
        pytest.param({}, {"datacontenttype": "Application/JSON; charset=utf-8"}, id="a content type"),
        pytest.param({}, {"dataschema": "urn:caseledger:event:ContactReceived:1"}, id="the schema"),
        pytest.param({}, {"source": "/api"}, id="the default source"),
        pytest.param({}, {"id": "other"}, id="its id, which is compared apart"),
        pytest.param(
            {"time": "2018-06-15T00:30:00+01:00"}, {"time": "2018-06-14T23:30:00Z"}, id="the same instant"
        ),
        pytest.param({}, {"data": {"contact_id": "contact-1", "channel": None}}, id="a null"),
        pytest.param({}, {"data": {"contact_id": "contact-1", "concern_categories": []}}, id="an empty list"),
    ],
)
def test_the_same_said_otherwise_is_the_same_content(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert said(read(CONTACT | first)) == said(read(CONTACT | second))


@pytest.mark.parametrize(
    "other",
    [
        {"time": "2018-06-14T23:30:00Z"},
        {"source": "/portal"},
        {"actor": "duty:1"},
        {"actorrole": "DUTY"},
        {"correlationid": "c"},
        {"causationid": "c"},
        {"data": {"contact_id": "contact-2"}},
        {"type": "GoodPracticeRecorded", "data": {}},
    ],
)
def test_anything_else_said_is_other_content(other: dict[str, Any]) -> None:
    assert said(read(CONTACT)) != said(read(CONTACT | other))


def test_the_same_event_of_another_case_is_other_content() -> None:
    assert said(read(CONTACT)) != said(read(CONTACT, stream="case-2"))


def test_who_caused_what_are_not_confused_in_the_content() -> None:
    assert said(read({**CONTACT, "correlationid": "x"})) != said(read({**CONTACT, "causationid": "x"}))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"type":"ContactReceived"} x', id="more after the end"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param('{"type":"é"}'.encode("latin-1"), id="not UTF-8"),
        pytest.param('{"type":"ContactReceived"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"type":"ContactReceived","data":NaN}', id="NaN"),
        pytest.param(
            b'{"type":"ContactReceived","data":{"contact_id":"\\ud800"}}', id="half a surrogate pair"
        ),
        pytest.param(b'{"type":"ContactReceived","data":{"n":1e400}}', id="a number out of range"),
        pytest.param(
            b'{"type":"ContactReceived","data":{"n":' + b"1" * 5000 + b"}}", id="digits without end"
        ),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="nested too deeply inside"),
    ],
)
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedJson):
        read(body)


@pytest.mark.parametrize("body", [b"null", b"12", b'"text"', b"[]"])
def test_what_is_not_an_object_is_not_an_event(body: bytes) -> None:
    assert faults_of(body) == [Fault("", "must be a JSON object")]


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownEventType) as caught:
        read({"type": "TeaMade", "data": {}})
    assert caught.value.name == "TeaMade"


def test_every_fault_is_found_at_once() -> None:
    body = {
        "type": "ContactReceived",
        "time": "yesterday",
        "colour": "blue",
        "data": {"channel": "pigeon", "anonymous": "no", "mood": 1},
    }
    assert sorted(pointers_of(body)) == [
        "/colour",
        "/data/anonymous",
        "/data/channel",
        "/data/contact_id",
        "/data/mood",
        "/time",
    ]


def test_faults_of_an_unknown_type_are_found_too() -> None:
    assert pointers_of({"type": "TeaMade", "colour": "blue"}) == ["/colour", "/data", "/type"]


def test_faults_of_the_envelope_and_of_the_data_are_found_together() -> None:
    body = {**CONTACT, "specversion": "0.3", "subject": "case-2", "data": {}}
    assert pointers_of(body) == ["/specversion", "/subject", "/data/contact_id"]


@pytest.mark.parametrize("other", [{}, {"colour": "blue"}])
def test_a_date_from_which_no_days_can_be_counted_is_a_fault(other: dict[str, Any]) -> None:
    scheduled = {"conference_id": "1", "kind": "ICPC", "scheduled_for": "9999-12-31T23:59:59-12:00"}
    held = {"conference_id": "1", "held_on": "0001-01-01", "decision": "REMAINS"}
    for name, data, field in (
        ("ConferenceScheduled", scheduled, "scheduled_for"),
        ("ConferenceHeld", held, "held_on"),
    ):
        faults = pointers_of({"type": name, "data": data | other})
        assert sorted(faults) == sorted(f"/data/{each}" for each in (field, *other))


def test_a_fault_deep_inside_is_pointed_at() -> None:
    channels = [{"kind": "EMAIL", "address": "a@example.org"}, {"kind": "PIGEON", "address": "b"}]
    body = {"type": "RungHolderAppointed", "data": {**SAMPLES["RungHolderAppointed"], "channels": channels}}
    assert pointers_of(body) == ["/data/channels/1/kind"]


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    assert pointers_of({**CONTACT, "a/b~c": 1}) == ["/a~1b~0c"]


@pytest.mark.parametrize("name", sorted(SET_BY_THE_LEDGER))
def test_what_the_ledger_sets_is_not_the_clients_to_say(name: str) -> None:
    assert faults_of({**CONTACT, name: 1}) == [Fault(f"/{name}", "is set by the ledger")]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("specversion", "0.3"),
        ("subject", "case-2"),
        ("datacontenttype", "text/xml"),
        ("dataschema", "urn:caseledger:event:ContactReceived:2"),
        ("time", "2018-06-14T23:30:00"),
        ("time", "2016-12-31T23:59:60Z"),
        ("time", "2016-12-31T24:00:00Z"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", "1899-12-31T23:59:59Z"),
        ("time", "9999-12-31T23:59:59-14:00"),
        ("time", 5),
        ("id", ""),
        ("id", "a\0b"),
        ("id", "a\nb"),
        ("id", "a\n"),
        ("id", "x" * 201),
        ("source", "two words"),
        ("source", "/front-dööor"),
        ("source", ""),
        ("actor", ""),
        ("actor", "a\x1bb"),
        ("actorrole", "a\r"),
        ("correlationid", "\x7f"),
        ("causationid", ""),
    ],
)
def test_an_attribute_that_cannot_be_kept_is_a_fault(attribute: str, value: object) -> None:
    assert pointers_of({**CONTACT, attribute: value}) == [f"/{attribute}"]


@pytest.mark.parametrize(
    "contact_id", ["", "a\n", "a b", "..", ".hidden", "-x", "x" * 65, "é", "a/b", None, 7, ["a"]]
)
def test_an_id_inside_a_case_is_letters_digits_and_a_few_marks(contact_id: object) -> None:
    assert pointers_of({**CONTACT, "data": {"contact_id": contact_id}}) == ["/data/contact_id"]


@pytest.mark.parametrize(
    "contact_id", ["a", "A.b:c-d_e", "_x", "5b0c2a9e-0000-4000-8000-000000000000", "x" * 64]
)
def test_ids_of_other_systems_are_taken_as_they_are(contact_id: str) -> None:
    assert error_of({**CONTACT, "data": {"contact_id": contact_id}}) is None


def test_words_may_have_many_lines_but_no_nul() -> None:
    lines = "One.\nTwo.\r\n\tThree.\n"
    assert error_of({**CONTACT, "data": {"contact_id": "c", "summary": lines}}) is None
    assert pointers_of({**CONTACT, "data": {"contact_id": "c", "summary": "a\0b"}}) == ["/data/summary"]


@pytest.mark.parametrize("attempt", [0, -1, 10**6 + 1, 2**64, 10**100, 1.0, 1.5, True, "1"])
def test_an_attempt_is_a_sensible_whole_number(attempt: object) -> None:
    data = {**SAMPLES["NotificationSent"], "attempt": attempt}
    assert pointers_of({"type": "NotificationSent", "data": data}) == ["/data/attempt"]


def test_of_a_key_that_is_given_twice_the_last_counts() -> None:
    body = b'{"type":"ContactReceived","data":{"contact_id":"a"},"data":{"contact_id":"b","contact_id":"c"}}'
    assert json.decode(compose(write_as_posted(read(body))))["data"] == {"contact_id": "c"}


def test_a_document_that_a_newer_release_wrote_is_told_apart() -> None:
    document = json.decode(compose(write_as_posted(read(CONTACT))))
    document["dataschema"] = "urn:caseledger:event:ContactReceived:2"
    with pytest.raises(UnknownEventType):
        decode(json.encode(document))
    with pytest.raises(UnknownEventType):
        decode(json.encode({**document, "type": "TeaMade"}))


@given(
    posted=payloads(),
    time=st.none() | st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    recorded=st.datetimes(datetime(2012, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    version=st.integers(1, 2**40),
    flags=st.lists(st.sampled_from(["late_entry", "repeat", "rung_passed"]), unique=True).map(tuple),
)
def test_a_document_is_read_back_as_it_was_written(
    posted: Payload, time: datetime | None, recorded: datetime, version: int, flags: tuple[str, ...]
) -> None:
    name, data = posted
    body = {"type": name, "data": data} | ({"time": time} if time else {})
    submission = read(body)
    written = write(submission, submission.event, flags, CaseVersion(version), to_the_millisecond(recorded))
    assert decode(compose(written)) == written
    assert compose(decode(compose(written))) == compose(written)
    stored = as_stored(written, version)
    assert stored.position == version
    assert compose(stored) == compose(written)
    assert b"\n" not in compose(written)


@given(json_values())
def test_whatever_json_is_posted_is_an_event_or_has_its_faults_named(body: object) -> None:
    error = error_of(body)
    assert not isinstance(error, NotAnEvent) or error.faults


@given(st.sampled_from(sorted(EVENT_TYPES)), st.dictionaries(st.text(), json_values()), json_values())
def test_whatever_data_is_posted_is_an_event_or_has_its_faults_named(
    name: str, more: dict[str, object], value: object
) -> None:
    for data in (more, value, dict.fromkeys(SAMPLES[name], value), {**SAMPLES[name], **more}):
        error = error_of({"type": name, "data": data})
        found = find(EVENT_TYPES[name], data, "/data")
        assert found == (error.faults if isinstance(error, NotAnEvent) else [])


@given(st.binary())
def test_whatever_bytes_are_posted_are_refused_by_name(body: bytes) -> None:
    with pytest.raises((MalformedJson, NotAnEvent, UnknownEventType)):
        read(body)
