"""Record that somebody is about to be shown what is sealed, and be sure of it: no look, no answer.

A crash after the look is on disk, and before the answer is out, leaves a look at what was never shown. The
other way round does not happen.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final
from uuid import uuid4

import structlog

from services.domain import access
from services.domain.access import Look
from services.ledger.batcher import Overloaded
from services.ledger.request import UNCONDITIONAL, Appended, Receipt, Request
from services.ledger.viewer import Viewer
from services.runtime.problems import Kind, Problem

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LOOK_NOT_RECORDED: Final = Kind(
    "look-not-recorded",
    "The look could not be recorded, so nothing is shown",
    503,
    "Ask again after `Retry-After` seconds.",
)

Submit = Callable[[Sequence[Request]], None]


class Looks:
    """Appends looks by the way of all events; `submit` is the batcher's."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit

    async def of(
        self, viewer: Viewer, stream: str, fields: frozenset[str], versions: tuple[int, ...]
    ) -> Receipt:
        """Record that somebody is about to be shown these fields of a stream; raises as `record` does."""
        look = Look(
            case_id=stream,
            who=viewer.principal.who,
            on_behalf_of=viewer.on_behalf_of,
            purpose=viewer.purpose,
            fields=fields,
            versions=versions,
            teams=viewer.principal.teams,
        )
        return await self.record(look)

    async def record(self, look: Look) -> Receipt:
        """Where the look stands in the ledger, once it is on disk: only then may its answer go out.

        Raises `Problem` if it could not be recorded, or if that is not known.
        """
        submission = access.submit(look, str(uuid4()))
        answer = asyncio.get_running_loop().create_future()
        request = Request(submission.stream, (submission,), UNCONDITIONAL, answer)
        try:
            self._submit([request])
        except Overloaded:
            raise Problem(LOOK_NOT_RECORDED) from None
        outcome = await request.answer
        if not isinstance(outcome, Appended):
            log.warning("look.not_recorded", error=type(outcome).__name__)
            raise Problem(LOOK_NOT_RECORDED)
        (receipt,) = outcome.receipts
        return receipt
