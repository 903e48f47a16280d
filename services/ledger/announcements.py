"""The checkpoints on NATS: where others hear of them, and where this ledger is reminded of what it signed."""

from collections.abc import AsyncIterator
from typing import Final

from nats.aio.client import Client
from nats.js.api import DiscardPolicy, Header, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from services.runtime import holdings
from services.runtime.holdings import Held
from services.runtime.nats import bounded

STREAM: Final = "LEDGER_CHECKPOINTS"
SUBJECT: Final = "ledger.checkpoint"
MOST_KEPT: Final = 100_000  # a day at the least
PATIENCE: Final = 5.0  # seconds
TELLING: Final = 1.0  # seconds for a publication: the sealer waits for it, and tries again
AT_ONCE: Final = 500


class Announcements:
    """One stream of signed notes. Every call is bounded; raises what nats-py raises, or `TimeoutError`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._js = client.jetstream(timeout=PATIENCE)

    async def last(self) -> bytes | None:
        """The last checkpoint that was published; None if there is none, or no stream, which is then made."""
        try:
            message = await bounded(self._js.get_last_msg(STREAM, SUBJECT), PATIENCE)
        except NotFoundError:
            await self._create()
            return None
        return message.data

    async def every(self) -> AsyncIterator[Held]:
        """Every checkpoint that the stream still has, in order; `NoStream` if there is none."""
        after = 0
        while found := await holdings.held(self._client, STREAM, after + 1, AT_ONCE):
            for each in found:
                yield each
            after = found[-1].sequence

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
