"""Take the lead from a service, in a database of one's own, and keep it from coming back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from services.runtime.leadership import lock_key
from tests.support.until import until

WAITING: Final = "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $1"
END: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = $1"
)


@asynccontextmanager
async def usurped(url: str, key: str, application_name: str) -> AsyncIterator[None]:
    """Lead under `key` within, in place of whoever led; `url` is the owner's.

    The usurper waits for the lock before the leader's session is ended, so it is next.
    """
    usurper, admin = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        waiting = asyncio.create_task(usurper.execute("SELECT pg_advisory_lock($1)", lock_key(key)))
        pid = usurper.get_server_pid()

        async def is_next() -> bool:
            return bool(await admin.fetchval(WAITING, pid))

        await until(is_next)
        await admin.execute(END, application_name)
        await waiting
        yield
    finally:
        await admin.close()
        await usurper.close()
