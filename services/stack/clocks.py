"""Move the test clock of a whole stack, so that on return every service has acted on the new time.

The ledger's clock goes first, the notifier's last, and no clock passes an instant at which the notifier has
something to do: what happens on the way happens at its own time.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import httpx
import msgspec

from services.runtime.clock import text
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for
from services.stack.errors import StackError

PATIENCE: Final = 600.0
"""Seconds that one service may take to act on one step; a sweep of ten thousand windows takes a while."""


class Reached(Protocol):
    """The URLs of the three services, and a token that may move their clocks."""

    @property
    def ledger(self) -> str:
        """The ledger's."""

    @property
    def projector(self) -> str:
        """The projector's."""

    @property
    def notifier(self) -> str:
        """The notifier's."""

    @property
    def token(self) -> str:
        """The bearer token to ask with."""


class ClockState(msgspec.Struct, frozen=True):
    """What a service answers about its clock."""

    now: datetime
    test: bool
    next_due: datetime | None = None


class _Head(msgspec.Struct, frozen=True):
    position: int


Step = Callable[[datetime], None]
"""Told of each instant at which the stack has arrived."""


async def read(urls: Reached) -> ClockState:
    """The stack's clock: the latest `now` of the three, and when the notifier is next due."""
    async with _client(urls) as client:
        return await _read(client, urls)


async def latest(urls: Reached) -> datetime | None:
    """The latest `now` among the services that answer; None when none does."""
    async with _client(urls, timeout=2) as client:
        asked = [_state_of(client, url) for url in (urls.ledger, urls.projector, urls.notifier)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    return max((answer.now for answer in answers if isinstance(answer, ClockState)), default=None)


async def advance(
    urls: Reached, target: datetime, arrived: Step = lambda _: None, *, projected: bool = True
) -> datetime:
    """Move every clock to `target`, through each instant at which something is due, and return it.

    On return nothing is due, the notifier has seen the ledger's head, and the read models have it; where
    nobody reads them yet, `projected` false does not wait for them. Raises `StackError` on a real clock, a
    target in the past, or a service that does not get on.
    """
    async with _client(urls) as client:
        state = await _read(client, urls)
        _refuse_unless_ahead(state, target)
        while True:
            step = target if state.next_due is None else min(target, max(state.next_due, state.now))
            after = await _move_all(client, urls, step)
            arrived(step)
            if step == target and (after.next_due is None or after.next_due > target):
                break
            if step == state.now and after.next_due == state.next_due:
                raise StackError(
                    f"The notifier still has something due at {text(step)} and does not get on: "
                    f"its /readyz and its log say why."
                )
            state = after
        if projected:
            await _until_projected(client, urls)
    return target


async def _read(client: httpx.AsyncClient, urls: Reached) -> ClockState:
    ledger = await _state_of(client, urls.ledger)
    projector = await _state_of(client, urls.projector)
    notifier = await _state_of(client, urls.notifier)
    states = (ledger, projector, notifier)
    return ClockState(
        now=max(state.now for state in states),
        test=all(state.test for state in states),
        next_due=notifier.next_due,
    )


async def _move_all(client: httpx.AsyncClient, urls: Reached, instant: datetime) -> ClockState:
    """Set the three clocks; the notifier's answer is the state after it has acted."""
    for url in (urls.ledger, urls.projector):
        await _move(client, url, instant)
    return await _move(client, urls.notifier, instant)


async def _move(client: httpx.AsyncClient, url: str, instant: datetime) -> ClockState:
    answer = await _ask(client, "PUT", f"{url}/v1/clock", {"now": text(instant)})
    return msgspec.json.decode(answer, type=ClockState)


async def _state_of(client: httpx.AsyncClient, url: str) -> ClockState:
    return msgspec.json.decode(await _ask(client, "GET", f"{url}/v1/clock"), type=ClockState)


async def _until_projected(client: httpx.AsyncClient, urls: Reached) -> None:
    """Wait until the read models have everything that the ledger has now."""
    head = msgspec.json.decode(await _ask(client, "GET", f"{urls.ledger}/v1/head"), type=_Head)
    await _ask(client, "GET", f"{urls.projector}/v1/cases?limit=1&wait_for={head.position}")


async def _ask(client: httpx.AsyncClient, method: str, url: str, body: object = None) -> bytes:
    """One request; a refusal or silence becomes one line that names who was asked."""
    try:
        answer = await client.request(method, url, json=body) if body else await client.request(method, url)
    except httpx.HTTPError as error:
        trust = ", and its authority in SSL_CERT_FILE" if url.startswith("https:") else ""
        raise StackError(
            f"{url} does not answer ({type(error).__name__}): is the stack up{trust}?"
        ) from error
    if answer.is_success:
        return answer.content
    raise StackError(f"{url} answered {answer.status_code}: {detail_of(answer)}")


def detail_of(answer: httpx.Response) -> str:
    """What a refusal says of itself."""
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(problem.get("detail") or problem.get("title") or problem)


def _refuse_unless_ahead(state: ClockState, target: datetime) -> None:
    if not state.test:
        raise StackError(
            "This stack runs on the real clock, which cannot be moved: start one with --clock INSTANT."
        )
    if target < state.now:
        raise StackError(f"The clock stands at {text(state.now)}; it cannot go back to {text(target)}.")


def _client(urls: Reached, timeout: float = PATIENCE) -> httpx.AsyncClient:
    limits = httpx.Timeout(timeout, connect=min(timeout, 5))
    headers = bearer(urls.token)
    return httpx.AsyncClient(
        timeout=limits,
        verify=authorities_for(urls.ledger, urls.projector, urls.notifier),
        trust_env=False,
        headers=headers,
    )
