"""The HTTP frame: health, the clock, the log line, a clean stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given, settings
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from services.domain.principal import Role
from services.runtime import web
from services.runtime.clock import Clock, SystemClock, TestClock
from services.runtime.health import Health
from services.runtime.identity import token
from services.runtime.identity.authentication import Bearers
from services.runtime.identity.bearer import bearer
from services.runtime.identity.credential import Credential
from services.runtime.identity.registry import Registry
from services.runtime.routes import PUBLIC
from services.runtime.tls import authorities
from tests.support.open_app import open_app

NOON = datetime(2018, 3, 29, 12, tzinfo=UTC)


@asynccontextmanager
async def serving(*routes: HTTPRouteHandler, **parts: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        web.serve(open_app("probe", *routes, **parts), "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        yield client


async def well() -> Health:
    return Health(ok=True, detail="answers")


async def ill() -> Health:
    raise ConnectionRefusedError(111, "refused by 10.0.0.7")


async def test_liveness_is_that_the_process_answers() -> None:
    async with serving(checks={"postgres": ill}) as client:
        answer = await client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


@pytest.mark.parametrize(("path", "ends"), [("/livez", True), ("/never", True), ("/plain", False)])
async def test_a_json_answer_ends_its_line_and_no_other_does(path: str, ends: bool) -> None:  # noqa: FBT001 - a table
    @get("/plain", opt=PUBLIC, media_type="text/plain", sync_to_thread=False)
    def read_plain() -> str:
        return "as it is"

    async with serving(read_plain) as client:
        answer = await client.get(path)
    assert answer.content.endswith(b"}\n") == ends
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_readiness_says_what_each_check_found() -> None:
    async with serving(checks={"postgres": well}, clock=TestClock(NOON)) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {
            "postgres": {"ok": True, "detail": "answers", "warning": False},
            "clock": {"ok": True, "detail": "a test clock", "warning": False},
            "authentication": {
                "ok": True,
                "detail": "OFF: whoever reaches this port may do everything",
                "warning": True,
            },
        },
        "clock": {"now": "2018-03-29T12:00:00Z", "test": True},
    }


async def test_one_failing_check_makes_it_unready() -> None:
    async with serving(checks={"postgres": well, "nats": ill}) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    found = answer.json()["checks"]["nats"]
    assert found == {"ok": False, "detail": "ConnectionRefusedError 111", "warning": False}


async def test_a_warning_leaves_it_ready() -> None:
    async def odd() -> Health:
        return Health(ok=True, detail="mail waits", warning=True)

    async with serving(checks={"mail": odd}) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["mail"]["warning"]) == (200, True)


async def test_the_front_door_says_what_this_is_and_where_it_explains_itself() -> None:
    async with serving() as client:
        said = (await client.get("/")).json()
        assert (said["product"], said["service"]) == ("caseledger", "probe")
        for way in ("openapi", "readyz"):
            assert (await client.get(said[way])).status_code == 200


async def test_every_answer_says_that_the_clock_is_a_test_clock() -> None:
    async with serving(clock=TestClock(NOON)) as client:
        for path in ("/livez", "/nowhere", "/openapi.json"):
            assert (await client.get(path)).headers["caseledger-test-clock"] == "2018-03-29T12:00:00Z"


async def test_no_answer_speaks_of_a_real_clock() -> None:
    async with serving(clock=SystemClock()) as client:
        assert "caseledger-test-clock" not in (await client.get("/livez")).headers


async def test_moving_the_clock_answers_after_the_service_has_acted() -> None:
    clock, acted = TestClock(NOON), list[datetime]()

    async def due() -> datetime | None:
        await asyncio.sleep(0)
        acted.append(clock.now())
        return datetime(2018, 4, 5, 23, tzinfo=UTC)

    async with serving(clock=clock, next_due=due) as client:
        answer = await client.put("/v1/clock", json={"now": "2018-03-30T13:00:00+01:00"})
        assert acted == [datetime(2018, 3, 30, 12, tzinfo=UTC)]
        said = {"now": "2018-03-30T12:00:00Z", "test": True, "next_due": "2018-04-05T23:00:00Z"}
        assert (answer.status_code, answer.json()) == (200, said)
        assert (await client.get("/v1/clock")).json() == said


@pytest.mark.parametrize(
    ("clock", "now", "status", "slug"),
    [
        (SystemClock(), "2018-03-30T12:00:00Z", 409, "clock-is-real"),
        (TestClock(NOON), "2018-03-28T12:00:00Z", 409, "clock-goes-back"),
        (TestClock(NOON), "2018-03-30T12:00:00", 400, "invalid-request"),
        (TestClock(NOON), "9999-12-31T23:59:59-10:00", 409, "clock-beyond-calendar"),
        (TestClock(NOON), "soon", 400, "invalid-request"),
    ],
)
async def test_a_clock_that_cannot_be_moved_so_says_why(
    clock: Clock, now: str, status: int, slug: str
) -> None:
    async with serving(clock=clock) as client:
        answer = await client.put("/v1/clock", json={"now": now})
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:caseledger:problem:{slug}"


async def test_the_log_line_has_the_route_and_never_the_address() -> None:
    @get("/people/{name:str}")
    async def read_person(name: FromPath[str], born: FromQuery[int] = 0) -> str:
        return f"{name} {born}"

    with structlog.testing.capture_logs() as lines:
        async with serving(read_person) as client:
            await client.get("/people/ann?born=2009")
            await client.get("/no/such/ann")
    answered = [line for line in lines if line["event"] == "request.answered"]
    assert [(line["route"], line["status"]) for line in answered] == [("/people/{name}", 200), ("none", 404)]
    assert "ann" not in str(answered)


async def test_what_went_well_is_a_line_for_debug_and_what_did_not_is_one_for_everybody() -> None:
    @get("/well")
    async def read_well() -> str:
        return "well"

    @get("/broken")
    async def read_broken() -> str:
        raise RuntimeError

    with structlog.testing.capture_logs() as lines:
        async with serving(read_well, read_broken) as client:
            for path in ("/well", "/none", "/broken"):
                await client.get(path)
    answered = [(line["route"], line["log_level"]) for line in lines if line["event"] == "request.answered"]
    assert answered == [("/well", "debug"), ("none", "info"), ("/broken", "warning")]


async def test_a_request_in_flight_is_finished_when_the_service_stops() -> None:
    began, go = asyncio.Event(), asyncio.Event()

    @get("/slow")
    async def read_slowly() -> str:
        began.set()
        await go.wait()
        return "finished"

    app = open_app("probe", read_slowly)
    async with httpx.AsyncClient(verify=authorities()) as client:
        async with web.serve(app, "127.0.0.1", 0) as url:
            asking = asyncio.create_task(client.get(f"{url}/slow"))
            await began.wait()
            asyncio.get_running_loop().call_soon(go.set)
        assert (await asking).text == "finished"
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{url}/livez")


async def test_a_taken_port_is_an_error_at_once() -> None:
    async with web.serve(open_app("one"), "127.0.0.1", 0) as url:
        with pytest.raises(OSError, match="in use"):
            async with web.serve(open_app("two"), "127.0.0.1", int(url.rpartition(":")[2])):
                pass


async def test_serving_leaves_signals_alone() -> None:
    import signal  # noqa: PLC0415 - only here

    before = signal.getsignal(signal.SIGTERM)
    async with serving() as client:
        await client.get("/livez")
        assert signal.getsignal(signal.SIGTERM) is before


OPERATOR = token.make("operator")
KEYS = [
    Credential(
        key_id="operator",
        sha256=token.digest_of(OPERATOR),
        client="operator",
        roles=frozenset({Role.OPERATOR}),
    )
]


def test_the_common_routes_answer_only_what_they_document() -> None:
    import schemathesis  # noqa: PLC0415 -- takes a second, and every worker collects this
    from schemathesis.core.result import Ok  # noqa: PLC0415 -- as above

    app = web.create_app(
        "probe",
        routes=[],
        clock=TestClock(NOON),
        checks={"nats": ill},
        authentication=Bearers(Registry(KEYS, TestClock(NOON))),
    )
    asked = 0
    for operation in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        assert isinstance(operation, Ok)

        @settings(max_examples=25, deadline=None)
        @given(case=operation.ok().as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            left_out = schemathesis.checks.not_a_server_error
            case.call_and_validate(headers=bearer(OPERATOR), excluded_checks=[left_out])

        ask()
        asked += 1
    assert asked > 2
