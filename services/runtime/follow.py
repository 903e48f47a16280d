"""Every document of the ledger after a position: in order, none twice, none left out.

The stream is the quick way, the ledger's HTTP the sure one. Whatever is wrong with the stream (NATS is
away, the stream is missing, has lost that part, or holds what the ledger does not), the gap is read from the
ledger and the stream is tried again. From the stream is taken what the relay said that it published, and what
comes before a message that was held against the ledger; nothing else.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Literal

import structlog
from nats.aio.client import Client

from services.runtime.backoff import Backoff
from services.runtime.client import LedgerClient, LedgerError, position_of
from services.runtime.logs import named
from services.runtime.pull import Pull, StreamUnusable, last_message

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

STREAM: Final = "CASE_EVENTS"
LONGEST_PAUSE: Final = 0.5

Source = Literal["stream", "ledger", "nowhere"]

Batch = list[tuple[int, bytes]]
"""Positions with their documents: consecutive, never empty."""


class Follower:
    """Follows one ledger. `source` says where documents come from at the moment: for `/readyz` and a page."""

    def __init__(self, nats: Client, ledger: LedgerClient, *, stream: str = STREAM) -> None:
        self._nats = nats
        self._ledger = ledger
        self._stream = stream
        self.source: Source = "nowhere"

    async def batches(self, after: int, *, most: int = 500) -> AsyncGenerator[Batch, None]:
        """Give the documents after `after`, at most `most` at once, and then each as it is published.

        The first position of a batch is one more than the last of the batch before. Never ends and raises
        nothing of the network's: cancel it, or close it (`contextlib.aclosing`).
        """
        wait = Backoff(None, longest=LONGEST_PAUSE)
        while True:
            for source in (self._from_stream, self._from_ledger):
                async with aclosing(source(after, most)) as batches:
                    async for batch in batches:
                        after = batch[-1][0]
                        wait.reset()
                        yield batch
            await wait.pause()

    async def _from_stream(self, after: int, most: int) -> AsyncGenerator[Batch, None]:
        try:
            async with Pull(self._nats, self._stream, after, most) as pull:
                pull.trust(await self._agreed(0))
                self._reads_from("stream", "")
                while True:
                    if batch := await pull.batch():
                        yield batch
                    else:
                        pull.trust(await self._agreed(pull.trusted))
        except StreamUnusable as error:
            self._reads_from("ledger", error.reason)

    async def _agreed(self, known: int) -> int:
        """The last sequence of the stream, or one that is known.

        Raises `StreamUnusable` unless the last message is the ledger's, and with it all before. A ledger that
        was restored from a backup no longer has what was published since.
        """
        sequence, message = await last_message(self._nats, self._stream)
        if sequence <= known:
            return known
        try:
            async with aclosing(
                self._ledger.events_after(sequence - 1, limit=1, patiently=False)
            ) as documents:
                document = await anext(documents, None)
        except LedgerError as error:
            raise StreamUnusable("ledger_away") from error
        if document is None:
            raise StreamUnusable("ahead_of_ledger")
        if message != document:
            raise StreamUnusable("other_document")
        return sequence

    async def _from_ledger(self, after: int, most: int) -> AsyncGenerator[Batch, None]:
        batch: Batch = []
        try:
            async with aclosing(self._ledger.events_after(after, patiently=False)) as documents:
                async for document in documents:
                    after = _following(after, document)
                    batch.append((after, document))
                    if len(batch) == most:
                        yield batch
                        batch = []
            if batch:
                yield batch
        except LedgerError as error:
            self._reads_from("nowhere", named(error))

    def _reads_from(self, source: Source, reason: str) -> None:
        if source != self.source:
            self.source = source
            log.info("follow.source", stream=self._stream, source=source, reason=reason)


def _following(after: int, document: bytes) -> int:
    if (position := position_of(document)) != after + 1:
        raise LedgerError(f"After {after} the ledger gave {position}.")
    return position
