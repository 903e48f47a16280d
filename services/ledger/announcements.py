"""The checkpoints on NATS: where others hear of them, and where this ledger is reminded of what it signed."""

from typing import Final

from nats.aio.client import Client
from nats.js.api import DiscardPolicy, Header, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from services.runtime.nats import bounded

STREAM: Final = "LEDGER_CHECKPOINTS"
SUBJECT: Final = "ledger.checkpoint"
MOST_KEPT: Final = 100_000  # a day at the least
PATIENCE: Final = 5.0  # seconds


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

    async def publish(self, origin: str, size: int, note: str) -> None:
        """Publish a checkpoint; returns when the stream has it. Twice is once, within the stream's window."""
        headers = {Header.MSG_ID.value: f"{origin} {size}"}
        acked = self._js.publish(SUBJECT, note.encode(), timeout=PATIENCE, stream=STREAM, headers=headers)
        await bounded(acked, PATIENCE + 1)

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
