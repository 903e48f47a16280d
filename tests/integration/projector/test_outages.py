"""Postgres, NATS or the ledger is away: the projector says so, waits, and goes on where it was."""

import asyncio

from msgspec import to_builtins

from services.runtime.health import PATIENCE, SILENT
from services.stack import databases
from services.stack.nats import Nats
from services.stack.postgres import Postgres
from tests.integration.projector.ground import ground
from tests.support import faults
from tests.support.backing import Database
from tests.support.casework import contact, plan
from tests.support.until import until


async def test_without_postgres_queries_are_503_and_afterwards_everything_is_there(
    own_postgres: Postgres, bus: str
) -> None:
    database = Database(own_postgres.url_of(databases.NAME))
    async with ground(database, bus) as stage, stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))

        async with faults.away(own_postgres):
            answer = await projector.answer("/v1/cases")
            ready = await projector.answer("/readyz")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert answer.json()["type"] == "urn:caseledger:problem:unavailable"
            assert ready.status_code == 503
            assert (await projector.answer("/livez")).status_code == 200

        position = await stage.post("case-1", plan())
        await projector.until(position)
        assert (await projector.get("/v1/cases/case-1"))["version"] == 2


async def test_a_postgres_that_hangs_is_said_within_the_time_that_a_check_has(
    own_postgres: Postgres, bus: str
) -> None:
    database = Database(own_postgres.url_of(databases.NAME))
    async with ground(database, bus) as stage, stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))

        async def back() -> bool:
            return (await projector.answer("/readyz")).is_success

        with faults.paused(own_postgres):
            async with asyncio.timeout(2 * PATIENCE + 2):  # what is over is for a machine that has more to do
                for _ in range(2):
                    ready = await projector.answer("/readyz")
                    assert ready.status_code == 503
                    assert ready.json()["checks"]["database"] == to_builtins(SILENT)
                    assert ready.json()["checks"]["stream"]["detail"] == "answers"

        await until(back)


async def test_without_nats_documents_come_from_the_ledger(
    own_nats: Nats, migrated_database: Database
) -> None:
    async with ground(migrated_database, own_nats.url) as stage, stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))

        async with faults.away(own_nats):
            await projector.until(await stage.post("case-1", plan()))
            ready = await projector.answer("/readyz")
            assert ready.status_code == 200
            assert ready.json()["checks"]["stream"] == {
                "ok": True,
                "detail": "not connected; reconnecting; the ledger is read meanwhile",
                "warning": True,
            }
            assert ready.json()["checks"]["consumer"]["detail"] == "reading from ledger"

        await projector.until(await stage.post("case-2", contact()))


async def test_across_a_restart_of_nats_every_document_is_projected_once(
    own_nats: Nats, migrated_database: Database
) -> None:
    async with ground(migrated_database, own_nats.url) as stage, stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))

        await faults.restart(own_nats)
        position = await stage.post("case-1", plan())
        await projector.until(position)

        assert [row[0] for row in (await stage.rows())["history"]] == [1, position]
