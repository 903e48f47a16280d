"""A connection lost around a commit: the event is there once, and its sender is told so."""

import asyncio
from typing import Any

import pytest

from services.domain import admission
from services.domain.event import Submission
from services.ledger import decision
from services.ledger.commits import LedgerWentBack
from services.stack.postgres import Postgres
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, alert, connection, contact
from tests.integration.ledger.wire import Wire
from tests.support import faults
from tests.support.backing import Database
from tests.support.until import until

APPENDER = "caseledger append"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"


async def test_a_connection_killed_before_the_commit_costs_the_sender_nothing(ledger: Ledger) -> None:
    await ledger.post("case-1", contact())
    async with connection(ledger.owner_url) as owner, connection(ledger.owner_url) as killer:

        async def waits() -> bool:
            return bool(await killer.fetchval(WAITING, APPENDER) == 1)

        async with owner.transaction():
            await owner.execute("SELECT FROM ledger.head FOR UPDATE")
            posting = asyncio.create_task(ledger.post("case-1", alert()))
            await until(waits)
            await killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", APPENDER
            )
        answer = await posting
    assert answer.status_code == 201
    assert answer.json()["receipts"][0]["position"] == 2
    assert len(await ledger.lines()) == 2


async def test_an_answer_lost_after_the_commit_costs_the_sender_nothing(migrated: str, bus: str) -> None:
    async with Wire(migrated).laid() as wire, ledgers.ledger(migrated, bus, via=wire.url) as ledger:
        await ledger.post("case-1", contact())
        wire.lose_answer(b"appended")
        events = (alert(), contact(2))
        answer = await ledger.post("case-1", *events)
        assert wire.losing.is_set()
        assert answer.status_code == 201
        assert [each["position"] for each in answer.json()["receipts"]] == [2, 3]
        assert len(await ledger.lines()) == 3
        # What it appended without an answer is known to it: the next one is decided on that.
        assert (await ledger.post("case-1", alert())).status_code == 422
        assert (await ledger.post("case-1", contact(3))).json()["receipts"][0]["caseversion"] == 4


async def test_a_whole_batch_whose_answer_was_lost_is_there_once(migrated: str, bus: str) -> None:
    async with Wire(migrated).laid() as wire, ledgers.ledger(migrated, bus, via=wire.url) as ledger:
        await ledger.post("case-0", contact())
        wire.lose_answer(b"appended")
        answers = await asyncio.gather(*(ledger.post(f"case-{n % 7}", contact(n)) for n in range(60)))
        assert wire.losing.is_set()
        assert {each.status_code for each in answers} == {201}
        positions = sorted(each.json()["receipts"][0]["position"] for each in answers)
        assert positions == list(range(2, 62))
        assert len(await ledger.lines()) == 61


@pytest.mark.parametrize("kept", [True, False])
async def test_while_the_database_is_away_posts_are_told_to_come_back(
    own_postgres: Postgres, bus: str, *, kept: bool
) -> None:
    owner_url = await ledgers.migrated(own_postgres.url)
    async with ledgers.ledger(owner_url, bus) as ledger:
        event = contact()
        if kept:
            assert (await ledger.post("case-1", event)).status_code == 201
        async with faults.away(own_postgres):
            for path in ("/v1/events", "/v1/cases/case-1/events", "/v1/head"):
                assert (await ledger.http.get(path)).status_code == 503
            answer = await ledger.post("case-1", contact(2))
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["type"] == "urn:caseledger:problem:unavailable"
            assert (await ledger.ready())["checks"]["database"]["ok"] is False

        async def serves() -> bool:
            return (await ledger.post("case-1", event)).status_code in {200, 201}

        await until(serves)
        assert [line for line in await ledger.lines() if event["id"].encode() in line] == await ledger.lines()


