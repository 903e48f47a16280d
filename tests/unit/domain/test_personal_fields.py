"""What is personal comes out of an event and goes back, and an event without it is one that can be read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from msgspec import inspect, json, structs

from services.domain.admission import admit
from services.domain.calendar import england_and_wales
from services.domain.case import Case
from services.domain.event import CaseVersion, compose, decode, whole, write
from services.domain.events import EVENT_TYPES, OFFICE_EVENT_TYPES
from services.domain.events.shape import About
from services.domain.office import OFFICE, Office
from services.domain.personal import clear, encode, fields_of, join, split
from services.domain.posted import parse
from services.domain.verdict import Refused
from tests.support.law import for_each
from tests.support.samples import SAMPLES, cloudevent
from tests.support.strategies import Payload, payloads

RECORDED = datetime(2017, 10, 2, 9, tzinfo=UTC)


def marks(found: Any) -> Iterator[str]:
    """Every mark of an event, wherever it stands."""
    match found:
        case inspect.Metadata(type=inner, extra=extra):
            about = (extra or {}).get("personal")
            yield from ([about] if about else marks(inner))
        case inspect.UnionType(types=types):
            for each in types:
                yield from marks(each)
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from marks(field.type)
        case inspect.VarTupleType(item_type=item):
            yield from marks(item)


@for_each(sorted(EVENT_TYPES))
def test_every_mark_is_on_a_field_of_the_event_itself_that_may_be_left_out(name: str) -> None:
    kind = EVENT_TYPES[name]
    assert [str(about) for about in fields_of(kind).values()] == list(marks(inspect.type_info(kind)))
    data = {key: value for key, value in SAMPLES[name].items() if key not in fields_of(kind)}
    assert isinstance(json.decode(json.encode(data), type=kind), kind)


def test_a_mark_says_whom_a_field_is_about() -> None:
    assert fields_of(EVENT_TYPES["ContactReceived"]) == {"referrer": About.REFERRER, "summary": About.CHILD}
    assert fields_of(EVENT_TYPES["PlanMade"]) == {}


@given(payloads())
def test_taken_out_and_put_back_is_the_same_event(payload: Payload) -> None:
    name, data = payload
    event = json.decode(json.encode(data), type=EVENT_TYPES[name])
    left, taken = split(event)
    assert join(left, json.decode(encode(taken))) == event
    assert clear(left) == left
    assert taken.keys() <= fields_of(type(event)).keys()


@for_each(sorted(EVENT_TYPES))
def test_a_document_is_whole_again_with_what_was_sealed(name: str) -> None:
    submission = parse(json.encode(cloudevent(name)), "case-1", str)
    document = compose(write(submission, submission.event, (), CaseVersion(1), RECORDED))
    opened = json.decode(whole(document, encode(split(submission.event)[1])))
    assert opened["data"] == SAMPLES[name]
    assert "sealed" not in opened
    assert split(decode(document).event)[1] == {}


@for_each(sorted(name for name, kind in EVENT_TYPES.items() if fields_of(kind)))
def test_no_refusal_repeats_what_is_personal(name: str) -> None:
    state = Office() if name in OFFICE_EVENT_TYPES else Case(case_id="case-1")
    words = {
        field: "9998-12-30" if "birth" in field or "dob" in field else "Zebedee" for field in SAMPLES[name]
    }
    said = {field: words[field] for field in words.keys() & fields_of(EVENT_TYPES[name]).keys()}
    event = cloudevent(name)
    submission = parse(
        json.encode({**event, "data": {**event["data"], **said}}),
        OFFICE if isinstance(state, Office) else state.case_id,
        str,
    )
    verdict = admit(state, submission, RECORDED, england_and_wales())
    if isinstance(verdict, Refused):
        assert "Zebedee" not in verdict.reason
        assert "9998" not in verdict.reason


def test_what_was_sealed_is_the_last_of_a_document_and_read_back_as_it_is() -> None:
    posted = structs.replace(parse(json.encode(cloudevent("ContactReceived")), "case-1", str), sealed="AQ==")
    document = compose(write(posted, posted.event, (), CaseVersion(1), RECORDED))
    assert document.endswith(b',"sealed":"AQ=="}')
    assert decode(document).sealed == "AQ=="
