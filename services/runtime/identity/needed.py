"""How much of the office's events a service that starts must have seen before any issued key counts."""

import structlog

from services.runtime.client import LedgerClient, LedgerError
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def head_of(ledger: LedgerClient) -> int:
    """How far a service that starts must have come to know every key; 0 where the ledger does not say."""
    try:
        return (await ledger.head()).position
    except LedgerError as error:
        log.warning("keys.unsure", error=named(error))
        return 0
