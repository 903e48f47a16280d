"""A restricted case is nowhere, for whoever has no grant: in no list, count, chronology, page or past."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import product
from typing import Any, Final

import asyncpg
import httpx
import pytest_asyncio
from litestar.routes import HTTPRoute

from services.domain.principal import EVERYBODY, GRANTABLE, Principal, Role
from services.projector import api, service
from services.projector.lag import LagGauge
from services.projector.reader import Reader
from services.runtime import postgres, web
from services.runtime.clock import TestClock, instant_from
from services.runtime.identity.authentication import Headers
from services.runtime.identity.credential import Credential
from services.runtime.moment import Watermark
from tests.integration.projector.ground import OPENING, Asked, Ground
from tests.support.casework import Post, event, raised
from tests.support.samples import SAMPLES
from tests.support.samples_of_casework import CHILD

HIDDEN: Final = "hidden-1"
SEEN: Final = "seen-1"
SCHEMA: Final = "services.projector.sql"


def person(who: str) -> Principal:
    """Somebody with every role that can be granted: no role sees a restricted case."""
    return Principal(who=who, roles=GRANTABLE)


ALLOWED, OPENER, DENIED, STRANGER = (person(who) for who in ("sw:1", "sw:2", "sw:3", "sw:4"))


def sent(alert_id: str) -> Post:
    return event("NotificationSent", alert_id=alert_id, notification_id="n", kind="RUNG_TOLD")


NOTIFIER: Final = Principal(who="notifier", roles=GRANTABLE | {Role.NOTIFIER})  # whose digests are mailed


class Known:
    """An authentication that knows who asks without being told."""

    is_off = False
    who = EVERYBODY

    async def authenticate(self, headers: Headers) -> Principal:  # noqa: ARG002 - as the protocol has it
        return self.who

    def follow(self, issued: Iterable[Credential]) -> None:
        pass


class Asking:
    """The projector's own routes, asked by anybody at a moment."""

    def __init__(self, app: Any, known: Known, clock: TestClock) -> None:
        self.app = app
        self.clock = clock
        self._known = known

    @asynccontextmanager
    async def by(self, who: Principal) -> AsyncIterator[Asked]:
        self._known.who = who
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://projector") as http:
            yield Asked(http)


@pytest_asyncio.fixture
async def asking(stage: Ground, projector: Asked) -> AsyncIterator[Asking]:
    """Two cases of which the same is told; one of them was restricted, and opened once."""
    life = [event(name, **SAMPLES[name]) for name in CHILD]
    position = 0
    for case_id in (SEEN, HIDDEN):
        of_alert = [raised(f"alert-of-{case_id}"), sent(f"alert-of-{case_id}")]
        position = await stage.post(case_id, *life, *of_alert)
    restricted = event("CaseRestricted", reason="ADOPTION", allowed=["sw:1"], denied=["sw:3"])
    broken = event("BreakGlassUsed", purpose="CHILD_AT_RISK", reason="She rang.").saying(actor="sw:2")
    position = await stage.post(HIDDEN, restricted, broken)
    await projector.until(position)
    clock = TestClock(instant_from(OPENING))
    sql = postgres.load_sql(SCHEMA)
    async with service.reading_pool(stage.settings().database_url) as pool:
        reader = Reader(pool, sql, Watermark(), clock)
        routes = api.routes(reader, LagGauge(reader, stage.ledger, clock), clock)
        known = Known()
        app = web.create_app("projector", routes=routes, clock=clock, authentication=known)
        yield Asking(app, known, clock)


def questions(app: Any) -> list[tuple[str, dict[str, str]]]:
    """Every address of the projector, with whatever it can be asked of one case, now and in the past."""
    of_case = {"case_id": HIDDEN, "alert_id": f"alert-of-{HIDDEN}", "family_id": FAMILY}
    found = []
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1/") and "GET" in route.methods:
            path = re.sub(r"\{(\w+)(:\w+)?\}", lambda name: of_case[name[1]], route.path_format)
            found += [(path, {}), (path, {"case_id": HIDDEN}), (path, {"recorded_until": LATER})]
            found += [(path, {"case_id": HIDDEN, "occurred_until": LATER})]
    return found


LATER: Final = "2017-10-02T09:00:00Z"
FAMILY: Final = SAMPLES["ChildDetailsRecorded"]["family_id"]