async def test_a_full_queue_tells_to_come_back_and_takes_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ledger.batcher.MOST_QUEUED", 3)
    async with (
        connection(ledger.owner_url) as owner,
        asyncio.TaskGroup() as tasks,
        owner.transaction(),
    ):
        await owner.execute("SELECT FROM ledger.head FOR UPDATE")
        posts = [tasks.create_task(ledger.post("case-1", contact(n))) for n in range(20)]
        await until(lambda: sum(post.done() for post in posts) > 10)
        refused = [post.result() for post in posts if post.done()]
    assert {each.status_code for each in refused} == {503}
    assert {each.json()["type"] for each in refused} == {"urn:caseledger:problem:overloaded"}
    assert {each.headers["retry-after"] for each in refused} == {"1"}
    appended = [post.result() for post in posts if post.result().status_code == 201]
    assert len(await ledger.lines()) == len(appended) == 20 - len(refused)


async def test_an_event_that_the_database_refuses_fails_none_beside_it(ledger: Ledger) -> None:
    async with connection(ledger.owner_url) as owner:
        await owner.execute("ALTER TABLE ledger.event ADD CHECK (document NOT LIKE '%poison%')")
        async with owner.transaction():  # so that they gather in one batch
            await owner.execute("SELECT FROM ledger.head FOR UPDATE")
            names = ["first", *(f"case-{n}" for n in range(10)), "poison"]
            posts = [asyncio.create_task(ledger.post(name, contact(name))) for name in names]
            await until(lambda: not any(post.done() for post in posts))
        answers = dict(zip(names, [await post for post in posts], strict=True))
    assert answers.pop("poison").status_code == 500
    assert {each.status_code for each in answers.values()} == {201}
    assert len(await ledger.lines()) == 11


async def test_a_defect_in_deciding_one_request_is_that_requests(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def admit(state: Any, submission: Submission, *rest: Any) -> Any:
        if submission.stream == "cursed":
            raise KeyError(submission.id)
        return admission.admit(state, submission, *rest)

    monkeypatch.setattr(decision, "admit", admit)
    answers = await asyncio.gather(*(ledger.post(name, contact()) for name in ("a", "cursed", "b")))
    assert [each.status_code for each in answers] == [201, 500, 201]


async def test_a_service_whose_ledger_went_back_ends_to_start_anew(migrated: str, bus: str) -> None:
    with pytest.RaisesGroup(LedgerWentBack):
        async with ledgers.ledger(migrated, bus) as ledger:
            await ledger.post("case-1", contact(1), contact(2))
            async with connection(migrated) as owner:
                await owner.execute("ALTER TABLE ledger.event DISABLE TRIGGER ALL")
                await owner.execute("DELETE FROM ledger.event WHERE position = 2")
                await owner.execute("UPDATE ledger.head SET position = 1")
            await asyncio.Event().wait()


async def test_a_request_whose_sender_has_gone_is_decided_once(ledger: Ledger) -> None:
    event = alert()
    async with connection(ledger.owner_url) as owner, owner.transaction():
        await owner.execute("SELECT FROM ledger.head FOR UPDATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ledger.post("case-1", event)
    answer = await ledger.post("case-1", event)
    assert (answer.status_code, answer.json()["receipts"][0]["position"]) == (200, 1)
    assert len(await ledger.lines()) == 1


async def test_before_it_is_migrated_a_ledger_says_what_to_do_and_then_serves(
    database: Database, bus: str
) -> None:
    async with connection(database.url) as owner:
        await owner.execute(
            f"DO $$ BEGIN CREATE ROLE {ledgers.ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
        )
    async with ledgers.ledger(database.url, bus) as ledger:
        assert "caseledger migrate" in (await ledger.ready())["checks"]["database"]["detail"]
        assert (await ledger.post("case-1", contact())).status_code == 503
        assert (await ledger.http.get("/v1/events")).status_code == 503
        await ledgers.migrated(database.url)

        async def ready() -> bool:
            return bool((await ledger.ready())["ready"])

        await until(ready)
        assert (await ledger.post("case-1", contact())).status_code == 201
