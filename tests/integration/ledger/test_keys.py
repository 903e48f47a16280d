"""Keys are events of the office: from the answer that records one it counts, or counts no more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio
import typer

from services.cli.office_keys import Keys
from services.domain.principal import GRANTABLE, Role
from services.runtime.client import LedgerClient
from services.runtime.clock import text
from services.runtime.identity import credentials_file, token
from services.runtime.identity.bearer import bearer
from services.runtime.identity.credential import Credential
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import CLOUDEVENT, Ledger, contact
from tests.support import backing
from tests.support.backing import Database
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPERATOR, NOTIFIER = token.make("operator"), token.make("notifier")
FIXED = [
    Credential(key_id=name, sha256=token.digest_of(secret), client=name, roles=frozenset({role}))
    for name, secret, role in (("operator", OPERATOR, Role.OPERATOR), ("notifier", NOTIFIER, Role.NOTIFIER))
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(
    postgres_server: Database,
    migrated_template: str,
    nats_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Ledger, Ledger]]:
    """Two ledgers on one database, which let in an operator and a notifier."""
    credentials = tmp_path_factory.mktemp("keys") / "credentials"
    credentials.write_text(credentials_file.lines(FIXED))
    given: dict[str, Any] = {"authentication": "required", "credentials_file": str(credentials)}
    await backing.empty_jetstream(nats_server)
    async with (
        backing.fresh_database(postgres_server, "ledger_of_keys", template=migrated_template) as database,
        ledgers.ledger(database.url, nats_server, **given) as one,
        ledgers.ledger(database.url, nats_server, **given) as other,
    ):
        yield one, other


@pytest.fixture
def pair_url(pair: tuple[Ledger, Ledger], postgres_server: Database) -> str:
    """The owner's URL of the database of the two."""
    assert pair
    return urlsplit(postgres_server.url)._replace(path="/ledger_of_keys").geturl()


@pytest.fixture
def one(pair: tuple[Ledger, Ledger]) -> Ledger:
    return pair[0]


@pytest.fixture
def other(pair: tuple[Ledger, Ledger]) -> Ledger:
    return pair[1]


async def issue(at: Ledger, key_id: str, *roles: Role, by: str = OPERATOR, **bound: Any) -> str:
    """Issue a key; gives its token."""
    made = token.make(key_id)
    data = {"key_id": key_id, "sha256": token.digest_of(made), "client": f"client:{key_id}", **bound}
    answer = await tell(at, "ApiKeyIssued", {**data, "roles": roles}, by)
    assert answer.status_code == 201, answer.text
    return made


async def tell(at: Ledger, name: str, data: dict[str, Any], by: str = OPERATOR) -> httpx.Response:
    """Post an event of the office."""
    return await at.http.post("/v1/office/events", json={"type": name, "data": data}, headers=bearer(by))


async def post(at: Ledger, by: str, case: str, **event: Any) -> httpx.Response:
    """Post a contact, or another event, with a token."""
    body = msgspec.json.encode(contact(**event))
    return await at.http.post(f"/v1/cases/{case}/events", content=body, headers=CLOUDEVENT | bearer(by))


async def test_a_key_counts_from_the_answer_that_issued_it_to_the_one_that_revoked_it(
    one: Ledger, case: str
) -> None:
    key = await issue(one, "a001", Role.RECORDER)
    assert (await post(one, key, case)).status_code == 201
    assert (await tell(one, "ApiKeyRevoked", {"key_id": "a001"})).status_code == 201
    assert (await post(one, key, case)).status_code == 401


async def test_another_ledger_on_the_same_database_follows(one: Ledger, other: Ledger, case: str) -> None:
    key = await issue(one, "a002", Role.RECORDER)

    async def answered(status: int) -> bool:
        return (await post(other, key, case)).status_code == status

    await until(lambda: answered(201))
    await tell(one, "ApiKeyRevoked", {"key_id": "a002"})
    await until(lambda: answered(401))


async def test_a_key_that_is_replaced_counts_through_the_overlap(one: Ledger, case: str) -> None:
    old = await issue(one, "a003", Role.RECORDER)
    new = await issue(one, "a004", Role.RECORDER, replaces="a003", client="client:a003")
    later = text(datetime.now(UTC) + timedelta(hours=1))
    await tell(one, "ApiKeyRevoked", {"key_id": "a003", "from": later})
    assert [(await post(one, key, case)).status_code for key in (old, new)] == [201, 201]


async def test_whoever_may_not_make_keys_makes_none(one: Ledger) -> None:
    for by in (NOTIFIER, await issue(one, "a005", Role.MANAGER)):
        data = {"key_id": "a006", "sha256": "0" * 64, "client": "x", "roles": ["auditor"]}
        answer = await tell(one, "ApiKeyIssued", data, by)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:caseledger:problem:type-not-yours")


async def test_nobody_is_made_a_service(one: Ledger) -> None:
    data = {"key_id": "a007", "sha256": "0" * 64, "client": "x", "roles": ["notifier"]}
    answer = await tell(one, "ApiKeyIssued", data)
    assert (answer.status_code, answer.json()["rule"]) == (422, "no_key_for_a_service")


