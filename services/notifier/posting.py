"""Append the notifier's own events: each once whatever happens, and none held up by another.

Every event goes in a request group of its own: two of one case would be appended together or not at all,
and one that the ledger knows already would stand in the way of one that it does not.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from msgspec import Struct

from services.notifier.duty import Post
from services.notifier.intake import SOURCE
from services.runtime.backoff import Backoff
from services.runtime.client import Declined, GroupResult, LedgerAway, LedgerClient, Refused

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Posted(Struct, frozen=True):
    """What became of an event: the position of it in the ledger, or why the ledger would not have it."""

    position: int | None
    declined: Declined | None = None


async def append(ledger: LedgerClient, posts: Sequence[tuple[str, Post]]) -> list[Posted]:
    """Append events, `(case, event)` each, and say what became of each. Waits for a ledger that is away.

    A crash in here leaves some appended: appending them again gives their first receipts.
    """
    found: dict[int, Posted] = {}
    wait = Backoff(None)
    while missing := [nth for nth in range(len(posts)) if nth not in found]:
        for turn in _one_a_case(posts, missing):
            found |= _answered(posts, turn, await _ask(ledger, [posts[nth] for nth in turn]))
        if len(found) < len(posts):
            await wait.pause()
    return [found[nth] for nth in range(len(posts))]


async def _ask(ledger: LedgerClient, posts: Sequence[tuple[str, Post]]) -> dict[str, GroupResult]:
    """Append one event of each case. One that is no valid event would fail the others: they part ways."""
    try:
        results = await ledger.append_many([(case_id, _event(post)) for case_id, post in posts])
    except LedgerAway as error:
        return {case_id: GroupResult(case_id, error=error) for case_id, _ in posts}
    except Declined as error:
        if len(posts) == 1:
            return {case_id: GroupResult(case_id, error=error) for case_id, _ in posts}
        half = len(posts) // 2
        return await _ask(ledger, posts[:half]) | await _ask(ledger, posts[half:])
    return {result.case_id: result for result in results}


def _one_a_case(posts: Sequence[tuple[str, Post]], missing: Iterable[int]) -> list[list[int]]:
    """The missing ones in turns, in which each case comes once."""
    turns: list[list[int]] = []
    seen: dict[str, int] = {}
    for nth in missing:
        turn = seen.get(posts[nth][0], 0)
        seen[posts[nth][0]] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(nth)
    return turns


def _answered(
    posts: Sequence[tuple[str, Post]], turn: Sequence[int], results: Mapping[str, GroupResult]
) -> dict[int, Posted]:
    found: dict[int, Posted] = {}
    for nth in turn:
        case_id, post = posts[nth]
        result = results[case_id]
        match result.error:
            case None:
                found[nth] = Posted(result.receipts[0].position)
            case LedgerAway():
                continue  # unknown, so it is appended again
            case Declined() as declined:
                rule = declined.rule if isinstance(declined, Refused) else declined.slug
                log.warning(
                    "event.declined", case=case_id, alert=post.data.get("alert_id"), type=post.type, rule=rule
                )
                found[nth] = Posted(None, declined)
    return found


def _event(post: Post) -> dict[str, Any]:
    """The event in full: without a time, so that the ledger says when, and always the same content."""
    return {
        "id": post.id,
        "source": SOURCE,
        "type": post.type,
        "actor": "notifier",
        "actorrole": "SYSTEM",
        "data": post.data,
    }
