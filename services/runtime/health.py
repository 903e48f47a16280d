"""Say truthfully whether a service is well: each thing it needs is asked, within a bound."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import asyncpg
import msgspec
from nats.aio.client import Client

from services.runtime.logs import named

PATIENCE: Final = 2.0
"""Seconds that one check may take."""


class Health(msgspec.Struct, frozen=True):
    """What one check found. `detail` is for an operator: no personal data, no passwords."""

    ok: bool
    detail: str = ""


Check = Callable[[], Awaitable[Health]]
"""Asks one thing. May raise, which counts as not well, and is given up after `PATIENCE`."""


async def report(checks: Mapping[str, Check]) -> dict[str, Health]:
    """Run all checks at once and say what each found."""
    found = await asyncio.gather(*(_ask(check) for check in checks.values()))
    return dict(zip(checks, found, strict=True))


def of_postgres(pool: asyncpg.Pool) -> Check:
    """Check that a query is answered."""

    async def check() -> Health:
        await pool.fetchval("SELECT 1")
        return Health(ok=True, detail="answers")

    return check


def of_nats(client: Client) -> Check:
    """Check that the broker is connected and answers a ping."""

    async def check() -> Health:
        if not client.is_connected:
            return Health(ok=False, detail="not connected; reconnecting")
        await client.flush(timeout=1)
        return Health(ok=True, detail="answers")

    return check


async def _ask(check: Check) -> Health:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, the thing asked is not well
        return Health(ok=False, detail=named(error))