async def no_answer_names_a_restricted_case_to_who_has_no_grant(asking: Asking) -> None:
    answered = set()
    for who, (path, query) in product((STRANGER, DENIED, NOTIFIER), questions(asking.app)):
        async with asking.by(who) as asked:
            answer = await asked.answer(path, **query)
        assert HIDDEN not in answer.text, (path, query, answer.text)
        answered.add(answer.status_code)
    assert answered == {200, 400, 404}


async def who_is_allowed_and_who_broke_the_glass_see_it_and_so_do_services(asking: Asking) -> None:
    for who in (ALLOWED, OPENER, EVERYBODY):
        async with asking.by(who) as asked:
            assert (await asked.get(f"/v1/cases/{HIDDEN}"))["case_id"] == HIDDEN
            assert HIDDEN in str(await asked.get("/v1/cases", limit=200))
            assert (await asked.get(f"/v1/cases/{HIDDEN}/timeline"))["items"]


async def a_restricted_case_is_answered_as_one_that_never_was(asking: Asking) -> None:
    async with asking.by(STRANGER) as asked:
        for part in ("", "/timeline", "/chronology", "/access"):
            hidden = await asked.answer(f"/v1/cases/{HIDDEN}{part}")
            never = await asked.answer(f"/v1/cases/never{part}")
            assert hidden.status_code == never.status_code == 404
            assert hidden.json() | {"instance": ""} == never.json() | {"instance": ""}


async def counts_leave_it_out(asking: Asking) -> None:
    answers = []
    for who in (STRANGER, ALLOWED):
        async with asking.by(who) as asked:
            answers += [await asked.get("/v1/deadlines/counts"), await asked.get("/v1/workload")]
    counts, load, all_counts, whole_load = answers
    assert sum(counts["states"].values())
    assert {state: 2 * number for state, number in counts["states"].items()} == all_counts["states"]
    for fewer, more in zip(load["teams"], whole_load["teams"], strict=True):
        assert 2 * fewer["open_cases"] == more["open_cases"]
        assert 2 * fewer["deadlines"]["overdue"] == more["deadlines"]["overdue"]


async def the_glass_closes_by_itself(asking: Asking) -> None:
    async with asking.by(OPENER) as asked:
        asking.clock.set(instant_from("2017-10-02T16:59:59Z"))
        assert (await asked.answer(f"/v1/cases/{HIDDEN}")).status_code == 200
        asking.clock.set(instant_from("2017-10-02T17:00:00Z"))
        assert (await asked.answer(f"/v1/cases/{HIDDEN}")).status_code == 404


async def test_a_restricted_case_exists_for_those_with_a_grant_and_nowhere_for_others(asking: Asking) -> None:
    await no_answer_names_a_restricted_case_to_who_has_no_grant(asking)
    await who_is_allowed_and_who_broke_the_glass_see_it_and_so_do_services(asking)
    await a_restricted_case_is_answered_as_one_that_never_was(asking)
    await counts_leave_it_out(asking)
    await the_glass_closes_by_itself(asking)


async def test_while_the_read_models_are_filled_anew_it_stays_hidden(stage: Ground, asking: Asking) -> None:
    await stage.execute(
        "UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE';"
        "INSERT INTO projector.generation (state) VALUES ('LIVE');"
        "INSERT INTO projector.case_status SELECT live.number, status.case_id, status.position, version, "
        "status, opened_at, last_event_at, last_recorded_at, last_position, events, voided_events, alerts, "
        "open_alerts, team, worker, allocated_on, family_id FROM projector.case_status AS status, "
        "projector.generation AS live WHERE live.state = 'LIVE' ON CONFLICT DO NOTHING"
    )
    async with asking.by(STRANGER) as asked:
        assert [item["case_id"] for item in (await asked.get("/v1/cases"))["items"]] == [SEEN]


async def test_whoever_answers_can_read_no_table_but_through_what_may_be_seen(stage: Ground) -> None:
    async with service.reading_pool(stage.settings().database_url) as pool:
        for (table,) in await stage.fetch(
            "SELECT DISTINCT table_name FROM information_schema.columns "
            "WHERE table_schema = 'projector' AND column_name = 'case_id'"
        ):
            try:
                await pool.fetch(f"SELECT FROM projector.{table}")
            except asyncpg.InsufficientPrivilegeError:
                continue
            raise AssertionError(table)


async def test_every_table_of_cases_has_its_view_with_the_same_columns(stage: Ground) -> None:
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{}' "
        "AND table_name NOT IN ('generation', 'migration', 'restricted') ORDER BY 1, 2"
    )
    behind = await stage.fetch(columns.format("projector"))
    assert behind == await stage.fetch(columns.format("projector_seen"))
