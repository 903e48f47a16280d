"""A link opens the page that it was signed for, until it is over, and no other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import get, post
from litestar.params import FromPath, FromQuery

from services.domain.policy import Action
from services.runtime import web
from services.runtime.clock import TestClock
from services.runtime.identity.authentication import Bearers
from services.runtime.identity.link import LASTS, Links, links_of
from services.runtime.identity.registry import Registry
from services.runtime.tls import authorities

NOON = datetime(2018, 3, 29, 12, tzinfo=UTC)
LINKS = Links("k" * 43)
PAGE = "/v1/alerts/alert%201?case_id=case-1"


@get("/v1/alerts/{alert_id:str}", opt={"action": Action.READ_ALERTS})
async def read_alert(alert_id: FromPath[str], case_id: FromQuery[str]) -> str:
    return f"{alert_id} of {case_id}"


@get("/v1/workload", opt={"action": Action.READ_WORKLOAD})
async def read_workload() -> str:
    return "who has how much"


@post("/v1/alerts/{alert_id:str}", opt={"action": Action.READ_ALERTS})
async def change_alert(alert_id: FromPath[str]) -> str:
    return alert_id


@asynccontextmanager
async def projector(clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    app = web.create_app(
        "probe",
        routes=[read_alert, read_workload, change_alert],
        authentication=Bearers(Registry([], clock)),
        links=LINKS,
        clock=clock,
    )
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        yield client


async def test_a_link_opens_its_page_without_a_login_until_it_is_over() -> None:
    clock = TestClock(NOON)
    link = LINKS.sign(PAGE, NOON)
    async with projector(clock) as client:
        opened = await client.get(link)
        clock.set(NOON + LASTS)
        over = await client.get(link)
    assert (opened.status_code, opened.text) == (200, "alert 1 of case-1")
    assert (over.status_code, over.json()["type"]) == (401, "urn:caseledger:problem:unauthenticated")


async def test_a_link_opens_nothing_else() -> None:
    link = LINKS.sign(PAGE, NOON)
    others = [
        link.replace("alert%201", "alert%202"),
        link.replace("case-1", "case-2"),
        f"{link}&case_id=case-2",
        link.replace("expires=1", "expires=2"),
        link[:-1],
        PAGE,
        Links("j" * 43).sign(PAGE, NOON),
    ]
    async with projector(TestClock(NOON)) as client:
        assert [(await client.get(each)).status_code for each in others] == [401] * len(others)
        assert (await client.post(link)).status_code == 401
        assert (await client.get(LINKS.sign("/v1/workload", NOON))).status_code == 403


@given(st.text(), st.text())
def test_whatever_is_no_link_opens_nothing(path: str, query: str) -> None:
    assert LINKS.open(path, query, NOON) is None


def test_a_key_that_somebody_typed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "link.key"
    file.write_text("secret")
    with pytest.raises(ValueError, match="at least 32"):
        links_of(str(file))
