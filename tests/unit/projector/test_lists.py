"""The lists of a case: what each says of its objects depends on what the facts say, and on nothing else."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain.event import CaseVersion, Position, Recorded
from services.domain.events import FACT_TYPES
from services.domain.events.families import EventFamily
from services.projector.views.lists import ENTRIES, LISTS, ListedRow, view
from tests.support.casework import Post, event, given, record_of
from tests.support.samples import SAMPLES
from tests.support.strategies import Payload, payloads

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "lists.md"
EVERY = (*LISTS, ENTRIES)
REFERRED = event("ReferralAccepted", referral_id="r", referral_date="2017-01-09")
TAKEN = event("ChildBecameLookedAfter", period_id="p", started_on="2017-03-01", legal_status="S20")
CLOSED = event("CaseClosed", closed_on="2017-08-01", reason="RC1")
MEETING = event("ClaReviewScheduled", review_id="v", scheduled_for="2017-06-05T10:00:00Z")


def told(*posts: Post) -> dict[str, Any]:
    """The one item that these make, less its case."""
    (row,) = [row for row in view(given(*posts).records) if row.list != "periods" or len(posts) == 1]
    item: dict[str, Any] = msgspec.json.decode(row.item)
    assert (row.state, row.case_id) == (item["state"], item["case_id"])
    return item


def state(*posts: Post) -> str:
    return str(told(*posts)["state"])


# ── Laws


def crowded(payload: Payload, draw: int) -> Payload:
    """The same about one of two objects of each kind, so that events meet."""
    name, data = payload
    return name, data | {field: "12"[draw % 2] for field in data if field.endswith("_id")}


FACTS = st.lists(st.builds(crowded, payloads(*FACT_TYPES), st.integers(0, 1)), min_size=1, max_size=12)


def recorded(events: Sequence[Payload], order: Sequence[int]) -> list[Recorded]:
    """The events in an order of recording; what each says of itself is the same in all."""
    start = datetime(2017, 10, 2, 9, tzinfo=UTC)
    records = [
        record_of(*each, number=n, at=start + timedelta(days=n)) for n, each in enumerate(events, start=1)
    ]
    return [
        replace(records[index], position=Position(n), caseversion=CaseVersion(n))
        for n, index in enumerate(order, start=1)
    ]


def said(rows: Sequence[ListedRow]) -> list[Any]:
    """What rows say, less their places in the ledger."""
    items = [msgspec.json.decode(row.item) | {"position": None} for row in rows]
    return sorted(([row.list, row.object_id, item] for row, item in zip(rows, items, strict=True)), key=str)


@settings(max_examples=40, deadline=None)
@for_all(FACTS, st.randoms(use_true_random=False))
def test_the_lists_say_the_same_in_whatever_order_the_facts_are_recorded(
    events: list[Payload], random: Any
) -> None:
    order = list(range(len(events)))
    rows = view(recorded(events, order))
    random.shuffle(order)
    assert said(view(recorded(events, order))) == said(rows)
    assert len({row.position for row in rows}) == len(rows), "a position is the place of one row"
    assert {row.list for row in rows} <= {each.name for each in EVERY}


@settings(max_examples=20, deadline=None)
@for_all(FACTS, st.data())
def test_a_voided_fact_is_in_no_list(events: list[Payload], data: Any) -> None:
    wrong = data.draw(st.integers(0, len(events) - 1))
    order = list(range(len(events)))
    history = recorded(events, order)
    void = record_of(
        "EventVoided", {"target_event_id": f"event-{wrong + 1}"}, number=len(events) + 1, at=history[-1].time
    )
    never = [each for n, each in enumerate(history) if n != wrong]
    assert said(view([*history, void])) == (said(view(never)) if never else [])


def test_no_event_tells_of_objects_of_two_lists() -> None:
    for one, other in combinations(EVERY, 2):
        assert not set(one.told_by) & set(other.told_by), (one.name, other.name)


def test_the_reference_names_every_list_state_and_family() -> None:
    page = REFERENCE.read_text()
    assert [each.name for each in LISTS] == re.findall(r"^\| `GET /v1/(\w+)` \|", page, re.MULTILINE)
    states = "\n".join(line for line in page.split("## States")[1].splitlines() if line.startswith("|"))
    rows = re.split(r"^\| (?=\w+ \|)", states, flags=re.MULTILINE)
    said = {row.partition(" ")[0]: set(re.findall(r"`([A-Z_]+)`", row.partition("|")[2])) for row in rows}
    for each in LISTS:
        assert {state.value for state in each.states} == said[each.name], each.name
    assert set(re.findall(r"`([A-Z_]+)`", page.split("## Chronologies")[1])) >= set(EventFamily) - {
        EventFamily.ACCESS,
        EventFamily.OFFICE,
        EventFamily.VIEWING,
    }


def test_every_item_is_read_back_as_it_was_written() -> None:
    start = datetime(2017, 10, 2, 9, tzinfo=UTC)
    adults = {each.TYPE for each in next(each for each in LISTS if each.name == "allegations").told_by}
    for ours in (FACT_TYPES - adults, adults):
        history = [
            record_of(name, SAMPLES[name], number=n, at=start) for n, name in enumerate(sorted(ours), 1)
        ]
        rows = view(history)
        shapes = {each.name: each for each in EVERY}
        for row in rows:
            item = msgspec.json.decode(row.item, type=shapes[row.list].item)
            assert msgspec.json.encode(item).decode() == row.item
            assert row.state in list(shapes[row.list].states)
        assert {row.list for row in rows} == (
            {"allegations"} if ours is adults else shapes.keys() - {"allegations"}
        )


# ── Plans, assessments, enquiries


def test_a_plan_is_current_until_it_ends_or_its_case_is_closed() -> None:
    made = event("PlanMade", plan_id="1", plan_kind="CP", made_on="2017-02-01", category="NEG")
    ended = event("PlanEnded", plan_id="1", ended_on="2017-07-03", step="DOWN_CIN")
    assert state(REFERRED, made) == "CURRENT"
    assert (state(REFERRED, made, CLOSED), told(REFERRED, made, CLOSED)["over_on"]) == (
        "CLOSED_WITH_CASE",
        "2017-08-01",
    )
    item = told(ended, event("PlanCategoryChanged", plan_id="1", category="EMO"), made)
    assert (item["state"], item["began_on"], item["over_on"]) == ("ENDED", "2017-02-01", "2017-07-03")
    assert (item["first_category"], item["category"], item["step"]) == ("NEG", "EMO", "DOWN_CIN")
    assert (told(ended)["state"], told(ended)["began_on"]) == ("ENDED", None)


def test_an_assessment_is_in_progress_until_it_is_authorised() -> None:
    started = event("AssessmentStarted", assessment_id="1", start_date="2017-02-01", consent="GIVEN")
    refused = event("AssessmentConsentRefused", assessment_id="1", next_step="CP_PROCESS")
    done = event("AssessmentAuthorised", assessment_id="1", outcome="CIN", authorised_on="2017-03-01")
    assert (state(started), state(started, done)) == ("IN_PROGRESS", "AUTHORISED")
    assert told(started, refused)["consent"] == "REFUSED"


def test_an_enquiry_is_in_progress_until_it_is_completed() -> None:
    started = event("Section47Started", enquiry_id="1", started_on="2017-02-01", strategy_id="s")
    done = event("Section47Completed", enquiry_id="1", outcome="NOT_SUBSTANTIATED", completed_on="2017-02-20")
    assert (state(started), state(done, started), told(started)["strategy_id"]) == (
        "IN_PROGRESS",
        "COMPLETED",
        "s",
    )


# ── Looked after


def test_a_period_has_the_legal_status_and_the_officer_that_were_told_last() -> None:
    story = given(
        TAKEN,
        event("LegalStatusChanged", to="ICO", on="2017-05-02"),
        event("LegalStatusChanged", to="S20", on="2017-02-02"),  # before the period: of none
        event("IroAppointed", iro="iro:1", on="2017-03-06"),
        event("IroChanged", iro="iro:2", on="2017-04-03"),
    )
    (row,) = view(story.records)
    item = msgspec.json.decode(row.item)
    assert (item["state"], item["legal_status"], item["legal_status_since"]) == (
        "LOOKED_AFTER",
        "ICO",
        "2017-05-02",
    )
    assert (item["iro"], item["iro_since"]) == ("iro:2", "2017-04-03")


def test_a_placement_ends_with_its_period_if_nobody_ended_it() -> None:
    placed = event("PlacementStarted", placement_id="1", started_on="2017-03-01")
    ceased = event("ChildCeasedLookedAfter", period_id="p", ceased_on="2017-06-30")
    item = told(TAKEN, placed, ceased)
    assert (item["state"], item["period_id"], item["over_on"]) == ("ENDED_WITH_PERIOD", "p", "2017-06-30")
    assert state(TAKEN, placed) == "CURRENT"
    assert state(TAKEN, placed, CLOSED) == "CLOSED_WITH_CASE"


def test_a_review_is_complete_once_it_was_held_and_the_child_was_met_for_it() -> None:
    held = event("ReviewMeetingHeld", review_id="v", held_on="2017-06-05")
    met = event("IroMetChild", review_id="v", met_on="2017-06-09")
    moved = event("ClaReviewRescheduled", review_id="v", scheduled_for="2017-06-12T10:00:00Z")
    early = MEETING.saying(time="2017-05-08T09:00:00Z")
    assert (state(TAKEN, early), state(TAKEN, early, held)) == ("ARRANGED", "HELD")
    complete = told(TAKEN, met, held, early)
    assert (complete["state"], complete["over_on"]) == ("COMPLETED", "2017-06-09")
    item = told(TAKEN, early, moved)
    assert (item["moved"], item["first_scheduled_for"], item["scheduled_for"]) == (
        1,
        "2017-06-05T10:00:00Z",
        "2017-06-12T10:00:00Z",
    )


def test_a_review_lapses_when_the_period_ends_before_it_is_held() -> None:
    ceased = event("ChildCeasedLookedAfter", period_id="p", ceased_on="2017-06-01")
    item = told(TAKEN, MEETING.saying(time="2017-05-08T09:00:00Z"), ceased)
    assert (item["state"], item["over_on"]) == ("LAPSED", "2017-06-01")


def test_what_begins_on_the_day_on_which_one_period_ends_and_the_next_begins_is_of_the_next() -> None:
    ceased = event("ChildCeasedLookedAfter", period_id="p", ceased_on="2017-06-01")
    again = event("ChildBecameLookedAfter", period_id="q", started_on="2017-06-01", legal_status="S20")
    placed = event("PlacementStarted", placement_id="1", started_on="2017-06-01")
    item = told(TAKEN, ceased, again, placed)
    assert (item["state"], item["period_id"]) == ("CURRENT", "q")
    assert state(TAKEN, ceased, again, MEETING.saying(time="2017-06-01T09:00:00Z")) == "ARRANGED"


# ── Conferences, allegations, private fostering, the curated chronology


def test_a_conference_is_arranged_held_or_lapsed() -> None:
    arranged = event(
        "ConferenceScheduled", conference_id="1", kind="ICPC", scheduled_for="2017-07-05T10:00:00Z"
    ).saying(time="2017-06-05T10:00:00Z")
    held = event("ConferenceHeld", conference_id="1", decision="CP_PLAN", held_on="2017-07-06")
    report = event("AgencyReportReceived", conference_id="1", agency="POLICE", received_on="2017-07-03")
    assert (state(arranged), state(arranged, CLOSED)) == ("ARRANGED", "LAPSED")
    item = told(held, report, arranged)
    assert (item["state"], item["kind"], item["over_on"]) == ("HELD", "ICPC", "2017-07-06")
    assert item["reports_from"] == ["POLICE"]


def test_an_allegation_says_where_it_stands_and_what_was_found() -> None:
    item = told(
        event("LadoReferralReceived", role="SPORT", concern="PHYSICAL", received_on="2017-05-02"),
        event("LadoThresholdDecided", decision="INTERNAL_ENQUIRY_CSM", decided_on="2017-05-03"),
        event("ComplexStrategyMeetingHeld", held_on="2017-05-08"),
        event("SubjectSuspended", on="2017-05-09"),
        event("RegulatorNotified", regulator="OFSTED", on="2017-05-09"),
        event("LadoOutcomeRecorded", outcome="SUBSTANTIATED", on="2017-07-03"),
        event("SubjectDismissed", on="2017-07-04"),
        event("LadoCaseClosed", on="2017-07-05"),
    )
    assert (item["state"], item["began_on"], item["over_on"]) == ("CLOSED", "2017-05-02", "2017-07-05")
    assert (item["outcome"], item["employment"], item["meetings"]) == ("SUBSTANTIATED", "DISMISSED", 1)
    assert item["regulators"] == ["OFSTED"]


def test_a_private_fostering_arrangement_counts_its_visits() -> None:
    known = event("PrivateFosteringNotified", arrangement_id="1", notified_on="2017-05-02")
    seen = [event("PrivateFosteringVisitMade", arrangement_id="1", on=f"2017-0{n}-09") for n in (5, 6)]
    found = event("PrivateFosteringAssessed", arrangement_id="1", on="2017-06-20", suitable=True)
    item = told(known, *seen, found)
    assert (item["state"], item["visits"], item["last_visit_on"]) == ("ASSESSED", 2, "2017-06-09")
    assert item["suitable"]
    assert state(known, event("PrivateFosteringEnded", arrangement_id="1", ended_on="2017-09-01")) == "ENDED"


def test_an_entry_of_the_chronology_says_the_event_that_it_is_about_until_it_is_removed() -> None:
    put_in = event(
        "ChronologyEntryAdded", entry_id="1", heading="FIRST_CONTACT", on="2017-01-09", event_id="event-1"
    )
    rows = view(given(REFERRED, put_in.saying(actor="worker:1")).records)
    item = msgspec.json.decode(rows[0].item)
    assert (item["state"], item["began_on"], item["by"], item["position"]) == (
        "STANDS",
        str(date(2017, 1, 9)),
        "worker:1",
        2,
    )
    assert item["sentence"].startswith("A referral was accepted")
    taken_out = event("ChronologyEntryRemoved", entry_id="1")
    assert state(REFERRED, put_in, taken_out) == "REMOVED"
    assert state(REFERRED, taken_out.saying(time="2017-10-01T09:00:00Z"), put_in) == "STANDS"
