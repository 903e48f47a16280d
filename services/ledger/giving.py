"""Give the answers of what is on disk, under one signature for all that are given together."""

import asyncio
from base64 import b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from services.evidence import receipt
from services.evidence.keys import Signer
from services.evidence.receipt import Entry, Promise
from services.ledger.request import Appended, Request

if TYPE_CHECKING:  # loaded only where one is named
    from services.ledger.keyservice import KeyService

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Given = Sequence[tuple[Request, Appended]]

PATIENCE: Final = 1.0  # seconds that answers wait for a key service; then they go without its signature


class KeyAway(Exception):
    """The key service did not sign; `args[0]` says why. Asking again may help, and does no harm."""


class Giving(Protocol):
    """What answers: each request once, now or very soon, whatever goes wrong. Its caller never waits."""

    def give(self, given: Given) -> None:
        """Take the answers over."""


class Here:
    """Signs with a key of this process, or not at all if there is none."""

    def __init__(self, signer: Signer | None) -> None:
        self._signer = signer

    def give(self, given: Given) -> None:
        """Sign and answer."""
        promises = receipt.promise(_entries(given), self._signer) if self._signer and given else ()
        _answer(given, promises)


class Elsewhere:
    """Has a key service sign, while the next commit is on its way.

    What is on disk is answered also if the service is away: without a promise, which a repeat of the request
    gets later.
    """

    def __init__(self, service: "KeyService") -> None:
        self._service = service
        self._giving: set[asyncio.Task[None]] = set()  # held so that none is lost before it has answered

    def give(self, given: Given) -> None:
        """Have them signed, and answer then."""
        if given:
            task = asyncio.create_task(self._give(given), name="give receipts")
            self._giving.add(task)
            task.add_done_callback(self._giving.discard)

    async def _give(self, given: Given) -> None:
        promises: Sequence[Promise] = ()
        try:
            unsigned = receipt.unsigned(_entries(given), self._service.origin)
            async with asyncio.timeout(PATIENCE):
                promises = unsigned.signed(await self._service.sign_text(unsigned.text))
        except (KeyAway, TimeoutError) as error:
            log.warning("receipts.unsigned", count=len(given), reason=str(error) or "no answer in time")
        finally:
            _answer(given, promises)


def _answer(given: Given, promises: Sequence[Promise]) -> None:
    for nth, (request, answer) in enumerate(given):
        promised = (
            Appended(answer.receipts, fresh=answer.fresh, promise=promises[nth]) if promises else answer
        )
        request.settle(promised)


def _entries(given: Given) -> list[list[Entry]]:
    return [[Entry(each.position, b64decode(each.leaf)) for each in answer.receipts] for _, answer in given]
