"""The schemas of events and documents: they say what the Structs decode, and what is personal."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec import inspect, json

from services.domain import schemas
from services.domain.event import CaseVersion, compose, schema_name, write
from services.domain.events import EVENT_TYPES
from services.domain.posted import parse
from tests.support.casework import as_stored
from tests.support.contract import SCHEMAS, faults_of_data, faults_of_document, read
from tests.support.law import for_each
from tests.support.samples import SAMPLES, cloudevent
from tests.support.strategies import Payload, payloads

RECORDED = datetime(2017, 10, 2, 9, tzinfo=UTC)


def stored(event: dict[str, Any]) -> dict[str, Any]:
    """The document that would be on disk, without its admission."""
    submission = parse(json.encode(event), "case-1", lambda: "new")
    written = write(submission, submission.event, ("late_entry", "repeat"), CaseVersion(1), RECORDED)
    assert as_stored(written, 1).position == 1
    found: dict[str, Any] = json.decode(b'{"position":1,' + compose(written).removeprefix(b"{"))
    return found


@for_each(sorted(EVENT_TYPES))
def test_every_sample_is_as_its_schema_says(name: str) -> None:
    assert faults_of_data(name, SAMPLES[name]) == []
    assert faults_of_document(stored(cloudevent(name))) == []


@for_each(sorted(EVENT_TYPES))
def test_an_event_of_only_what_is_required_is_as_its_schema_says(name: str) -> None:
    data = {field: SAMPLES[name][field] for field in schemas.event(EVENT_TYPES[name]).get("required", [])}
    assert faults_of_data(name, data) == []
    assert faults_of_document(stored({"type": name, "data": data})) == []


@settings(max_examples=50, deadline=None)
@given(payloads())
def test_whatever_can_be_posted_is_as_its_schema_says(posted: Payload) -> None:
    name, data = posted
    assert faults_of_data(name, data) == []
    assert faults_of_document(stored({"type": name, "data": data})) == []


@for_each(sorted(EVENT_TYPES))
def test_a_field_that_is_not_known_is_not_as_the_schema_says(name: str) -> None:
    assert faults_of_data(name, {**SAMPLES[name], "colour": "blue"})


@for_each(sorted(EVENT_TYPES))
def test_a_required_field_that_is_missing_is_not_as_the_schema_says(name: str) -> None:
    for field in schemas.event(EVENT_TYPES[name]).get("required", []):
        assert faults_of_data(name, {key: value for key, value in SAMPLES[name].items() if key != field})


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("position", 0),
        ("specversion", "0.3"),
        ("id", ""),
        ("source", "two words"),
        ("type", "TeaMade"),
        ("type", "PlanMade"),
        ("subject", "two words"),
        ("dataschema", "urn:other:1"),
        ("datacontenttype", "text/xml"),
        ("caseversion", "1"),
        ("flags", "Late Entry"),
        ("data", {}),
        ("data", {"contact_id": 7}),
        ("sealed", "…"),
    ],
)
def test_a_document_that_is_not_one_is_told_apart(attribute: str, value: object) -> None:
    document = stored(cloudevent("ContactReceived"))
    assert faults_of_document({**document, attribute: value})


@pytest.mark.parametrize("attribute", sorted(schemas.document()["required"]))
def test_a_document_lacks_none_of_its_attributes(attribute: str) -> None:
    document = stored(cloudevent("ContactReceived"))
    del document[attribute]
    assert faults_of_document(document)


@for_each(sorted(EVENT_TYPES))
def test_a_schema_marks_each_personal_field_and_says_of_whom(name: str) -> None:
    marked = dict(_marks(schemas.event(EVENT_TYPES[name])))
    assert marked == dict(_personal(inspect.type_info(EVENT_TYPES[name])))


def test_free_text_and_names_are_personal() -> None:
    assert dict(_marks(schemas.event(EVENT_TYPES["ContactReceived"]))) == {
        "referrer": "referrer",
        "summary": "child",
    }
    assert dict(_marks(schemas.event(EVENT_TYPES["RungHolderAppointed"]))) == {
        "name": "worker",
    }


def test_a_schema_is_known_by_what_documents_name_as_their_dataschema() -> None:
    for name, kind in EVENT_TYPES.items():
        assert read(SCHEMAS / "events" / f"{name}.{kind.VERSION}.json")["$id"] == schema_name(kind)


def test_a_schema_explains_its_event() -> None:
    for kind in EVENT_TYPES.values():
        schema = schemas.event(kind)
        assert schema["title"] == kind.TYPE
        assert schema["description"] == (kind.__doc__ or "").strip()


def _marks(schema: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(schema, list):
        return [mark for each in schema for mark in _marks(each, name)]
    if not isinstance(schema, dict):
        return []
    own = [(name, schema["x-personal"])] if "x-personal" in schema else []
    return own + [mark for key, each in schema.items() for mark in _marks(each, key)]


def _personal(kind: object, name: str = "") -> list[tuple[str, str]]:
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            own = [(name, extra["personal"])] if extra and "personal" in extra else []
            return own + _personal(inner, name)
        case inspect.UnionType(types=types):
            return [mark for each in types for mark in _personal(each, name)]
        case inspect.VarTupleType(item_type=item):
            return _personal(item, name)
        case inspect.StructType(fields=fields):
            return [mark for field in fields for mark in _personal(field.type, field.encode_name)]
        case _:
            return []
