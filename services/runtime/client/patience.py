"""Try again what the network or the ledger could not do, until it has taken too long."""

from typing import Final

import httpx
import structlog

from services.runtime.backoff import Backoff
from services.runtime.client.errors import LedgerAway
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LONGEST_RETRY_AFTER: Final = 60.0


async def retry(wait: Backoff, cause: httpx.Response | Exception) -> None:
    """Wait for the next try, as long as was asked for. Raises `LedgerAway` where there is to be none."""
    if isinstance(cause, httpx.Response):
        asked, reason = _seconds(cause.headers.get("Retry-After", "")), str(cause.status_code)
    else:
        asked, reason = 0.0, named(cause)
    log.warning("ledger.away", reason=reason)
    if not await wait.pause(at_least=asked):
        raise LedgerAway(reason) from (cause if isinstance(cause, Exception) else None)


def _seconds(retry_after: str) -> float:
    """What was asked for, within reason: a proxy that says a day is not obeyed for a day."""
    return min(float(retry_after), LONGEST_RETRY_AFTER) if retry_after.isdecimal() else 0.0
