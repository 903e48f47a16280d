"""Which events an answer for a day of the past is made of."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate, compress
from random import Random

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain import case as cases
from services.domain.as_at import NOW, AsAt, choose
from services.domain.deadlines import deadlines
from services.domain.event import compose
from tests.support.casework import CASE, KNOWN, Story, contact, event, given, instant, plan, raised, voided

TYPED_LATE = given(
    contact().at("2018-03-01").saying(time="2018-03-01T12:00:00Z"),
    plan().at("2018-03-10").saying(time="2018-03-02T12:00:00Z"),
    voided("event-1").at("2018-03-12").saying(time="2018-03-12T12:00:00Z"),
)


def chosen(story: Story, *, known: str | None = None, happened: str | None = None) -> list[int]:
    """The versions of the events that were chosen."""
    asked = AsAt(
        recorded_until=instant(known) if known else None,
        occurred_until=instant(happened) if happened else None,
    )
    documents = [compose(record) for record in story.records]
    return [nth for nth, is_chosen in enumerate(choose(documents, asked), 1) if is_chosen]


def test_what_was_recorded_later_was_not_known_and_the_bound_itself_is_included() -> None:
    assert chosen(TYPED_LATE, known="2018-03-01T11:59:59.999Z") == []
    assert chosen(TYPED_LATE, known="2018-03-10T11:59:59.999Z") == [1]
    assert chosen(TYPED_LATE, known="2018-03-10T12:00:00Z") == [1, 2]


def test_what_was_typed_late_had_happened_all_the_same() -> None:
    assert chosen(TYPED_LATE, happened="2018-03-02T12:00:00Z") == [1, 2, 3]


def test_a_voiding_goes_with_what_it_voids_however_late_it_was_made() -> None:
    assert chosen(TYPED_LATE, happened="2018-03-01T12:00:00Z") == [1, 3]
    assert chosen(TYPED_LATE, happened="2018-03-01T11:59:59Z") == []


def test_a_voiding_that_was_not_known_yet_voids_nothing() -> None:
    assert chosen(TYPED_LATE, known="2018-03-11", happened="2018-03-01T12:00:00Z") == [1]
    assert chosen(TYPED_LATE, known="2018-03-12", happened="2018-03-01T12:00:00Z") == [1, 3]


@pytest.mark.parametrize(
    ("time", "happened", "count"),
    [
        ("2018-03-09T12:00:00Z", "2018-03-05T00:00:00Z", 1),  # as it says itself, from the day's beginning
        ("2018-03-09T12:00:00Z", "2018-03-04T23:59:59Z", 0),
        ("2018-03-05T12:00:00Z", "2018-03-05T11:59:59Z", 0),  # `time` tells more of the same day
        ("2018-03-05T12:00:00Z", "2018-03-05T12:00:00Z", 1),
    ],
)
def test_an_event_happened_on_the_day_that_it_names_itself(time: str, happened: str, count: int) -> None:
    story = given(plan(made_on="2018-03-05").at("2018-03-10").saying(time=time))
    assert len(chosen(story, happened=happened)) == count


def test_an_event_happened_at_the_instant_that_it_names_itself() -> None:
    held = event("StrategyHeld", strategy_id="s", decision="NO_S47", held_at="2018-03-05T10:00:00Z")
    story = given(held.at("2018-03-10"))
    assert chosen(story, happened="2018-03-05T09:59:59Z") == []
    assert chosen(story, happened="2018-03-05T10:00:00Z") == [1]


def test_an_event_that_a_newer_release_wrote_happened_at_its_time() -> None:
    (known,) = given(raised()).records
    newer = compose(known).replace(b"PracticeAlertRaised", b"PracticeAlertSighted")
    assert choose([newer], AsAt(occurred_until=known.time)) == [True]
    assert choose([newer], AsAt(occurred_until=datetime(2017, 10, 2, 8, tzinfo=UTC))) == [False]


def test_what_was_due_is_judged_at_the_earlier_bound_and_never_in_the_future() -> None:
    today, first, second = instant("2018-04-01"), instant("2018-03-01"), instant("2018-03-05")
    assert NOW.moment(today) == today
    assert AsAt(recorded_until=second).moment(today) == second
    assert AsAt(recorded_until=second, occurred_until=first).moment(today) == first
    assert AsAt(recorded_until=first, occurred_until=second).moment(today) == first
    assert AsAt(occurred_until=instant("2019-01-01")).moment(today) == today


FACTS = (
    contact("contact-1"),
    event("ReferralAccepted", referral_id="ref-1"),
    event("AssessmentStarted", assessment_id="a-1", referral_id="ref-1"),
    event("StrategyHeld", strategy_id="s-1", decision="S47_JOINT"),
    event("AssessmentAuthorised", assessment_id="a-1", outcome="SIGNIFICANT_HARM"),
    plan("CP", "plan-1"),
    event("CoreGroupHeld", plan_id="plan-1"),
    plan("CARE", "plan-2"),
)
FIRST, TYPED = instant("2018-01-08"), instant("2019-01-08")
GAPS = st.lists(st.integers(0, 30), min_size=len(FACTS), max_size=len(FACTS))


@for_all(GAPS, st.integers(0, 240), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_how_it_was_is_what_would_have_been_known_then_had_nobody_typed_late(
    gaps: list[int], day: int, random: Random
) -> None:
    times = [FIRST + timedelta(days=days) for days in accumulate(gaps)]
    facts = [post.saying(time=str(at.isoformat())) for post, at in zip(FACTS, times, strict=True)]
    punctual = given(*(replace(post, recorded=at) for post, at in zip(facts, times, strict=True)))
    late = given(*(replace(post, recorded=TYPED) for post in random.sample(facts, len(facts))))
    asked = FIRST + timedelta(days=day)

    then, now = (
        cases.refold(
            CASE, compress(story.records, choose([compose(each) for each in story.records], question))
        )
        for story, question in (
            (punctual, AsAt(recorded_until=asked)),
            (late, AsAt(occurred_until=asked)),
        )
    )

    assert then.status is now.status
    assert deadlines(then, asked, KNOWN) == deadlines(now, asked, KNOWN)
