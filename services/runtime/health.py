"""Say truthfully whether a service is well: each thing it needs is asked, all at once, within a bound."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import asyncpg
import msgspec
from nats.aio.client import Client

from services.runtime.clock import Clock
from services.runtime.identity.authentication import Authentication
from services.runtime.logs import named

PATIENCE: Final = 2.0
"""Seconds that one check may take."""
PING: Final = 1
"""Seconds that a broker has to answer a ping: what then looks elsewhere has time left to do so."""


class Health(msgspec.Struct, frozen=True):
    """What one check found. `detail` is for an operator: no personal data, no passwords.

    `warning` is for what leaves the service able to work, and yet wants somebody to look.
    """

    ok: bool
    detail: str = ""
    warning: bool = False


SILENT: Final = Health(ok=False, detail=f"does not answer within {PATIENCE:.0f} s")

Check = Callable[[], Awaitable[Health]]
"""Asks one thing. May raise, which counts as not well, and is given up after `PATIENCE`."""


class Checkup:
    """Asks all checks at once. `report` returns after `patience` seconds, whatever hangs."""

    def __init__(self, checks: Mapping[str, Check], *, patience: float = PATIENCE) -> None:
        self._checks = checks
        self._patience = patience
        self._asked: dict[str, asyncio.Task[Health]] = {}

    async def report(self) -> dict[str, Health]:
        """Say what each check found."""
        asked = {name: self._ask(name) for name in self._checks}
        if asked:
            await asyncio.wait(asked.values(), timeout=self._patience)
        return {name: _found(task) for name, task in asked.items()}

    def _ask(self, name: str) -> asyncio.Task[Health]:
        """Ask, unless the last question is still out: one that hangs is neither awaited nor piled upon."""
        task = self._asked.get(name)
        if task is None or task.done():
            task = self._asked[name] = asyncio.create_task(_answer(self._checks[name]), name=f"check {name}")
        return task


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
        try:
            await client.flush(timeout=PING)
        except TimeoutError:
            return Health(ok=False, detail=f"does not answer within {PING} s")
        return Health(ok=True, detail="answers")

    return check


def of_clock(clock: Clock) -> Check:
    """Check that the machine's time goes with the seconds that pass."""

    async def check() -> Health:
        if clock.is_test:
            return Health(ok=True, detail="a test clock")
        step = clock.stepped_by()
        if step:
            return Health(ok=False, detail=f"the machine's time stepped by {step}; ends soon, to begin anew")
        return Health(ok=True, detail="goes with the machine's")

    return check


def of_authentication(authentication: Authentication) -> Check:
    """Check that not everybody is let in as they come; a service that does so works, and is warned of."""

    async def check() -> Health:
        if authentication.is_off:
            return Health(ok=True, detail="OFF: whoever reaches this port may do everything", warning=True)
        return Health(ok=True, detail="required")

    return check


async def _answer(check: Check) -> Health:
    try:
        return await check()
    except TimeoutError:
        return SILENT
    except Exception as error:  # noqa: BLE001 - whatever it is, the thing asked is not well
        return Health(ok=False, detail=named(error))


def _found(task: asyncio.Task[Health]) -> Health:
    if not task.done():
        # Not awaited: a driver may need as long to cancel as it would have needed to answer.
        task.cancel()
    elif not task.cancelled():
        return task.result()
    return SILENT
