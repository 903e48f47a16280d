"""The checkpoints on NATS: where others hear of them, and where this ledger is reminded of what it signed."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple

from nats.aio.client import Client
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    Header,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from services.runtime.nats import bounded

STREAM: Final = "LEDGER_CHECKPOINTS"
SUBJECT: Final = "ledger.checkpoint"
MOST_KEPT: Final = 100_000  # a day at the least
PATIENCE: Final = 5.0  # seconds
TELLING: Final = 1.0  # seconds for a publication: the sealer waits for it, and tries again
AT_ONCE: Final = 500
FORGOTTEN_AFTER: Final = 30.0  # seconds after which the server drops a consumer that nobody asks any more


class Announced(NamedTuple):
    """A checkpoint as the stream has it: under which sequence, since when, and the note."""

    sequence: int
    time: datetime
    note: bytes


class Announcements:
    """One stream of signed notes. Every call is bounded; raises what nats-py raises, or `TimeoutError`."""

    def __init__(self, client: Client) -> None:
        self._js = client.jetstream(timeout=PATIENCE)

    async def last(self) -> bytes | None:
        """The last checkpoint that was published; None if there is none, or no stream, which is then made."""
        try:
            message = await bounded(self._js.get_last_msg(STREAM, SUBJECT), PATIENCE)
        except NotFoundError:
            await self._create()
            return None
        return message.data

    async def every(self) -> AsyncIterator[Announced]:
        """Every checkpoint that the stream still has, in order; `NotFoundError` if there is no stream."""
        left = (await bounded(self._js.stream_info(STREAM), PATIENCE)).state.messages
        if not left:
            return
        config = ConsumerConfig(
            ack_policy=AckPolicy.NONE, inactive_threshold=FORGOTTEN_AFTER, mem_storage=True, num_replicas=1
        )
        pull = await bounded(self._js.pull_subscribe(SUBJECT, stream=STREAM, config=config), PATIENCE)
        while left:
            wanted = min(AT_ONCE, left)
            for message in await bounded(pull.fetch(wanted, timeout=PATIENCE), PATIENCE + 1):
                told = message.metadata
                left = told.num_pending
                yield Announced(told.sequence.stream, told.timestamp, message.data)
        await bounded(pull.unsubscribe(), PATIENCE)

    async def publish(self, origin: str, size: int, note: str) -> None:
        """Publish a checkpoint; returns when the stream has it. Twice is once, within the stream's window."""
        headers = {Header.MSG_ID.value: f"{origin} {size}"}
        acked = self._js.publish(SUBJECT, note.encode(), timeout=TELLING, stream=STREAM, headers=headers)
        await bounded(acked, TELLING)

    async def _create(self) -> None:
        config = StreamConfig(
            name=STREAM,
            description="Signed checkpoints of the case ledger, each consistent with every earlier one.",
            subjects=[SUBJECT],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            max_msgs=MOST_KEPT,
            num_replicas=1,
            deny_delete=True,
            deny_purge=True,
            allow_direct=True,
        )
        await bounded(self._js.add_stream(config), PATIENCE)
