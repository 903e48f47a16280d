"""One ephemeral JetStream consumer: the messages from one sequence on, in order, until anything is wrong.

It does not repair. nats-py's own `fetch` raises on an empty stream and may wait for ever on a future lost
in a crash, so this asks the server itself: one pull request at a time, with idle heartbeats, so that
silence is noticed.
"""

import asyncio
import contextlib
import time
from collections import deque
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from services.runtime.client import position_of
from services.runtime.logs import named
from services.runtime.nats import bounded

EXPIRES: Final = 10.0
HEARTBEAT: Final = 1.0
SILENCE: Final = 3 * HEARTBEAT
LOOK_UP: Final = 0.25
"""Seconds between two looks at the connection while no message comes."""
API_PATIENCE: Final = 2.0
FORGOTTEN_AFTER: Final = 30.0
"""Seconds after which the server drops a consumer that nobody asks any more."""

TROUBLE: Final = (nats.errors.Error, TimeoutError, OSError, ValueError)


class StreamUnusable(Exception):
    """The stream cannot give the next message now. `reason` is a name for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pull:
    """`async with Pull(client, stream, after, most) as pull:` and then `await pull.batch()` repeatedly."""

    def __init__(self, client: Client, stream: str, after: int, most: int) -> None:
        self._client = client
        self._stream = stream
        self._next = after + 1
        self._most = most
        self._name = f"follow-{uuid4().hex}"
        self._waiting: deque[Msg] = deque()
        self._news = asyncio.Event()
        self._outstanding = 0
        self._fault = ""
        self._heard = time.monotonic()

    async def __aenter__(self) -> Self:
        """Make the consumer. Raises `StreamUnusable`."""
        if not self._client.is_connected:
            raise StreamUnusable("disconnected")
        self._reconnects = self._client.stats["reconnects"]
        try:
            self._jetstream = self._client.jetstream(timeout=API_PATIENCE)
            await bounded(self._jetstream.add_consumer(self._stream, self._config()), API_PATIENCE)
            self._inbox = self._client.new_inbox()
            self._subscription = await bounded(
                self._client.subscribe(self._inbox, cb=self._hear), API_PATIENCE
            )
        except TROUBLE as error:
            raise StreamUnusable(named(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A crash here, or a broker that is away, leaves a consumer that the server forgets by itself.
        with contextlib.suppress(*TROUBLE):
            await bounded(self._subscription.unsubscribe(), API_PATIENCE)
            if self._client.is_connected and not self._fault:
                await bounded(self._jetstream.delete_consumer(self._stream, self._name), API_PATIENCE)

    async def batch(self) -> list[tuple[int, bytes]]:
        """Wait for the next messages: consecutive, at least one. Raises `StreamUnusable`."""
        while True:
            if self._outstanding <= 0 and not self._fault:
                await self._ask()
            if taken := self._take():
                return taken
            if self._fault:
                raise StreamUnusable(self._fault)
            await self._listen()

    def _take(self) -> list[tuple[int, bytes]]:
        taken: list[tuple[int, bytes]] = []
        while self._waiting and len(taken) < self._most and not self._fault:
            message = self._waiting.popleft()
            sequence = _sequence(message)
            if sequence < self._next:
                continue  # The stream lost its tail and is being refilled with what we already have.
            if sequence > self._next:
                self._fault = "gap"
            elif position_of(message.data) != sequence:
                self._fault = "other_document"
            else:
                taken.append((sequence, message.data))
                self._next += 1
        return taken

    async def _ask(self) -> None:
        request = {
            "batch": self._most,
            "expires": int(EXPIRES * 1e9),
            "idle_heartbeat": int(HEARTBEAT * 1e9),
        }
        self._outstanding = self._most
        self._heard = time.monotonic()
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._name}"
        try:
            await bounded(
                self._client.publish(subject, msgspec.json.encode(request), self._inbox), API_PATIENCE
            )
        except TROUBLE as error:
            self._fault = named(error)

    async def _listen(self) -> None:
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP):
                await self._news.wait()
            return
        if not self._client.is_connected:
            self._fault = "disconnected"
        elif self._client.stats["reconnects"] != self._reconnects:
            self._fault = "reconnected"
        elif time.monotonic() - self._heard > SILENCE:
            self._fault = "silence"

    async def _hear(self, message: Msg) -> None:
        self._heard = time.monotonic()
        status = (message.headers or {}).get("Status")
        if status is None:
            self._waiting.append(message)
            self._outstanding -= 1
        elif status in {"404", "408"}:
            self._outstanding = 0
        elif status != "100":
            self._fault = f"status_{status}"
        self._news.set()

    def _config(self) -> ConsumerConfig:
        options: dict[str, Any] = {
            "name": self._name,
            "deliver_policy": DeliverPolicy.BY_START_SEQUENCE,
            "opt_start_seq": self._next,
            "ack_policy": AckPolicy.NONE,
            "inactive_threshold": FORGOTTEN_AFTER,
            "mem_storage": True,
            "num_replicas": 1,
        }
        return ConsumerConfig(**options)


async def last_message(client: Client, stream: str) -> tuple[int, bytes | None]:
    """The stream's last sequence and what it holds there, None if it was deleted. Raises `StreamUnusable`."""
    if not client.is_connected:
        raise StreamUnusable("disconnected")
    jetstream, last = client.jetstream(timeout=API_PATIENCE), 0
    try:
        last = (await bounded(jetstream.stream_info(stream), API_PATIENCE)).state.last_seq
        message = await bounded(jetstream.get_msg(stream, seq=last), API_PATIENCE) if last else None
    except TROUBLE as error:
        if last and isinstance(error, NotFoundError):
            return last, None
        raise StreamUnusable(named(error)) from error
    return last, message.data if message else None


def _sequence(message: Msg) -> int:
    # $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>…; a newer form has domain and account before.
    tokens = message.reply.split(".")
    return int(tokens[5] if len(tokens) == 9 else tokens[7])  # noqa: PLR2004 - the two forms' lengths
