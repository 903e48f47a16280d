"""Connections cut, halved and slowed: retries get the first receipts, and every event is there once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from services.cli.year.days import CLOSE
from services.runtime.client import LedgerClient
from tests.support.audit import audit, take_as_sound
from tests.support.load import Writer, alert, complete, contact, writing
from tests.support.product import Product
from tests.support.proxy import Proxy, Trap
from tests.support.tokens import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

Fault = Callable[[Proxy, bytes], Trap]

INTERNAL = [
    ("ledger", "postgres"),
    ("ledger", "nats"),
    ("projector", "postgres"),
    ("projector", "nats"),
    ("projector", "ledger"),
    ("notifier", "postgres"),
    ("notifier", "nats"),
    ("notifier", "ledger"),
    ("notifier", "mail"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(year_of_its_own: Path) -> AsyncIterator[Product]:
    async with Product(year_of_its_own, clock=CLOSE, through=INTERNAL) as product:
        await take_as_sound(product)
        yield product


@pytest_asyncio.fixture(loop_scope="module")
async def network(product: Product) -> AsyncIterator[Proxy]:
    """What lies between the ledger and its clients."""
    async with Proxy(int(product.ledger.rpartition(":")[2])) as proxy:
        yield proxy


def through(network: Proxy) -> str:
    """The ledger's URL as its clients see it."""
    return f"http://127.0.0.1:{network.port}"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Proxy.cut_before_effect, 201),
        (Proxy.halve_request, 201),
        (Proxy.cut_before_answer, 200),
        (Proxy.halve_answer, 200),
    ],
)
@pytest.mark.parametrize("several", [1, 5])
async def test_a_retry_after_a_lost_connection_gets_the_first_receipts(
    product: Product, network: Proxy, *, fault: Fault, status: int, several: int
) -> None:
    events = [complete(contact()) for _ in range(several)]
    trap = fault(network, events[-1]["id"].encode())
    async with Writer(through(network)) as client:
        acknowledged = await client.post(f"retried-{uuid4().hex[:8]}", *events)
        assert trap.sprung.is_set()
        assert {each.status for each in acknowledged} == {status}
        assert [each.receipt.caseversion for each in acknowledged] == list(range(1, several + 1))
        await audit(product, acknowledged)


async def test_a_client_that_gives_up_waiting_and_asks_again_gets_the_first_receipt(
    product: Product, network: Proxy
) -> None:
    event = complete(contact())
    trap = network.keep_answer(event["id"].encode())
    async with Writer(through(network)) as client:
        impatient = asyncio.create_task(client.post("impatient", event))
        await trap.sprung.wait()
        impatient.cancel()
        (acknowledged,) = await client.post("impatient", event)
        assert acknowledged.status == 200
        await audit(product, [acknowledged])


async def test_clients_whose_connections_are_cut_again_and_again_lose_and_double_nothing(
    product: Product, network: Proxy
) -> None:
    network.latency = 0.01
    async with writing(through(network)) as load:
        for _ in range(15):
            await load.more(8)
            network.cut_everything()
    assert 200 in load.answers  # some answer was lost, so that the case was shown at all
    await audit(product, load.acknowledged)


async def test_a_replay_that_is_cut_goes_on_where_it_was_and_is_whole(
    product: Product, network: Proxy
) -> None:
    async with writing(product.ledger) as load:
        await load.more(50)
    await product.settle()
    whole = await replay(product.ledger)
    trap = network.halve_answer(b"GET /v1/events?")
    assert await replay(through(network)) == whole
    assert trap.sprung.is_set()


async def replay(url: str) -> list[bytes]:
    async with (
        LedgerClient(url, source="/reader", token=TOKEN) as client,
        aclosing(client.events_after(0)) as documents,
    ):
        return [document async for document in documents]


async def test_services_whose_connections_are_slow_and_cut_again_and_again_lose_and_double_nothing(
    product: Product,
) -> None:
    for proxy in product.proxies.values():
        proxy.latency = 0.005
    async with writing(product.ledger) as load:
        for link in INTERNAL:
            await load.more(10)
            product.proxies[link].cut_everything()
    for proxy in product.proxies.values():
        proxy.latency = 0.0
    await audit(product, load.acknowledged)


async def test_a_notifier_cut_off_from_everything_tells_everybody_once_it_is_back(product: Product) -> None:
    cut_off = [product.proxies[link] for link in INTERNAL if link[0] == "notifier"]
    async with Writer(product.ledger) as client:
        for proxy in cut_off:
            await proxy.close()
        await client.post("told-late", alert())
        for proxy in cut_off:
            await proxy.open()
        audited = await audit(product, client.acknowledged)
    (told,) = audited.of("told-late", "NotificationSent")
    assert audited.mails[told.data["notification_id"]] == 1


async def test_after_all_of_it_everything_is_there_and_shown_as_what_it_comes_to(product: Product) -> None:
    await audit(product, whole=True)
