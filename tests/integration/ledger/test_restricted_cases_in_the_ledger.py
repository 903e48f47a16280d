"""A restricted case is read, replayed and followed by those with a grant only; to others it never was."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest_asyncio
from msgspec import json

from services.domain.principal import Role
from services.runtime.identity import credentials_file, token
from services.runtime.identity.bearer import bearer
from services.runtime.identity.credential import Credential
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, contact

OPENING: Final = "2017-10-02T09:00:00Z"
CLIENTS: Final = {
    "front-door": frozenset({Role.RECORDER, Role.CASEWORKER, Role.MANAGER}),
    "allowed": frozenset({Role.AUDITOR}),
    "opener": frozenset({Role.CASEWORKER, Role.AUDITOR}),
    "stranger": frozenset({Role.AUDITOR, Role.OPERATOR}),
    "notifier": frozenset({Role.NOTIFIER}),
}


NONE: Final[dict[int, asyncio.Event]] = {}


class Clients:
    """A ledger that knows its clients, each by their own token."""

    def __init__(self, ledger: Ledger, tokens: dict[str, str]) -> None:
        self._http = ledger.http
        self._tokens = tokens

    async def ask(self, who: str, path: str, **headers: str) -> httpx.Response:
        return await self._http.get(path, headers={**bearer(self._tokens[who]), **headers})

    async def tell(self, case_id: str, event: dict[str, Any], who: str = "front-door") -> httpx.Response:
        headers = {**bearer(self._tokens[who]), **ledgers.CLOUDEVENT}
        body = json.encode(event)
        return await self._http.post(f"/v1/cases/{case_id}/events", content=body, headers=headers)

    async def replayed(self, who: str) -> list[str]:
        answer = await self.ask(who, "/v1/events")
        return [json.decode(line)["subject"] for line in answer.content.splitlines()]

    async def followed(self, who: str, count: int, reached: dict[int, asyncio.Event] = NONE) -> list[str]:
        """The cases of the first events of a tail; says when it has reached some number of them."""
        headers = {**bearer(self._tokens[who]), **ledgers.TAIL}
        found: list[str] = []
        async with self._http.stream("GET", "/v1/events", headers=headers) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    found.append(json.decode(line.removeprefix("data: "))["subject"])
                    if len(found) in reached:
                        reached[len(found)].set()
                    if len(found) == count:
                        return found
        raise AssertionError(found)

    async def move(self, instant: str) -> None:
        headers = bearer(self._tokens["stranger"])
        (await self._http.put("/v1/clock", json={"now": instant}, headers=headers)).raise_for_status()


@pytest_asyncio.fixture
async def clients(migrated: str, bus: str, tmp_path: Path) -> AsyncIterator[Clients]:
    tokens = {name: token.make(name) for name in CLIENTS}
    known = [
        Credential(key_id=name, sha256=token.digest_of(tokens[name]), client=name, roles=roles)
        for name, roles in CLIENTS.items()
    ]
    path = tmp_path / "credentials"
    path.write_text(credentials_file.lines(known))
    settings = {"authentication": "required", "credentials_file": str(path), "clock": OPENING}
    async with ledgers.ledger(migrated, bus, **settings) as served:
        yield Clients(served, tokens)


def restricted(**said: Any) -> dict[str, Any]:
    return contact(type="CaseRestricted", data={"reason": "ADOPTION", **said})


def broken(by: str) -> dict[str, Any]:
    data = {"purpose": "CHILD_AT_RISK", "reason": "She rang."}
    return contact(type="BreakGlassUsed", data=data, actor=by)


async def test_a_restricted_case_is_there_for_those_with_a_grant_and_for_others_it_never_was(
    clients: Clients,
) -> None:
    for case_id in ("seen", "hidden", "seen"):
        assert (await clients.tell(case_id, contact(case_id))).status_code == 201
    three = asyncio.Event()
    following = asyncio.create_task(clients.followed("stranger", 4, {3: three}))
    await asyncio.wait_for(three.wait(), 20)
    assert (await clients.tell("hidden", restricted(allowed=["allowed"]))).status_code == 201
    assert (await clients.tell("hidden", contact("later"))).status_code == 201
    assert (await clients.tell("seen", contact("later"))).status_code == 201

    hidden, never = [
        await clients.ask("stranger", f"/v1/cases/{case_id}/events") for case_id in ("hidden", "never")
    ]
    assert hidden.status_code == never.status_code == 404
    assert hidden.json() | {"instance": ""} == never.json() | {"instance": ""}
    assert await clients.replayed("stranger") == ["seen", "seen", "seen"]
    assert await clients.followed("stranger", 3) == ["seen", "seen", "seen"]
    assert await asyncio.wait_for(following, 20) == ["seen", "hidden", "seen", "seen"]

    for who in ("allowed", "notifier"):
        assert (await clients.ask(who, "/v1/cases/hidden/events")).status_code == 200
        assert (await clients.replayed(who)).count("hidden") == 3
        assert (await clients.followed(who, 6)).count("hidden") == 3

    assert (await clients.ask("opener", "/v1/cases/hidden/events")).status_code == 404
    assert (await clients.tell("hidden", broken("opener"))).status_code == 201
    assert (await clients.ask("opener", "/v1/cases/hidden/events")).status_code == 200
    assert (await clients.replayed("opener")).count("hidden") == 4
    unsealed = "/v1/cases/hidden/events?unseal=true&purpose=CASEWORK"
    assert (await clients.ask("opener", unsealed)).status_code == 200
    assert (await clients.ask("allowed", unsealed + "&on_behalf_of=somebody")).status_code == 404
    looks = [json.decode(line) for line in (await clients.ask("notifier", "/v1/events")).content.splitlines()]
    assert [each["actor"] for each in looks if each["type"] == "RecordViewed"] == ["opener"]
    await clients.move("2017-10-02T17:00:00Z")
    assert (await clients.ask("opener", "/v1/cases/hidden/events")).status_code == 404

    lifted = contact(type="RestrictionLifted", data={})
    assert (await clients.tell("hidden", lifted)).status_code == 201
    assert (await clients.replayed("stranger")).count("hidden") == 5


async def test_only_who_may_unseal_is_shown_what_is_sealed(clients: Clients) -> None:
    await clients.tell("seen", contact(data={"contact_id": "1", "summary": "Words."}))
    path = "/v1/cases/seen/events?unseal=true&purpose=AUDIT"
    assert (await clients.ask("front-door", path)).status_code == 200
    assert (await clients.ask("notifier", path)).status_code == 403  # no service has to
    office = await clients.ask("stranger", "/v1/office/events?unseal=true&purpose=AUDIT")
    assert office.status_code == 404  # an auditor may; nothing is recorded of it
