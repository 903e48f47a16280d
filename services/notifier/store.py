"""The notifier's schema: what a batch of the stream leaves in it, and what stands there.

A batch's rows and the checkpoint that accounts for them are one transaction.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
from msgspec import Struct, json

from services.domain.events.alert import NO_ALERT, NotificationKind
from services.domain.office import OFFICE
from services.domain.principal import Principal
from services.domain.restriction import Restriction, may_see, told_by
from services.notifier import breaking, dossier
from services.notifier.breaking import Breaking
from services.notifier.intake import Intake, Kept, Outcome
from services.runtime.identity.following import Place
from services.runtime.postgres import Statements


class CheckpointMoved(Exception):
    """Another notifier accounts for the stream too. Start again from the checkpoint that it left."""


class Troubles(Struct, frozen=True):
    """What an operator should look at; `reason` is one of the parked alerts'."""

    dead: int
    parked: int
    reason: str | None


class Store:
    """The tables as a whole; `windows` and `deliveries` know the rows."""

    def __init__(self, pool: asyncpg.Pool, statements: Statements) -> None:
        self.pool = pool
        self.sql = statements

    @asynccontextmanager
    async def by_index(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction whose work does not grow with the tables."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(self.sql["by_index"])
            yield connection

    async def checkpoint(self) -> int:
        """The last position that is accounted for."""
        return int(await self.pool.fetchval(self.sql["checkpoint"]))

    async def take(self, intake: Intake, before: int, last: int) -> None:
        """Account for the batch from `before` to `last`. Raises `CheckpointMoved`, with nothing done."""
        async with self.by_index() as connection:
            if await connection.fetchval(self.sql["move_checkpoint"], before, last) is None:
                raise CheckpointMoved(before)
            if intake.kept:
                await connection.execute(self.sql["keep_documents"], *_kept(intake.kept))
            # Windows before deliveries, as a sweep has it: neither waits for the other in a circle.
            await self._touch(connection, intake)
            if intake.restrictions:
                await self._restrict(connection, intake.restrictions)
            if intake.outcomes:
                await connection.execute(self.sql["note_outcomes"], *_outcomes(intake.outcomes.values()))

    async def resume(self, now: datetime) -> None:
        """Take up at once what another notifier was about, now that it is gone."""
        await self.pool.execute(self.sql["resume"], now)
        await self.pool.execute(self.sql["touch_morning"], now)
        await self.pool.execute(self.sql["release"])

    async def documents(
        self, connection: asyncpg.Connection, cases: Collection[str]
    ) -> Mapping[str, list[str]]:
        """The documents of some cases and of the office, in order; an empty list where there are none."""
        found: dict[str, list[str]] = {case_id: [] for case_id in (OFFICE, *cases)}
        for row in await connection.fetch(self.sql["histories"], list(found)):
            found[row["case_id"]].append(row["document"])
        return found

    async def office_after(self, place: Place) -> tuple[int, list[str]]:
        """The last position that is accounted for, and the office's documents after a place, in order."""
        rows = await self.pool.fetch(self.sql["office_after"], place.position)
        return rows[0]["reached"] if rows else 0, [
            row["document"] for row in rows if row["document"] is not None
        ]

    async def next_due(self) -> datetime | None:
        """When an alert is next to be looked at, a message to be sent, or a morning to be seen to."""
        found: datetime | None = await self.pool.fetchval(self.sql["next_due"])
        return found

    async def troubles(self) -> Troubles:
        """Dead messages and parked alerts."""
        return Troubles(*await self.pool.fetchrow(self.sql["troubles"]))

    async def _restrict(self, connection: asyncpg.Connection, kept: list[Kept]) -> None:
        """Keep what was said of restrictions, and have the lead told of broken glass."""
        await connection.execute(self.sql["keep_restrictions"], *_kept(kept))
        office = dossier.read_office((await self.documents(connection, []))[OFFICE])
        letters = breaking.letters(dossier.readable(each.document for each in kept), office)
        if not letters:
            return
        said = {each.notification_id: json.encode(each.said).decode() for each in letters}
        await connection.execute(self.sql["keep_breakings"], list(said), list(said.values()))
        kind = NotificationKind.BREAK_GLASS
        for each in letters:
            told = (each.notification_id, each.channel, OFFICE, NO_ALERT, kind, None, each.holder)
            await connection.execute(self.sql["enqueue"], *([value] for value in told), each.said.at)

    async def restricted(self) -> dict[str, Restriction]:
        """The cases that are restricted, as far as they are read of."""
        found: dict[str, Restriction] = {}
        for case_id, document in await self.pool.fetch(self.sql["restrictions"]):
            if restriction := told_by(found.pop(case_id, None), document):
                found[case_id] = restriction
        return found

    async def hidden_from(self, principal: Principal, now: datetime) -> list[str]:
        """The cases that do not exist for somebody."""
        if principal.is_service:
            return []
        restricted = await self.restricted()
        return [case_id for case_id, each in restricted.items() if not may_see(principal, each, now)]

    async def said_of_breakings(self, notifications: Collection[str]) -> dict[str, Breaking]:
        """What these notifications say of broken glass."""
        if not notifications:
            return {}
        rows = await self.pool.fetch(self.sql["breakings"], list(notifications))
        return {row["notification_id"]: json.decode(row["content"], type=Breaking) for row in rows}

    async def _touch(self, connection: asyncpg.Connection, intake: Intake) -> None:
        if intake.alerts:
            cases, alerts = zip(*intake.alerts, strict=True)
            instants = list(intake.alerts.values())
            await connection.execute(self.sql["touch_alerts"], list(cases), list(alerts), instants)
        if intake.cases:
            await connection.execute(self.sql["touch_cases"], list(intake.cases), min(intake.cases.values()))
        if intake.everybody:
            await connection.execute(self.sql["touch_open"], intake.office_changed_at)
        elif intake.office_changed_at:
            rungs, holders = list(intake.rungs), list(intake.holders)
            await connection.execute(self.sql["touch_holders"], rungs, holders, intake.office_changed_at)
        if intake.office_changed_at:
            await connection.execute(self.sql["touch_morning"], intake.office_changed_at)


def _kept(kept: list[Kept]) -> tuple[list[int], list[str], list[str]]:
    return [each.position for each in kept], [each.case_id for each in kept], [each.document for each in kept]


def _outcomes(outcomes: Collection[Outcome]) -> tuple[list[object], ...]:
    rows = [
        (
            each.notification_id,
            each.channel,
            each.case_id,
            each.alert_id,
            each.kind,
            each.rung,
            each.holder,
            each.state,
            each.attempt,
            each.recorded_at,
            each.again_at or each.recorded_at,
            each.error,
        )
        for each in outcomes
    ]
    return tuple(list(column) for column in zip(*rows, strict=True))