async def test_who_issued_a_key_is_seen_and_another_beside_it_has_to_be_meant(
    one: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    second = await issue(one, "a015", Role.OPERATOR)
    async with LedgerClient(str(one.http.base_url), source="/keys", token=second) as client:
        keys = Keys(client, datetime.now(UTC))
        await keys.refuse_beside("portal")
        made = await keys.issue("portal", roles=["recorder"])
        assert (await keys.known(made.key_id)).issued_by == "client:a015"
        with pytest.raises(typer.Exit):
            await keys.refuse_beside("portal")
        assert (
            f"portal has a key that counts ({made.key_id}, issued by client:a015)" in capsys.readouterr().err
        )
        await keys.issue("portal", roles=["recorder"])
        assert "Flagged: client_has_key" in capsys.readouterr().err
    said = (await one.http.get("/v1/office/events", headers=bearer(OPERATOR))).json()["events"]
    assert [(each["actor"], each["flags"]) for each in said[-1:]] == [("client:a015", "client_has_key")]


async def test_an_event_is_by_who_posted_it_and_says_on_whose_behalf(one: Ledger, case: str) -> None:
    key = await issue(one, "a008", Role.RECORDER, Role.CASEWORKER)
    await post(one, key, case)
    await post(one, key, case, actor="sw:4")
    history = (await one.http.get(f"/v1/cases/{case}/events", headers=bearer(key))).json()["events"]
    assert [(each["actor"], each.get("onbehalfof")) for each in history] == [
        ("client:a008", None),
        ("client:a008", "sw:4"),
    ]


async def test_a_key_posts_under_its_own_source_and_its_own_types_only(one: Ledger, case: str) -> None:
    key = await issue(one, "a009", Role.RECORDER, source="/front-door", types=["ContactReceived"])
    assert (await post(one, key, case, source="/front-door")).status_code == 201
    refused = [
        await post(one, key, case, source="/elsewhere"),
        await post(
            one,
            key,
            case,
            source="/front-door",
            type="StrategyHeld",
            data={"strategy_id": "s-1", "decision": "S47_SINGLE"},
        ),
    ]
    assert [(each.status_code, each.json()["type"].rpartition(":")[2]) for each in refused] == [
        (403, "source-not-yours"),
        (403, "type-not-yours"),
    ]


async def test_nobody_but_the_notifier_posts_as_the_notifier(one: Ledger, case: str) -> None:
    key = await issue(one, "a010", *GRANTABLE)
    exhausted = {"type": "LadderExhausted", "data": {"alert_id": "alert-1"}}
    answers = [await post(one, key, case, **exhausted), await post(one, key, case, source="/notifier")]
    assert [each.json()["type"].rpartition(":")[2] for each in answers] == [
        "type-not-yours",
        "source-not-yours",
    ]


async def test_of_many_cases_what_is_not_ones_own_fails_no_other(one: Ledger, case: str) -> None:
    key = await issue(one, "a011", Role.RECORDER)
    events = [
        {**contact(), "subject": case},
        {**contact(source="/notifier"), "subject": f"{case}-2"},
        {**contact(type="ClosureDaysSet", data={"dates": ["2018-12-27"]}), "subject": "office"},
    ]
    headers = {"Content-Type": "application/cloudevents-batch+json"} | bearer(key)
    answer = await one.http.post("/v1/events", json=events, headers=headers)
    found = answer.json()["results"]
    assert [each["status"] for each in found] == [201, 403, 403]


async def test_a_tail_ends_with_its_key_whether_anything_happens_or_not(one: Ledger, case: str) -> None:
    key = await issue(one, "a012", Role.AUDITOR)
    head = (await one.http.get("/v1/head", headers=bearer(key))).json()["position"]
    headers = {"Accept": "text/event-stream"} | bearer(key)
    async with one.http.stream("GET", f"/v1/events?after={head}", headers=headers) as answer:
        lines = answer.aiter_lines()
        await tell(one, "ApiKeyRevoked", {"key_id": "a012"})
        async with asyncio.timeout(5):
            told = [line async for line in lines if case in line or "problem" in line]
        assert told[0] == "event: problem"  # the event of its end it may have got
        assert '"status":401' in told[1]


async def test_a_replay_that_is_under_way_ends_with_its_key(one: Ledger, pair_url: str) -> None:
    over = datetime.now(UTC) + timedelta(seconds=0.5)
    key = await issue(one, "a014", Role.AUDITOR, expires_at=text(over))
    owner = await asyncpg.connect(pair_url)
    try:
        async with owner.transaction():  # who reads events waits for this to end, and the replay with it
            await owner.execute("LOCK TABLE ledger.event IN ACCESS EXCLUSIVE MODE")
            async with one.http.stream("GET", "/v1/events", headers=bearer(key)) as answer:
                assert answer.status_code == 200
                async with asyncio.timeout(5):
                    (line,) = [line async for line in answer.aiter_lines()]
    finally:
        await owner.close()
    problem = msgspec.json.decode(line)
    assert (problem["type"], problem["status"]) == ("urn:caseledger:problem:unauthenticated", 401)
