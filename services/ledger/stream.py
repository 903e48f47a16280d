"""The JetStream stream of case events, whose sequences are the ledger's positions."""

from collections.abc import Sequence
from typing import Final

from nats.aio.client import Client
from nats.js.api import DiscardPolicy, Header, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from services.ledger.store import Placed
from services.runtime.nats import PUBLISHED, bounded

STREAM: Final = "CASE_EVENTS"
SUBJECTS: Final = "case.>"
PATIENCE: Final = 5.0  # seconds; what has not been answered by then never will be


class Stream:
    """One stream. Every call is bounded; raises what nats-py raises, or `TimeoutError`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._js = client.jetstream(timeout=PATIENCE)

    async def last(self) -> int | None:
        """The sequence of the last message, which is where the next one goes on; None without a stream."""
        try:
            info = await bounded(self._js.stream_info(STREAM), PATIENCE)
        except NotFoundError:
            return None
        return info.state.last_seq

    async def create(self, first: int) -> None:
        """Make the stream, its first message to have sequence `first`."""
        config = StreamConfig(
            name=STREAM,
            description="Committed events of the case ledger; a message's sequence is its position.",
            subjects=[SUBJECTS],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            max_consumers=-1,
            max_msgs=-1,
            max_bytes=-1,
            num_replicas=1,
            deny_delete=True,
            deny_purge=True,
            allow_direct=True,
            first_seq=first,
        )
        await bounded(self._js.add_stream(config), PATIENCE)

    async def document(self, sequence: int) -> bytes | None:
        """The message at a sequence, or None if the stream does not hold it."""
        try:
            message = await bounded(self._js.get_msg(STREAM, seq=sequence), PATIENCE)
        except NotFoundError:
            return None
        return message.data

    async def publish(self, placed: Sequence[Placed]) -> None:
        """Publish consecutive documents, and say so; returns when the stream has all of them.

        Each expects the one before it, so the answer to the last one speaks for all: if any had been lost, or
        been refused, the last would have been refused too.
        """
        *leading, last = placed
        for each in leading:
            await self._client.publish(_subject(each), each.document, headers=_expecting(each))
        acked = self._js.publish(_subject(last), last.document, timeout=PATIENCE, headers=_expecting(last))
        await bounded(acked, PATIENCE + 1)
        # A crash here leaves readers to find it for themselves, within a second.
        await self._client.publish(PUBLISHED, str(last.position).encode())


def _subject(placed: Placed) -> str:
    return f"case.{placed.case_id}.{placed.type}"


def _expecting(placed: Placed) -> dict[str, str]:
    return {
        Header.EXPECTED_STREAM.value: STREAM,
        Header.EXPECTED_LAST_SEQUENCE.value: str(placed.position - 1),
    }
