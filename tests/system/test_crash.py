"""What a crash leaves, row by row of the design's table "When things break", under load, before and after.

One product, with the sample year in it, lives through all of it. After each crash the ledger is checked, and
in the end everything once more.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.cli.year.days import CLOSE
from tests.support.audit import audit, take_as_sound
from tests.support.load import Writer, complete, contact, writing
from tests.support.product import Product
from tests.support.proxy import Proxy, Trap
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TO_POSTGRES = ("ledger", "postgres")
TO_NATS = ("ledger", "nats")
FROM_PROJECTOR = ("projector", "postgres")

Fault = Callable[[Proxy, bytes], Trap]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(year_of_its_own: Path) -> AsyncIterator[Product]:
    links = [TO_POSTGRES, TO_NATS, FROM_PROJECTOR]
    async with Product(year_of_its_own, clock=CLOSE, through=links) as product:
        await take_as_sound(product)
        yield product


@pytest_asyncio.fixture(loop_scope="module")
async def client(product: Product) -> AsyncIterator[Writer]:
    """One integrator, which posts what the test says and sends it again until it is receipted."""
    async with Writer(product.ledger) as writer:
        yield writer


async def how_often(product: Product, event_id: str) -> int:
    """How often an event is in the ledger, as others see it now."""
    async with product.connection() as connection:
        return int(
            await connection.fetchval("SELECT count(*) FROM ledger.event WHERE event_id = $1", event_id)
        )


async def until_waiting_for_a_lock(connection: asyncpg.Connection, application: str) -> None:
    question = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"
    )

    async def waits() -> bool:
        return bool(await connection.fetchval(question, application))

    await until(waits)


@pytest.mark.parametrize("name", ["ledger", "postgres", "projector", "notifier", "nats"])
async def test_kill_9_of_one_process_under_load_loses_nothing(product: Product, name: str) -> None:
    async with writing(product.ledger) as load:
        await load.more(24)
        await product.kill(name)
        if name not in {"ledger", "postgres"}:
            await load.more(24)  # the ledger needs none of the others
        await product.start(name)
        await load.more(24)
    await audit(product, load.acknowledged)


async def test_while_postgres_is_away_there_are_503s_and_then_service(product: Product) -> None:
    await product.kill("postgres")
    async with writing(product.ledger) as load:
        await until(lambda: 503 in load.answers)
        assert not (await product.readiness("ledger"))["ready"]
        await product.start("postgres")
        await load.more(24)
    assert set(load.answers) <= {200, 201, 503}
    await audit(product, load.acknowledged)


@pytest.mark.parametrize("name", ["ledger", "projector"])
async def test_a_service_that_is_told_to_stop_under_load_ends_well_and_loses_nothing(
    product: Product, name: str
) -> None:
    async with writing(product.ledger) as load:
        await load.more(24)
        async with asyncio.timeout(10):
            assert await product.stop(name) == 0
        await product.start(name)
        await load.more(24)
    await audit(product, load.acknowledged)


async def test_a_power_cut_under_load_loses_nothing(product: Product) -> None:
    async with writing(product.ledger) as load:
        await load.more(24)
        await product.kill("postgres", "nats", "mail", "ledger", "projector", "notifier")
        await product.start("mail", "nats", "postgres")
        await product.start("ledger", "projector", "notifier")
        await load.more(24)
    await audit(product, load.acknowledged)


async def test_a_crash_before_the_append_commits_leaves_nothing(product: Product, client: Writer) -> None:
    event = complete(contact())
    async with product.connection() as other:
        await other.execute("BEGIN; SELECT position FROM ledger.head FOR UPDATE")
        posting = asyncio.create_task(client.post("never-committed", event))
        async with product.connection() as looker:
            await until_waiting_for_a_lock(looker, "caseledger append")
        await product.kill("ledger", "postgres")
    await product.start("postgres")

    assert await how_often(product, event["id"]) == 0

    await product.start("ledger")
    (acknowledged,) = await posting
    assert acknowledged.status == 201
    await audit(product, client.acknowledged)


async def test_an_append_whose_connection_was_lost_before_it_arrived_is_sent_again(
    product: Product, client: Writer
) -> None:
    event = complete(contact())
    trap = product.proxies[TO_POSTGRES].cut_before_effect(event["id"].encode())

    (acknowledged,) = await client.post("sent-again", event)

    assert trap.sprung.is_set()
    assert (client.answers, acknowledged.receipt.caseversion) == ([201], 1)
    await audit(product, client.acknowledged)


async def test_an_append_whose_outcome_was_lost_with_its_connection_is_found_out(
    product: Product, client: Writer
) -> None:
    event = complete(contact())
    trap = product.proxies[TO_POSTGRES].cut_before_answer(event["id"].encode())

    (acknowledged,) = await client.post("found-out", event)

    assert trap.sprung.is_set()
    assert (client.answers, acknowledged.receipt.caseversion) == ([201], 1)
    assert await how_often(product, event["id"]) == 1
    await audit(product, client.acknowledged)


async def test_a_crash_after_the_commit_and_before_the_201_leaves_the_event_once(
    product: Product, client: Writer
) -> None:
    event = complete(contact())
    trap = product.proxies[TO_POSTGRES].keep_answer(event["id"].encode())
    posting = asyncio.create_task(client.post("not-told", event))
    await trap.sprung.wait()
    assert await how_often(product, event["id"]) == 1

    await product.kill("ledger")
    await product.start("ledger")

    (acknowledged,) = await posting
    assert (acknowledged.status, acknowledged.receipt.caseversion) == (200, 1)
    await audit(product, client.acknowledged)


@pytest.mark.parametrize(
    "fault", [Proxy.keep_from_server, Proxy.keep_answer], ids=["before the publish", "after the publish"]
)
async def test_a_crash_between_commit_and_publish_leaves_a_stream_that_is_caught_up(
    product: Product, client: Writer, fault: Fault
) -> None:
    event = complete(contact())
    trap = fault(product.proxies[TO_NATS], event["id"].encode())
    (acknowledged,) = await client.post("to-be-published", event)
    await trap.sprung.wait()
    assert (await product.head())["published"] < acknowledged.receipt.position

    await product.kill("ledger")
    await product.start("ledger")

    await audit(product, client.acknowledged)


@pytest.mark.parametrize("fault", [Proxy.halve_request, Proxy.cut_before_answer])
async def test_a_publish_whose_connection_was_lost_is_neither_lost_nor_doubled(
    product: Product, client: Writer, fault: Fault
) -> None:
    event = complete(contact())
    trap = fault(product.proxies[TO_NATS], event["id"].encode())

    await client.post("to-be-published", event)

    await trap.sprung.wait()
    await audit(product, client.acknowledged)


@pytest.mark.parametrize("lost", ["the tail", "everything"])
async def test_a_nats_that_has_lost_a_part_is_refilled_with_the_same_sequences(
    product: Product, lost: str
) -> None:
    await product.settle()
    store = product.nats.store
    older = store.with_name("older")
    async with writing(product.ledger) as load:
        await product.kill("nats")
        if lost == "the tail":
            shutil.copytree(store, older)
        await product.start("nats")
        await load.more(24)
        await product.until_ready()
        await product.kill("nats")
        await asyncio.to_thread(shutil.rmtree, store)
        if lost == "the tail":
            older.rename(store)
        await load.more(12)
        await product.start("nats")
        await load.more(12)
    await audit(product, load.acknowledged)


async def test_a_projector_that_crashes_between_rows_and_checkpoint_leaves_neither(
    product: Product, client: Writer
) -> None:
    before = await product.settle()
    async with product.connection() as owner:
        # What the checkpoint waits for is held by us, so the rows are written and not yet committed.
        await owner.execute(HOLD_THE_CHECKPOINT)
        await owner.execute("SELECT pg_advisory_lock(7)")
        await client.post("half-projected", contact(), contact())
        async with product.connection() as looker:
            await until_waiting_for_a_lock(looker, "caseledger projector")
        await product.kill("projector")

        assert await owner.fetchval("SELECT max(position) FROM projector.history") == before
        assert await owner.fetchval("SELECT max(position) FROM projector.generation") == before

        await owner.execute("SELECT pg_advisory_unlock(7)")
        await owner.execute("DROP TRIGGER hold ON projector.generation")
    await product.start("projector")
    await audit(product, client.acknowledged)


HOLD_THE_CHECKPOINT = """
CREATE OR REPLACE FUNCTION projector.hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7);
    RETURN NEW;
END
$$;
CREATE TRIGGER hold BEFORE UPDATE ON projector.generation FOR EACH ROW EXECUTE FUNCTION projector.hold();
"""


@pytest.mark.parametrize(
    "fault", [Proxy.keep_from_server, Proxy.keep_answer], ids=["before the commit", "after the commit"]
)
async def test_a_projector_that_crashes_around_its_commit_projects_everything_once(
    product: Product, client: Writer, fault: Fault
) -> None:
    await client.post("projected-once", contact())
    await product.settle()  # so that nothing but the next event is committed
    trap = fault(product.proxies[FROM_PROJECTOR], b"COMMIT")
    (acknowledged,) = await client.post("projected-once", contact())
    await trap.sprung.wait()
    await product.kill("projector")

    async with product.connection() as owner:
        reached = await owner.fetchval("SELECT max(position) FROM projector.generation")
    assert (reached >= acknowledged.receipt.position) == (fault is Proxy.keep_answer)

    await product.start("projector")
    await audit(product, client.acknowledged)


async def test_after_all_of_it_everything_is_there_and_rebuilt_it_is_the_same(product: Product) -> None:
    await audit(product, whole=True, rebuilt=True)
