"""NATS: waited for, reconnected to for ever, and never awaited without bound."""

import asyncio

import pytest
import structlog
from nats.aio.msg import Msg

from services.runtime import nats
from services.runtime.health import Checkup, of_nats
from services.stack.nats import Nats
from tests.support import faults
from tests.support.until import until


async def test_an_absent_broker_holds_nobody_up_and_is_tried_until_it_comes(own_nats: Nats) -> None:
    await faults.kill(own_nats)
    with structlog.testing.capture_logs() as lines:
        async with nats.connection(own_nats.url, name="probe") as client:
            assert not client.is_connected
            assert not (await Checkup({"nats": of_nats(client)}).report())["nats"].ok
            await faults.restart(own_nats)
            await until(lambda: client.is_connected)
    assert client.is_closed
    assert lines[0]["event"] == "nats.trouble"
    assert lines[0]["server"] == f"127.0.0.1:{own_nats.port}"


async def test_an_absent_broker_can_be_given_up(own_nats: Nats) -> None:
    await faults.kill(own_nats)
    tasks = asyncio.all_tasks()
    async with asyncio.timeout(10), nats.connection(own_nats.url, name="probe"):
        pass
    assert asyncio.all_tasks() == tasks


async def test_a_client_comes_back_after_a_crash(own_nats: Nats) -> None:
    async with nats.connection(own_nats.url, name="probe") as client:

        async def well() -> bool:
            return (await Checkup({"nats": of_nats(client)}).report())["nats"].ok

        async def ill() -> bool:
            return not await well()

        await until(well)
        await faults.kill(own_nats)
        await until(ill)
        await faults.restart(own_nats)
        await until(well)


async def test_what_was_asked_on_a_connection_that_is_lost_is_given_up_at_once(own_nats: Nats) -> None:
    async with nats.connection(own_nats.url, name="test") as client:
        heard = asyncio.Event()

        async def say_nothing(_: Msg) -> None:
            heard.set()

        await client.subscribe("silence", cb=say_nothing)
        asked = asyncio.create_task(client.request("silence", timeout=600))
        await heard.wait()
        await own_nats.kill()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asked), 60)
        assert asked.done()


async def test_a_broker_that_freezes_is_not_well_and_holds_up_no_close(own_nats: Nats) -> None:
    async with asyncio.timeout(10), nats.connection(own_nats.url, name="probe") as client:
        faults.pause(own_nats)
        assert not (await Checkup({"nats": of_nats(client)}).report())["nats"].ok


async def test_a_future_that_never_resolves_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        await nats.bounded(asyncio.get_running_loop().create_future(), 0.01)
