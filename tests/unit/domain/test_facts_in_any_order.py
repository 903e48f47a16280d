"""The law of facts: what is admitted in one order is admitted in every other, and comes to the same."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain.deadlines import deadlines
from tests.support.casework import KNOWN, Post, Story, event, given, voided

NOW = datetime(2019, 1, 7, 9, tzinfo=UTC)
DAYS = st.dates(date(2018, 1, 1), date(2018, 3, 31)).map(str)
IDS = st.sampled_from("12")

# What may be told of a child: the type, the fields with a day, those with an id, and all others.
TOLD: list[tuple[str, str, str | None, dict[str, list[Any]]]] = [
    ("ContactReceived", "", "contact_id", {}),
    ("ContactTriaged", "triaged_on", "contact_id", {"outcome": ["NFA", "REFERRAL"]}),
    ("ReferralAccepted", "referral_date", "referral_id", {}),
    ("ReferralClosedNfa", "closed_on", "referral_id", {}),
    ("CaseClosed", "closed_on", None, {"reason": ["RC1"]}),
    ("AssessmentStarted", "start_date", "assessment_id", {"referral_id": ["1", "2", None]}),
    ("AssessmentAuthorised", "authorised_on", "assessment_id", {"outcome": ["CIN", "NOT_IN_NEED"]}),
    ("ChildSeen", "seen_on", None, {}),
    ("StrategyHeld", "", "strategy_id", {"decision": ["S47_JOINT", "NO_S47"]}),
    ("Section47Started", "started_on", "enquiry_id", {"referral_id": ["1", None]}),
    ("Section47Completed", "completed_on", "enquiry_id", {"outcome": ["NOT_SUBSTANTIATED"]}),
    ("ConferenceHeld", "held_on", "conference_id", {"decision": ["CP_PLAN", "REMAINS", "NFA"]}),
    ("PlanMade", "made_on", "plan_id", {"plan_kind": ["CIN", "CP"], "conference_id": ["1", None]}),
    ("PlanEnded", "ended_on", "plan_id", {}),
    ("CoreGroupHeld", "held_on", None, {"plan_id": ["1", None]}),
    ("CinReviewHeld", "held_on", None, {"decision": ["CONTINUE"]}),
    ("ChildBecameLookedAfter", "started_on", "period_id", {}),
    ("ChildCeasedLookedAfter", "ceased_on", "period_id", {}),
    ("PlacementStarted", "started_on", "placement_id", {"permanent": [True, None]}),
    ("PlacementEnded", "ended_on", "placement_id", {}),
    ("ReviewMeetingHeld", "held_on", "review_id", {}),
    ("ReviewCompleted", "completed_on", "review_id", {}),
    ("HealthAssessmentCompleted", "on", None, {"kind": ["IHA", "RHA"]}),
    ("PrivateFosteringNotified", "notified_on", "arrangement_id", {}),
    ("PrivateFosteringVisitMade", "on", "arrangement_id", {}),
]


@st.composite
def facts(draw: st.DrawFn) -> Post:
    """One fact about one of very few objects, on one of a few days."""
    name, day, object_id, choices = draw(st.sampled_from(TOLD))
    on = draw(DAYS)
    data = {field: draw(st.sampled_from(values)) for field, values in choices.items()}
    data |= {day: on} if day else {}
    data |= {object_id: draw(IDS)} if object_id else {}
    return event(name, **data).saying(time=f"{on}T12:00:00Z")


def _is_one_account(post: Post) -> tuple[str, str]:
    object_id = next((field for name, _, field, _ in TOLD if name == post.type and field), None)
    return post.type, str(post.data[object_id]) if object_id else str(post.data)


LIVES = st.lists(facts(), min_size=5, max_size=20, unique_by=_is_one_account)


def admissible(posts: Sequence[Post]) -> list[Post]:
    """Those that are admitted, each under an id that stays its own in any order."""
    story, kept = given(), []
    for number, post in enumerate(posts):
        told = replace(post, recorded=NOW).saying(id=f"fact-{number}")
        if after := story.when(told).after:
            story = after
            kept.append(told)
    return kept


def recorded(posts: Sequence[Post]) -> Story:
    """All of them in this order, a minute apart; none is refused."""
    later = [replace(post, recorded=NOW + timedelta(minutes=n)) for n, post in enumerate(posts)]
    return given(*later)


def comes_to(story: Story) -> tuple[Any, ...]:
    return story.case.status, story.case.facts, deadlines(story.case, NOW + timedelta(days=1), KNOWN)


@settings(max_examples=200)
@for_all(LIVES, st.randoms(use_true_random=False))
def test_facts_that_are_admitted_in_one_order_are_admitted_in_any_and_come_to_the_same(
    posts: list[Post], random: Any
) -> None:
    kept = admissible(posts)
    other = random.sample(kept, len(kept))
    assert comes_to(recorded(kept)) == comes_to(recorded(other))


@settings(max_examples=100)
@for_all(LIVES, st.data())
def test_what_is_told_twice_comes_to_the_same_as_told_once(posts: list[Post], data: Any) -> None:
    kept = admissible(posts)
    again = [post.saying(id=f"{post.attributes['id']}-again") for post in kept]
    twice = [*kept, *(data.draw(st.lists(st.sampled_from(again), unique_by=id)) if again else [])]
    once, told_twice = recorded(kept), recorded(twice)
    assert once.case.status is told_twice.case.status
    due = deadlines(once.case, NOW, KNOWN)
    assert deadlines(told_twice.case, NOW, KNOWN) == due


@settings(max_examples=100)
@for_all(LIVES, st.data())
def test_what_is_voided_comes_to_the_same_as_never_told(posts: list[Post], data: Any) -> None:
    kept = admissible(posts)
    if not kept:
        return
    wrong = data.draw(st.sampled_from(kept))
    corrected = recorded([*kept, voided(wrong.attributes["id"])])
    never = recorded([post for post in kept if post is not wrong])
    assert comes_to(corrected) == comes_to(never)
