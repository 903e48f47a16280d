"""Tell what is committed as it is committed: the ledger's live tail, as server-sent events."""

from collections.abc import AsyncGenerator
from typing import Final

import structlog

from services.ledger.absence import AWAY
from services.ledger.commits import Commits
from services.ledger.restrictions import Hidden
from services.ledger.store import Placed
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

AT_ONCE: Final = 500
GREETING: Final = b"retry: 1000\n\n"


async def tail(commits: Commits, after: int, hidden: Hidden) -> AsyncGenerator[bytes, None]:
    """The documents after a position as server-sent events, for ever; the position is the event's id.

    What is `hidden` from who follows is left out: positions may be missing.

    Ends when the database goes: the client comes back with `Last-Event-ID`, to another process perhaps.
    """
    yield GREETING
    try:
        while True:
            if placed := await commits.after(after, AT_ONCE):
                after = placed[-1].position
                yield b"".join(map(_event, hidden.seen(placed)))
            else:
                await commits.head.wait_for(after + 1)
    except AWAY as error:
        log.warning("tail.ended", after=after, error=named(error))


def _event(placed: Placed) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (placed.position, placed.document)
