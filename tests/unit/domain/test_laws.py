"""Laws of any history: no fold raises, the ladder never goes down, nothing is due before its time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain import calendar, ladder
from services.domain import case as cases
from services.domain import office as offices
from services.domain.alert import Alert, AlertState
from services.domain.case import Case
from services.domain.event import Recorded
from services.domain.events import CASE_EVENT_TYPES, OFFICE_EVENT_TYPES
from services.domain.events.alert import Escalation, PracticeAlertRaised, Trigger
from services.domain.ladder import Tell
from services.domain.office import OFFICE, Office
from tests.support import casework
from tests.support.casework import (
    CASE,
    IRIS,
    KNOWN,
    SAM,
    TOM,
    Post,
    Story,
    event,
    given,
    kept,
    left_alone,
    raised,
    record_of,
)
from tests.support.strategies import Payload, payloads

MOMENT = timedelta(microseconds=1)
IDS = ("1", "2")
RUNGS = st.sampled_from([rung.value for rung in ladder.RUNGS])
PEOPLE = st.sampled_from([TOM, SAM, IRIS])
ALERTS = st.sampled_from(IDS)


# ── Any documents at all


def crowded(payload: Payload, draw: int) -> Payload:
    """The same data about one of very few objects, so that events meet."""
    name, data = payload
    ours = {field: IDS[draw % 2] for field in data if field in {"alert_id", "plan_id", "strategy_id"}}
    if "target_event_id" in data:
        ours["target_event_id"] = f"event-{draw}"
    return name, data | ours


def documents(*names: str) -> st.SearchStrategy[list[Payload]]:
    return st.lists(st.builds(crowded, payloads(*names), st.integers(1, 12)), max_size=20)


def recorded(history: list[Payload], stream: str) -> list[Recorded]:
    start = datetime(2017, 10, 2, 9, tzinfo=UTC)
    return [
        record_of(name, data, number=number, at=start + timedelta(days=number), stream=stream)
        for number, (name, data) in enumerate(history, start=1)
    ]


@for_all(documents(*CASE_EVENT_TYPES))
def test_a_case_is_folded_from_any_documents_one_by_one_as_from_all_at_once(history: list[Payload]) -> None:
    records = recorded(history, CASE)
    case = Case(case_id=CASE)
    for number, record in enumerate(records, start=1):
        case = cases.fold(case, record)
        assert case == cases.refold(CASE, records[:number])
    assert case.status


@for_all(documents(*OFFICE_EVENT_TYPES, "EventVoided", "ContactReceived"))
def test_an_office_is_folded_from_any_documents(history: list[Payload]) -> None:
    office = Office()
    for record in recorded(history, OFFICE):
        office = offices.fold(office, record)
    assert office.version == len(history)


@for_all(documents(*CASE_EVENT_TYPES), st.sets(st.integers(0, 19)))
def test_a_case_is_folded_from_any_part_of_a_history(history: list[Payload], missing: set[int]) -> None:
    records = recorded(history, CASE)
    part = [record for number, record in enumerate(records) if number not in missing]
    assert cases.refold(CASE, part).version == (part[-1].caseversion if part else 0)


# ── Facts in any order

FACTS = (
    [casework.contact(f"contact-{each}") for each in range(3)]
    + [casework.strategy(decision, decision) for decision in ("S47_SINGLE", "S47_JOINT", "NO_S47")]
    + [casework.plan(kind, kind) for kind in ("CIN", "CP", "CARE", "PEP")]
)


@for_all(st.lists(st.sampled_from(FACTS), unique_by=id), st.randoms(use_true_random=False))
def test_facts_come_to_the_same_in_whatever_order_they_are_recorded(facts: list[Post], random: Any) -> None:
    shuffled = random.sample(facts, len(facts))
    first, second = given(*facts).case, given(*shuffled).case
    assert first.status is second.status
    assert first.facts.by_type.keys() == second.facts.by_type.keys()


# ── Any story that could happen


ASKED = "the rung that is asked"
ANSWERS = st.builds(
    event,
    st.just("ResponseReceived"),
    alert_id=ALERTS,
    rung=st.just(ASKED) | st.just(ASKED) | RUNGS,
    responder=st.sampled_from([TOM, SAM]),
)
DECISIONS = st.builds(
    event, st.sampled_from(["ResponseAccepted", "ResponseRejected"]), alert_id=ALERTS, by=PEOPLE
)
ESCALATIONS = st.builds(
    event,
    st.sampled_from(list(casework.ESCALATED_TO.values())),
    alert_id=ALERTS,
    trigger=st.sampled_from([trigger.value for trigger in Trigger]),
)
OTHERS = st.builds(
    event,
    st.sampled_from(
        [
            "InformalResolutionAttempted",
            "PracticeAlertAcknowledged",
            "CafcassReferralMade",
            "LadderExhausted",
            "StatutoryCapReached",
            "PracticeAlertResolved",
        ]
    ),
    alert_id=ALERTS,
)
WITHDRAWALS = st.builds(event, st.just("PracticeAlertWithdrawn"), alert_id=ALERTS, by=PEOPLE)
VOIDINGS = st.builds(casework.voided, st.integers(1, 15).map("event-{}".format))
POSTS = st.one_of(
    ANSWERS,
    ANSWERS,
    DECISIONS,
    DECISIONS,
    ESCALATIONS,
    OTHERS,
    WITHDRAWALS,
    VOIDINGS,
    st.builds(raised, ALERTS),
    st.sampled_from(FACTS),
)
PAUSES = st.timedeltas(timedelta(0), timedelta(days=2)) | st.timedeltas(timedelta(0), timedelta(days=12))
NOTIFIER_DOWN = st.booleans()
WALKS = st.lists(st.tuples(PAUSES, NOTIFIER_DOWN, POSTS), min_size=5, max_size=30)


def from_whom(post: Post, story: Story) -> Post:
    """An answer comes from the rung that is asked, if it does not say otherwise."""
    if post.data.get("rung") != ASKED:
        return post
    alert = story.case.alerts.get(post.data["alert_id"])
    rung = (alert and alert.rung) or ladder.RUNGS[0]
    return replace(post, data=post.data | {"rung": rung})


def check(alert: Alert) -> None:
    """What is true of an alert whatever happened."""
    if alert.state is AlertState.INFORMAL:
        assert (alert.rung, alert.day0, alert.due_on, alert.cap_on) == (None, None, None, None)
    else:
        assert alert.rung
        assert alert.day0
        assert alert.due_on
        assert alert.cap_on
        assert alert.day0 <= alert.due_on
    decided = {AlertState.AWAITING_IRO, AlertState.ACCEPTED, AlertState.REJECTED}
    assert alert.response or alert.state not in decided
    if alert.state is AlertState.EXHAUSTED:
        assert alert.exhausted_on
        assert alert.rung is ladder.TOP
    assert alert.is_open == (bool(alert.rung) and alert.closed_at is None)
    assert alert.is_open or not alert.window_open


def check_agenda(story: Story, alert: Alert) -> None:
    """Nothing is due before its time, and nothing changes before the agenda says so."""
    agenda = ladder.agenda(alert, story.now, KNOWN)
    if agenda.next_at is None:
        assert ladder.agenda(alert, story.now + timedelta(days=400), KNOWN).due == agenda.due
        return
    assert agenda.next_at > story.now
    before = ladder.agenda(alert, agenda.next_at - MOMENT, KNOWN)
    assert (before.due, before.next_at) == (agenda.due, agenda.next_at)
    assert ladder.agenda(alert, agenda.next_at, KNOWN).due != agenda.due


def check_all(story: Story) -> None:
    for alert in story.case.alerts.values():
        check(alert)
        check_agenda(story, alert)


def kept_all(story: Story) -> Story:
    """Everything that any alert calls for at this moment, done: each of it is admitted, and then is done."""
    for alert_id in story.case.alerts:
        story = kept(story, alert_id)
        alert = story.case.alerts[alert_id]
        left = ladder.agenda(alert, story.now, KNOWN).due
        assert all(isinstance(action, Tell) for action in left)
        assert {
            ladder.notification_id(alert, tell, "holder") for tell in left if isinstance(tell, Tell)
        } <= alert.told
    return story


@settings(max_examples=100)
@for_all(WALKS)
def test_whatever_happens_the_ladder_never_goes_down_and_what_it_calls_for_is_admitted(
    walk: list[tuple[timedelta, bool, Post]],
) -> None:
    story = given(raised("1"))
    for pause, down, post in walk:
        before = story
        story = replace(story, now=story.now + pause)
        story = story if down else kept_all(story)
        outcome = story.when(from_whom(post, story))
        story = outcome.after or story
        check_all(story)
        assert_no_lower(before.case, story.case)
    passed_over = [
        record.event
        for record in story.records
        if isinstance(record.event, Escalation)
        and record.event.skipped_rungs
        and record.event.trigger is not Trigger.IRO_BYPASS
    ]
    assert passed_over == []
    # Of two events under one id the ledger keeps one: the ladder would wait for the other for ever.
    assert len({(record.source, record.id) for record in story.records}) == len(story.records)


def assert_no_lower(before: Case, after: Case) -> None:
    for alert_id, alert in before.alerts.items():
        if alert_id in after.alerts and (rung := after.alerts[alert_id].rung) and alert.rung:
            assert not ladder.is_above(alert.rung, rung)


# ── A ladder that nobody answers


@for_all(
    st.datetimes(datetime(2012, 1, 3), datetime(2027, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=20)), min_size=30, max_size=30),
)
def test_an_unanswered_ladder_takes_five_working_days_a_rung_however_late_in_the_day_each_climb_is(
    start: datetime, delays: list[timedelta]
) -> None:
    story = kept(given(replace(raised(), recorded=start)))
    day0 = calendar.london_date(start)
    for delay in delays:
        following = ladder.agenda(story.alert, story.now, KNOWN).next_at
        if following is None or story.alert.state is AlertState.EXHAUSTED:
            break
        at_midnight = calendar.london_date(following) != calendar.london_date(following - MOMENT)
        story = kept(replace(story, now=following + (delay if at_midnight else timedelta(0))))
    windows = [
        each.event for each in story.records if isinstance(each.event, PracticeAlertRaised | Escalation)
    ]
    expected = [calendar.add_working_days(day0, n, KNOWN) for n in (5, 10, 15, 20, 25)]
    assert [window.due_on for window in windows] == expected
    assert not any("delayed_by_system" in record.flags for record in story.records)
    assert story.alert.cap_on == expected[3]
    assert story.alert.state is AlertState.EXHAUSTED


@for_all(st.dates(date(2012, 1, 3), date(2027, 1, 1)), st.integers(1, 40))
def test_each_working_day_of_exhaustion_is_one_reminder_to_each_of_two(day: date, days: int) -> None:
    start = calendar.london_time(day, ladder.MORNING)
    exhausted = given(replace(raised(), recorded=start), casework.bypassed("LSCB_CHAIR"))
    exhausted = left_alone(exhausted, ladder.expiry(exhausted.alert.due_on or day))
    first = exhausted.alert.exhausted_on
    assert first
    until = calendar.london_time(first + timedelta(days=days), ladder.MORNING)
    story = left_alone(exhausted, until)
    reminders = [each for each in story.records if getattr(each.event, "kind", None) == "EXHAUSTED"]
    expected = 1 + calendar.working_days_between(first, first + timedelta(days=days), KNOWN)
    assert len(reminders) == 2 * expected


@for_all(st.datetimes(datetime(2012, 1, 3), datetime(2027, 6, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - made aware
def test_left_alone_time_only_moves_forward_and_every_message_has_its_own_id(start: datetime) -> None:
    story = left_alone(given(replace(raised(), recorded=start)), start + timedelta(days=60))
    assert all(earlier.recordedat <= later.recordedat for earlier, later in pairwise(story.records))
    assert len({record.id for record in story.records}) == len(story.records)
