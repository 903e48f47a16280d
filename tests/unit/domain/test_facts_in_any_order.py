"""The law of facts: what is admitted in one order is admitted in every other, and comes to the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain.deadlines import deadlines
from tests.support.casework import KNOWN, Post, Story, given, voided
from tests.support.lives import TOLD, facts

NOW = datetime(2019, 1, 7, 9, tzinfo=UTC)


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


@settings(max_examples=100)
@for_all(LIVES, st.randoms(use_true_random=False))
def test_facts_that_are_admitted_in_one_order_are_admitted_in_any_and_come_to_the_same(
    posts: list[Post], random: Any
) -> None:
    kept = admissible(posts)
    other = random.sample(kept, len(kept))
    assert comes_to(recorded(kept)) == comes_to(recorded(other))


@settings(max_examples=60)
@for_all(LIVES, st.data())
def test_what_is_told_twice_comes_to_the_same_as_told_once(posts: list[Post], data: Any) -> None:
    kept = admissible(posts)
    again = [post.saying(id=f"{post.attributes['id']}-again") for post in kept]
    twice = [*kept, *(data.draw(st.lists(st.sampled_from(again), unique_by=id)) if again else [])]
    once, told_twice = recorded(kept), recorded(twice)
    assert once.case.status is told_twice.case.status
    due = deadlines(once.case, NOW, KNOWN)
    assert deadlines(told_twice.case, NOW, KNOWN) == due


@settings(max_examples=60)
@for_all(LIVES, st.data())
def test_what_is_voided_comes_to_the_same_as_never_told(posts: list[Post], data: Any) -> None:
    kept = admissible(posts)
    if not kept:
        return
    wrong = data.draw(st.sampled_from(kept))
    corrected = recorded([*kept, voided(wrong.attributes["id"])])
    never = recorded([post for post in kept if post is not wrong])
    assert comes_to(corrected) == comes_to(never)
