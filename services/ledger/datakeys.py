"""The data keys of all streams: made when first needed, on disk before they are used, gone when destroyed.

A key is made once: whoever comes second, in this process or another, is given the same. A stream whose key
was destroyed never gets another. What is kept in memory is let go of as soon as any process destroys it: the
database tells, and while nobody listens to it, nothing is kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import asyncpg
import structlog
from msgspec import Struct

from services.ledger.absence import AWAY, UNMIGRATED
from services.ledger.datakey import DataKey
from services.ledger.wrapping import CannotUnwrap, KeyAway, KeyEncryption, Wrapped
from services.runtime import postgres
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.logs import named
from services.runtime.postgres import Statements

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

MOST_KEPT: Final = 20_000
CHANNEL: Final = "caseledger_destroyed"
HEARTBEAT: Final = 1.0  # seconds between two looks at whether we are still told
PATIENCE: Final = 2.0  # seconds for the answer to such a look


class Destroyed(Struct, frozen=True):
    """The key of a stream was destroyed, and when: what was sealed under it is gone."""

    stream: str
    at: datetime


class KeyGone(Exception):
    """A key is asked for of a stream whose key was destroyed."""

    def __init__(self, destroyed: Destroyed) -> None:
        super().__init__(f"the data key of {destroyed.stream} was destroyed")
        self.destroyed = destroyed


class DataKeys:
    """Keys by stream. Raises what asyncpg raises, `KeyAway` and `CannotUnwrap`: then nothing was done."""

    def __init__(self, on: asyncpg.Pool, statements: Statements, kek: KeyEncryption, clock: Clock) -> None:
        self._on = on
        self._sql = statements
        self._kek = kek
        self._clock = clock
        self._kept: OrderedDict[str, DataKey] = OrderedDict()
        self._told = False
        self._begun = 0
        self._changes = 0  # counts what may make a key that is being read now one that must not be kept
        self._wanted: dict[str, asyncio.Future[DataKey | Destroyed]] = {}
        self._getting: asyncio.Task[None] | None = None

    @property
    def kept(self) -> Collection[str]:
        """The streams whose keys are kept in memory."""
        return self._kept.keys()

    @property
    def is_told(self) -> bool:
        """Whether what is destroyed elsewhere is heard of here."""
        return self._told

    @property
    def begun(self) -> int:
        """How often listening began: between two times, anything may have been done to the keys."""
        return self._begun

    async def of(self, streams: Collection[str]) -> dict[str, DataKey]:
        """The keys of some streams, made where there are none; raises `KeyGone`."""
        found = await self.ask(streams)
        for key in found.values():
            if isinstance(key, Destroyed):
                raise KeyGone(key)
        return {stream: key for stream, key in found.items() if isinstance(key, DataKey)}

    async def ask(self, streams: Collection[str]) -> dict[str, DataKey | Destroyed]:
        """As `of`, but says of each stream whether its key was destroyed."""
        found: dict[str, DataKey | Destroyed] = {}
        waiting: dict[str, asyncio.Future[DataKey | Destroyed]] = {}
        for stream in streams:
            if key := self._kept.get(stream):
                self._kept.move_to_end(stream)
                found[stream] = key
            else:
                waiting[stream] = self._want(stream)
        for stream, answer in waiting.items():
            # Others may wait for the same key: that this one goes away must not end it.
            found[stream] = await asyncio.shield(answer)
        return found

    async def find(self, stream: str) -> DataKey | Destroyed | None:
        """The key of a stream as it is at this moment, none being made."""
        rows = await self._on.fetch(self._sql["data_keys"], [stream])
        if not rows:
            return None
        return (await self._opened(rows))[stream]

    async def destroy(self, stream: str) -> Destroyed:
        """Destroy the key of a stream for good. Repeating it changes nothing and gives the first time."""
        await self._on.execute(self._sql["destroy_data_key"], stream, self._clock.now())
        self._forget(stream)
        ((_, _, _, at),) = await self._on.fetch(self._sql["data_keys"], [stream])
        return Destroyed(stream, at)

    async def standing(self, streams: Collection[str]) -> list[str]:
        """Of some streams those that have a key."""
        rows = await self._on.fetch(self._sql["data_keys"], list(streams))
        return [row["stream"] for row in rows if row["destroyed_at"] is None]

    async def watch(self, url: str) -> None:
        """Listen, on a connection of its own, to what is destroyed, until cancelled."""
        while True:
            try:
                await self._listen(url)
            except AWAY as error:
                log.warning("keys.unheard", error=named(error))
            finally:
                self._doubt(told=False)
            await asyncio.sleep(HEARTBEAT)

    async def check(self) -> Health:
        """Whether keys can be had."""
        try:
            rows = await self._on.fetch(self._sql["one_data_key"])
            await self._kek.unwrap([Wrapped(*row) for row in rows])
        except UNMIGRATED:
            return Health(ok=False, detail="has no data keys; run `caseledger migrate`")
        except (KeyAway, CannotUnwrap) as error:
            return Health(ok=False, detail=f"data keys cannot be had: {error}")
        return Health(ok=True, detail="can be unwrapped")

    def _want(self, stream: str) -> asyncio.Future[DataKey | Destroyed]:
        wanted = self._wanted.get(stream)
        if wanted is None:
            wanted = self._wanted[stream] = asyncio.get_running_loop().create_future()
        if self._getting is None:
            self._getting = asyncio.create_task(self._get(), name="get data keys")
        return wanted

    async def _get(self) -> None:
        """Get all that is wanted, together; while that is on its way, more gathers."""
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                await self._give(wanted)
        finally:
            self._getting = None

    async def _give(self, wanted: dict[str, asyncio.Future[DataKey | Destroyed]]) -> None:
        before = self._changes
        try:
            found = await self._get_or_make(list(wanted))
        except Exception as error:  # noqa: BLE001 - each of those who wait is told
            for answer in wanted.values():
                answer.set_exception(error)
                answer.exception()  # told, also if nobody waits any more
            return
        for stream, answer in wanted.items():
            key = found[stream]
            if isinstance(key, DataKey) and self._told and before == self._changes:
                self._keep(stream, key)
            answer.set_result(key)

    async def _get_or_make(self, streams: list[str]) -> dict[str, DataKey | Destroyed]:
        found = await self._opened(await self._on.fetch(self._sql["data_keys"], streams))
        if missing := [stream for stream in streams if stream not in found]:
            made = {stream: DataKey.new() for stream in missing}
            wrapped = await self._kek.wrap(made)
            columns = zip(*((each.stream, each.wrapped, each.kek_id) for each in wrapped), strict=True)
            # Once this returns, the keys are on disk: only then may anything be sealed with them.
            ours = {row[0] for row in await self._on.fetch(self._sql["create_data_keys"], *columns)}
            found |= {stream: made[stream] for stream in ours}
            if theirs := [stream for stream in missing if stream not in ours]:
                found |= await self._opened(await self._on.fetch(self._sql["data_keys"], theirs))
        return found

    async def _opened(self, rows: list[Any]) -> dict[str, DataKey | Destroyed]:
        gone = {row["stream"]: Destroyed(row["stream"], at) for row in rows if (at := row["destroyed_at"])}
        wrapped = [
            Wrapped(row["stream"], row["kek_id"], row["wrapped"]) for row in rows if row["stream"] not in gone
        ]
        return gone | (await self._kek.unwrap(wrapped) if wrapped else {})

    def _keep(self, stream: str, key: DataKey) -> None:
        self._kept[stream] = key
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _forget(self, stream: str) -> None:
        self._changes += 1
        self._kept.pop(stream, None)

    def _doubt(self, *, told: bool) -> None:
        """Keep nothing of what was kept: whether it was destroyed meanwhile is not known."""
        self._changes += 1
        self._kept.clear()
        self._told = told

    async def _listen(self, url: str) -> None:
        connection = await postgres.connect(url, application_name="caseledger keys")
        try:
            await connection.add_listener(CHANNEL, lambda *said: self._forget(str(said[3])))
            self._doubt(told=True)
            self._begun += 1
            while True:
                await asyncio.sleep(HEARTBEAT)
                await connection.fetchval("SELECT 1", timeout=PATIENCE)
        finally:
            connection.terminate()
