"""Read what a stream of NATS holds by asking for it. There is no consumer that anybody could take or delete.

The server answers from the stream itself (JetStream's direct get, in batches since NATS 2.11). Each question
has an inbox of its own: a server that brings answers from another account keeps the way back for as long as
the inbox is listened to.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.runtime.nats import bounded

PATIENCE: Final = 2.0
"""Seconds that the server may be silent while it owes an answer."""
LOOK_UP: Final = 0.25
"""Seconds between two looks at the connection while no message comes."""
AT_ONCE: Final = 8 << 20
"""Bytes of one answer: what a client may hold back before it drops messages is more."""
NO_STREAM, NOTHING_THERE, END = "503", "404", "204"

TROUBLE: Final = (nats.errors.Error, TimeoutError, OSError, ValueError)


class NotAnswered(Exception):
    """The stream did not give what was asked for. `reason` is a name for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoStream(NotAnswered):
    """There is no such stream, or nobody who keeps one."""


class Held(NamedTuple):
    """A message as the stream holds it: under which sequence, since when."""

    sequence: int
    time: datetime
    data: bytes


async def held(client: Client, stream: str, first: int, most: int) -> list[Held]:
    """What the stream holds from a sequence on, or from the next one that it has: `most` messages at most.

    Raises `NotAnswered`, and what nats-py raises.
    """
    return await _asked(client, stream, {"seq": first, "batch": most, "max_bytes": AT_ONCE})


async def last(client: Client, stream: str) -> Held | None:
    """The last message, None if the stream is empty. Raises as `held` does, also if the last was deleted."""
    if found := await _asked(client, stream, {"last_by_subj": ">"}):
        return found[0]
    if await held(client, stream, 1, 1):
        raise NotAnswered("last_deleted")
    return None


async def _asked(client: Client, stream: str, request: dict[str, Any]) -> list[Held]:
    found: list[Held] = []
    async with _inbox(client) as (inbox, answers):
        question = client.publish(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(request), inbox)
        await bounded(question, PATIENCE)
        while True:
            answer = await _next(client, answers)
            status = (answer.headers or {}).get("Status")
            if status is None:
                found.append(_held(answer))
                if "batch" in request:
                    continue
            elif status == NO_STREAM:
                raise NoStream("no_stream")
            elif status not in {END, NOTHING_THERE}:
                raise NotAnswered(f"status_{status}")
            return found


@contextlib.asynccontextmanager
async def _inbox(client: Client) -> AsyncIterator[tuple[str, asyncio.Queue[Msg]]]:
    inbox, answers = client.new_inbox(), asyncio.Queue[Msg]()
    subscription = await bounded(client.subscribe(inbox, cb=answers.put), PATIENCE)
    try:
        yield inbox, answers
    finally:
        with contextlib.suppress(*TROUBLE):
            await bounded(subscription.unsubscribe(), PATIENCE)


async def _next(client: Client, answers: asyncio.Queue[Msg]) -> Msg:
    if not answers.empty():
        return answers.get_nowait()
    for _ in range(round(PATIENCE / LOOK_UP)):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP):
                return await answers.get()
        if not client.is_connected:
            raise NotAnswered("disconnected")
    raise NotAnswered("silence")


def _held(message: Msg) -> Held:
    headers = message.headers or {}
    try:
        return Held(
            int(headers["Nats-Sequence"]), datetime.fromisoformat(headers["Nats-Time-Stamp"]), message.data
        )
    except (KeyError, ValueError):
        raise NotAnswered("not_a_message") from None
