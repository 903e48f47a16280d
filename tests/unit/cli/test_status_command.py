"""`caseledger status`: what a service says of itself, and what is said of one that does not."""

import asyncio

import httpx

from services.cli import status
from services.runtime import web
from services.runtime.health import Health
from services.runtime.tls import authorities
from tests.support.open_app import open_app


async def asked(url: str) -> status.ServiceStatus:
    async with httpx.AsyncClient(timeout=0.2, verify=authorities()) as client:
        return await status._ask(client, url)


async def test_a_service_that_lives_but_does_not_answer_readyz_is_called_alive() -> None:
    go = asyncio.Event()

    async def hang() -> Health:
        await go.wait()
        return Health(ok=True)

    async with web.serve(open_app("probe", checks={"database": hang}), "127.0.0.1", 0) as url:
        found = await asked(url)
        go.set()
    assert not found.ready
    assert found.checks["process"]["detail"] == "alive, but does not say what it needs"


async def test_a_service_that_is_gone_does_not_answer() -> None:
    assert (await asked("http://127.0.0.1:1")).checks["process"]["detail"] == "does not answer (ConnectError)"


async def test_mail_that_does_not_go_out_is_shown_although_the_service_is_ready() -> None:
    async def mail() -> Health:
        return Health(ok=True, detail="does not answer; mail waits", warning=True)

    async with web.serve(open_app("probe", checks={"mail": mail}), "127.0.0.1", 0) as url:
        found = await asked(url)
    assert found.ready
    assert status._state_of(found) == "ready, WARNING"
