"""What somebody is given of a case: all about the child, nothing about others, and what was left out."""

import pytest
from msgspec import json

from services.cli.sar import page
from services.cli.sar.holding import ALWAYS, TELLING, TELLING_CODE, Holding, hold
from services.domain.event import compose, whole
from services.domain.events import CASE_EVENT_TYPES, EVENT_TYPES
from services.domain.events.shape import About
from services.domain.personal import fields_of
from tests.support.casework import MONDAY, contact, event, given, record_of, voided
from tests.support.samples import SAMPLES
from tests.support.samples_of_casework import TEXT

MARKER = "Zebedee{}"


def document(name: str, number: int = 1, **own: object) -> bytes:
    """A document as the ledger unseals it, with a word of its own in each personal text."""
    data = {**SAMPLES[name], **own}
    marks = fields_of(EVENT_TYPES[name])
    record = record_of(name, data, number=number, at=MONDAY)
    kept = b'{"position":%d,' % number + compose(record).removeprefix(b"{")
    said = {field: data[field] for field in marks if field in data}
    for field, value in said.items():
        if value in {TEXT, TEXT[:20]} and field not in own:
            said[field] = MARKER.format(marks[field])
    return whole(kept, json.encode(said))


def held(*documents: bytes, also: frozenset[About] = frozenset()) -> Holding:
    return hold("case-1", documents, also)


PERSONAL = sorted(name for name in CASE_EVENT_TYPES if fields_of(EVENT_TYPES[name]))


@pytest.mark.parametrize("name", PERSONAL)
def test_no_field_about_others_is_in_the_archive_and_each_is_named_as_withheld(name: str) -> None:
    holding = held(document(name))
    shown = page.render(holding, "request-1") + json.encode(holding.items[0].document)

    marks = fields_of(EVENT_TYPES[name])
    data = json.decode(document(name))["data"]
    others = {field for field, about in marks.items() if about not in ALWAYS and field in data}
    assert {each.field for each in holding.withheld} - {*TELLING, TELLING_CODE} == others
    for about in About:
        if about not in ALWAYS:
            assert MARKER.format(about).encode() not in shown
    for field in others:
        assert field.replace("_", " ").encode() in shown.lower()
    assert all(each.why for each in holding.withheld)


def test_what_is_about_the_child_is_shown_and_counted() -> None:
    holding = held(document("ContactReceived"), document("ChildDetailsCorrected", 2))

    shown = page.render(holding, "request-1").decode()
    assert MARKER.format(About.CHILD) in shown
    assert "2010-05-04" in shown  # the date of birth
    assert holding.counts == {About.FAMILY: 1, About.REFERRER: 3}
    assert holding.fields == sum(len(item.shown) for item in holding.items) > 2


def test_nothing_tells_who_referred_by_a_way_round() -> None:
    (item,) = held(document("ContactReceived", source_code="2A")).items

    assert {each.field for each in item.withheld} == {"referrer", "source_code", "source"}
    assert item.author is None
    assert not {"source", "actor"} & item.document.keys()
    assert "source_code" not in item.document["data"]


def test_who_agreed_to_it_is_shown_too() -> None:
    holding = held(document("ContactReceived"), also=frozenset({About.REFERRER}))

    assert not holding.withheld
    assert MARKER.format(About.REFERRER) in page.render(holding, "request-1").decode()


def test_the_page_runs_nothing_whatever_was_written_into_a_case() -> None:
    written = "<script>alert(1)</script>"
    shown = page.render(held(document("PanelConsidered", decision=written)), "<b>").decode()

    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "default-src 'none'" in shown


def test_what_was_voided_is_held_and_said_to_be() -> None:
    story = given(contact(), event("CaseAllocated", worker="worker:1"), voided("event-2"))
    documents = [
        b'{"position":%d,' % record.position + compose(record).removeprefix(b"{") for record in story.records
    ]

    assert [item.is_void for item in held(*documents).items] == [False, True, False]
    assert "recorded in error, and voided" in page.render(held(*documents), "r").decode()
