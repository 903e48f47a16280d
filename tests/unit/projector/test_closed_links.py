"""A link that is over or broken says what to do: as a page on a phone, as a problem to a program."""

from datetime import UTC, datetime

import httpx
import pytest
from litestar import get
from litestar.params import FromPath

from services.domain.policy import Action
from services.projector.outcomes import REFUSALS
from services.runtime import web
from services.runtime.clock import TestClock
from services.runtime.identity.authentication import Bearers
from services.runtime.identity.link import LASTS, Links
from services.runtime.identity.registry import Registry
from services.runtime.problems import NOT_FOUND, Problem
from services.runtime.tls import authorities

NOON = datetime(2018, 3, 29, 12, tzinfo=UTC)
LINKS = Links("k" * 43)
LINK = LINKS.sign("/v1/alerts/alert-1", NOON)
PHONE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@get("/v1/alerts/{alert_id:str}", opt={"action": Action.READ_ALERTS}, exception_handlers=REFUSALS)
async def read_alert(alert_id: FromPath[str]) -> str:
    raise Problem(NOT_FOUND, alert_id)


async def follow(link: str, accept: str) -> httpx.Response:
    clock = TestClock(NOON)
    app = web.create_app(
        "probe",
        routes=[read_alert],
        authentication=Bearers(Registry([], clock)),
        links=LINKS,
        clock=clock,
    )
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        return await client.get(link, headers={"Accept": accept})


@pytest.mark.parametrize(
    ("link", "status"),
    [
        (LINKS.sign("/v1/alerts/alert-1", NOON - LASTS), 401),
        (LINK[:-5], 401),
        (LINK.partition("&signature")[0], 401),
        (LINK, 404),
    ],
)
async def test_on_a_phone_a_link_that_opens_nothing_says_what_to_do(link: str, status: int) -> None:
    shown = await follow(link, PHONE)
    assert (shown.status_code, shown.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "Open the newest message" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers.get_list("content-security-policy", split_commas=True) == [
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ]


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
async def test_a_program_gets_a_problem(accept: str) -> None:
    refused = await follow(LINK[:-5], accept)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:caseledger:problem:unauthenticated"
