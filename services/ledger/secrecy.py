"""Seal what is personal in posted events before anything is decided about them, and open it again.

What is sealed depends on the event alone, not on where it comes to stand: one that is decided again, or sent
to the database again, is the same bytes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import structlog
from msgspec import structs

from services.domain import personal
from services.domain.event import Submission, said
from services.domain.personal import Personal
from services.ledger.absence import AWAY
from services.ledger.datakey import DataKey, bound
from services.ledger.datakeys import DataKeys, Destroyed
from services.ledger.request import Erased, Locked, Request
from services.ledger.wrapping import CannotUnwrap, KeyAway
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PATIENCE: Final = 8.0  # seconds that a handler waits for keys, as it does for an append

Keys = Mapping[str, DataKey | Destroyed]


class Secrecy:
    """Seals requests under the keys of their streams, asked for all at once, and only where one is needed."""

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    async def seal(self, requests: Sequence[Request]) -> None:
        """Seal their submissions in place; one that cannot be sealed is given its answer."""
        parts = [[personal.split(each.event)[1] for each in request.submissions] for request in requests]
        streams = {request.stream for request, part in zip(requests, parts, strict=True) if any(part)}
        keys = await self._keys_of(streams) if streams else {}
        for request, part in zip(requests, parts, strict=True):
            _seal_request(request, part, keys)

    async def _keys_of(self, streams: set[str]) -> Keys:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._keys.ask(streams)
        except (KeyAway, CannotUnwrap) as error:
            log.warning("keys.away", reason=str(error))
        except AWAY as error:
            log.warning("keys.away", error=named(error))
        return {}


def _seal_request(request: Request, parts: Sequence[Personal], keys: Keys) -> None:
    key = keys.get(request.stream)
    if isinstance(key, Destroyed):
        request.settle(Erased(key.at))
    elif key is None and any(parts):
        request.settle(Locked())
    else:
        each = zip(request.submissions, parts, strict=True)
        request.submissions = tuple(_seal(submission, part, key) for submission, part in each)


def _seal(submission: Submission, part: Personal, key: DataKey | None) -> Submission:
    content = said(submission)
    if key is None or not part:
        return structs.replace(submission, content=sha256(content).digest())
    document = bound(submission.stream, submission.source, submission.id, submission.event.TYPE)
    sealed = key.seal(personal.encode(part), document)
    return structs.replace(submission, sealed=sealed, content=key.content(content))
