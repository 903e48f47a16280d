"""NATS: waited for, reconnected to for ever, and never awaited without bound."""

import asyncio

import pytest
import structlog

from services.runtime import nats
from services.runtime.health import Checkup, of_nats
from services.stack.nats import Nats
from tests.support import faults
from tests.support.until import until


async def test_an_absent_broker_is_waited_for_with_a_line_in_the_log(own_nats: Nats) -> None:
    await faults.kill(own_nats)
    with structlog.testing.capture_logs() as lines:
        connecting = asyncio.create_task(nats.connect(own_nats.url, name="probe"))
        await until(lambda: bool(lines))
        await faults.restart(own_nats)
        client = await connecting
    assert client.is_connected
    await nats.close(client)
    assert lines[0]["event"] == "nats.trouble"
    assert lines[0]["server"] == f"127.0.0.1:{own_nats.port}"


async def test_a_client_comes_back_after_a_crash(own_nats: Nats) -> None:
    client = await nats.connect(own_nats.url, name="probe")

    async def well() -> bool:
        return (await Checkup({"nats": of_nats(client)}).report())["nats"].ok

    async def ill() -> bool:
        return not await well()

    await until(well)
    await faults.kill(own_nats)
    await until(ill)
    await faults.restart(own_nats)
    await until(well)
    await nats.close(client)


async def test_a_broker_that_freezes_is_not_well_and_holds_up_no_close(own_nats: Nats) -> None:
    client = await nats.connect(own_nats.url, name="probe")
    faults.pause(own_nats)
    async with asyncio.timeout(10):
        assert not (await Checkup({"nats": of_nats(client)}).report())["nats"].ok
        await nats.close(client, seconds=0.5)


async def test_a_future_that_never_resolves_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        await nats.bounded(asyncio.get_running_loop().create_future(), 0.01)
