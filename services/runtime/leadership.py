"""One leader at a time: whoever holds a Postgres advisory lock, on a connection of its own."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

import asyncpg
import structlog

from services.runtime import postgres
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

STANDBY_PAUSE: Final = 0.5
"""Seconds between two tries. A blocked `pg_advisory_lock` would hold back vacuum for as long as it waits."""
HEARTBEAT: Final = 2.0


class LeadershipLost(Exception):
    """The lock's connection ended, so another process may lead by now. Stop, then stand for it again."""


class Leadership:
    """`async with Leadership(url, "relay", application_name=…):` runs its body only while it leads.

    Entering waits until the lock is free, and through an absence of Postgres. If the connection that holds
    the lock is lost, the body is cancelled and `LeadershipLost` comes out of the `async with`. Leaving
    gives the lock up at once. A crash ends the session, and Postgres frees the lock. `stands_by` is called
    whenever the lock is found to be somebody else's.
    """

    def __init__(
        self, url: str, key: str, *, application_name: str, stands_by: Callable[[], None] = lambda: None
    ) -> None:
        self._stands_by = stands_by
        self._url = url
        self._key = key
        self._application_name = application_name
        self._lost = asyncio.Event()

    @property
    def lost(self) -> bool:
        """Whether the lock is gone."""
        return self._lost.is_set()

    async def __aenter__(self) -> Self:
        self._connection = await self._acquire()
        self._connection.add_termination_listener(lambda _: self._lost.set())
        log.info("leadership.taken", name=self._key)
        self._owner = _current_task()
        self._cancelling = self._owner.cancelling()
        self._watch = asyncio.create_task(self._cancel_owner_when_lost())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cancelled_here = self._watch.done() and not self._watch.cancelled()
        self._watch.cancel()
        try:
            await asyncio.wait([self._watch])
        finally:
            await self._let_go()
        cancellings = self._owner.uncancel() if cancelled_here else self._owner.cancelling()
        if cancelled_here:
            log.warning("leadership.lost", name=self._key)
        if cancellings > self._cancelling:
            # An error on the way out (a rollback on a dead connection) would hide that we are to stop.
            if error is None or isinstance(error, Exception):
                raise asyncio.CancelledError from error
        elif cancelled_here and kind is asyncio.CancelledError:
            raise LeadershipLost(self._key) from error

    async def _let_go(self) -> None:
        """End the session, and with it the lock. Of a server that may be frozen no answer is waited for."""
        if self.lost:
            self._connection.terminate()
            return
        with contextlib.suppress(*postgres.AWAY):
            await self._connection.close(timeout=1)

    async def _acquire(self) -> asyncpg.Connection:
        while True:
            connection = await postgres.connect(self._url, application_name=self._application_name)
            try:
                await self._stand_by(connection)
            except postgres.AWAY as error:
                log.warning("leadership.waiting", name=self._key, error=named(error))
                connection.terminate()
            except BaseException:
                connection.terminate()
                raise
            else:
                return connection

    async def _stand_by(self, connection: asyncpg.Connection) -> None:
        key = lock_key(self._key)
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", key):
            self._stands_by()
            await asyncio.sleep(STANDBY_PAUSE)

    async def _cancel_owner_when_lost(self) -> None:
        heart = asyncio.create_task(self._beat())
        try:
            await self._lost.wait()
        finally:
            heart.cancel()
        self._owner.cancel()

    async def _beat(self) -> None:
        # A machine that vanished closes nothing: only an answer shows that the session is still there.
        while not self._lost.is_set():
            await asyncio.sleep(HEARTBEAT)
            try:
                async with asyncio.timeout(HEARTBEAT * 2):
                    await self._connection.fetchval("SELECT 1")
            except (*postgres.AWAY, asyncpg.PostgresError):
                self._lost.set()  # whatever the session answers instead of a 1, the lock is not ours for sure


def lock_key(name: str) -> int:
    """Turn a name into the bigint that advisory locks take."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _current_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("Leadership is taken by a task.")
    return task
