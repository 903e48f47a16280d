"""Postgres, NATS or the ledger is away: the projector says so, waits, and goes on where it was."""

from services.stack.nats import Nats
from services.stack.postgres import Postgres
from tests.integration.projector.ground import ground
from tests.support import faults
from tests.support.backing import Database
from tests.support.casework import contact, plan


async def test_without_postgres_queries_are_503_and_afterwards_everything_is_there(
    own_postgres: Postgres, bus: str
) -> None:
    async with ground(Database(own_postgres.url), bus) as stage, stage.projector() as projector:
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


async def test_without_nats_documents_come_from_the_ledger(own_nats: Nats, database: Database) -> None:
    async with ground(database, own_nats.url) as stage, stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))

        async with faults.away(own_nats):
            await projector.until(await stage.post("case-1", plan()))
            ready = await projector.answer("/readyz")
            assert ready.json()["checks"]["stream"]["ok"] is False
            assert ready.json()["checks"]["consumer"]["detail"] == "reading from ledger"

        await projector.until(await stage.post("case-2", contact()))


async def test_across_a_restart_of_nats_every_document_is_projected_once(own_nats: Nats, database: Database) -> None:
    async with ground(database, own_nats.url) as stage, stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))

        await faults.restart(own_nats)
        position = await stage.post("case-1", plan())
        await projector.until(position)

        assert [row[0] for row in (await stage.rows())["history"]] == [1, position]
