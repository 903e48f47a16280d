"""A key service wraps as a file of keys does; data keys move from one to the other, and no event does."""

import asyncio
import os
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Request, Response, post
from msgspec import json

from services.domain.policy import Action
from services.ledger import keyholding
from services.ledger.datakey import DataKey
from services.ledger.settings import Settings
from services.ledger.wrapping import CannotUnwrap, KeyAway, KeyEncryption, Wrapped
from services.runtime import web
from services.runtime.identity.authentication import OFF
from services.runtime.settings import SettingsError
from services.runtime.tls import authorities
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import contact
from tests.support.secrets import KEY_ENCRYPTION_KEY

KEY = DataKey(bytes(range(32)))
WORDS = "Words that only the case's own readers may see."


@dataclass
class Vault:
    """What speaks as Vault's Transit engine does: `version` wraps, those from `least` on unwrap."""

    url: str = ""
    version: int = 1
    least: int = 1
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def encrypt(self, item: dict[str, str]) -> dict[str, str]:
        kept = b64encode(json.encode([item["plaintext"], item["associated_data"]])).decode()
        return {"ciphertext": f"vault:v{self.version}:{kept}"}

    def decrypt(self, item: dict[str, str]) -> dict[str, str]:
        _, version, kept = item["ciphertext"].split(":")
        plaintext, bound = json.decode(b64decode(kept))
        if int(version[1:]) < self.least or bound != item["associated_data"]:
            return {"error": "cipher: message authentication failed"}
        return {"plaintext": plaintext}


@asynccontextmanager
async def vault() -> AsyncIterator[Vault]:
    serving = Vault()

    async def answer(what: str, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        serving.asked.append(what)
        assert request.headers["x-vault-token"] == "s.token"
        if serving.status != 200:
            return Response({"errors": ["Vault is sealed"]}, status_code=serving.status)
        work = serving.encrypt if what == "encrypt" else serving.decrypt
        results = [work(item) for item in (await request.json())["batch_input"]]
        failed = any("error" in result for result in results)
        return Response({"data": {"batch_results": results}}, status_code=400 if failed else 200)

    @post("/v1/transit/encrypt/cases", status_code=200, opt={"action": Action.PUBLIC})
    async def encrypt(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        return await answer("encrypt", request)

    @post("/v1/transit/decrypt/cases", status_code=200, opt={"action": Action.PUBLIC})
    async def decrypt(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        return await answer("decrypt", request)

    async with web.serve(
        web.create_app("vault", routes=[encrypt, decrypt], authentication=OFF), "127.0.0.1", 0
    ) as url:
        serving.url = f"{url}/v1/transit/encrypt/cases"
        yield serving


@pytest.fixture
def token(tmp_path: Path) -> str:
    (tmp_path / "token").write_text("s.token\n")
    return str(tmp_path / "token")


@asynccontextmanager
async def held_by(service: Vault, token: str, **more: Any) -> AsyncIterator[KeyEncryption]:
    named = {"key_encryption_service_url": service.url, "key_encryption_service_token_file": token, **more}
    async with httpx.AsyncClient(trust_env=False, verify=authorities()) as http:
        yield keyholding.of(Settings(database_url="", nats_url="", **named)).at_work(lambda: http)


async def test_it_wraps_many_at_once_each_for_its_own_stream(token: str) -> None:
    async with vault() as service, held_by(service, token) as keys:
        made = {f"case-{nth}": DataKey.new() for nth in range(300)}
        wrapped = await keys.wrap(made)
        assert {each.kek_id for each in wrapped} == {"cases:v1"}
        found = await keys.unwrap(wrapped)
        assert {stream: key.raw for stream, key in found.items()} == {
            stream: key.raw for stream, key in made.items()
        }
        assert service.asked == ["encrypt", "encrypt", "decrypt", "decrypt"]
        with pytest.raises(CannotUnwrap):
            await keys.unwrap([Wrapped("case-2", "cases:v1", wrapped[1].wrapped)])


async def test_a_version_that_it_no_longer_has_and_a_key_of_another_are_named(token: str) -> None:
    async with vault() as service, held_by(service, token) as keys:
        (old,) = await keys.wrap({"case-1": KEY})
        service.version, service.least = 2, 2
        with pytest.raises(CannotUnwrap, match="`cases:v1`"):
            await keys.unwrap([old])
        with pytest.raises(CannotUnwrap, match="does not hold `test`"):
            await keys.unwrap([Wrapped("case-1", "test", b"")])


async def test_while_it_is_away_it_is_asked_again_later(token: str) -> None:
    async with vault() as service, held_by(service, token) as keys:
        service.status = 503
        with pytest.raises(KeyAway, match="answers 503"):
            await keys.wrap({"case-1": KEY})
        service.status = 200
        assert await keys.wrap({"case-1": KEY})
    with pytest.raises(KeyAway, match="is not reached"):
        async with held_by(service, token) as keys:
            await keys.wrap({"case-1": KEY})


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "KEY_ENCRYPTION_KEY_FILE is missing"),
        ({"key_encryption_key": "one", "key_encryption_key_file": "two"}, "not both"),
        ({"key_encryption_key": "no key"}, "line 1 is not an id"),
        ({"key_encryption_service_url": "https://v/v1/transit/encrypt/k"}, "TOKEN_FILE is missing"),
        (
            {"key_encryption_service_url": "https://v/v1/transit/keys/k", "token": True},
            "transit/encrypt/<key>",
        ),
    ],
)
def test_what_cannot_be_used_is_said_before_the_ledger_starts(
    told: dict[str, Any], why: str, token: str
) -> None:
    if told.pop("token", False):
        told["key_encryption_service_token_file"] = token
    with pytest.raises(SettingsError, match=why):
        keyholding.of(Settings(database_url="", nats_url="", **told))


async def test_data_keys_move_to_the_service_and_posts_wait_for_it_only_where_they_must(
    migrated: str, bus: str, token: str
) -> None:
    def told(number: int) -> dict[str, Any]:
        return contact(data={"contact_id": f"c-{number}", "summary": WORDS})

    async def words_of(ledger: ledgers.Ledger, case: str) -> str:
        return (await ledger.http.get(f"/v1/cases/{case}/events?unseal=true&purpose=AUDIT")).text

    async with ledgers.ledger(migrated, bus) as ledger:
        for case in ("case-1", "case-2"):
            assert (await ledger.post(case, told(1))).status_code == 201
    async with vault() as service:
        named = {"key_encryption_service_url": service.url, "key_encryption_service_token_file": token}
        async with ledgers.ledger(migrated, bus, **named) as ledger:
            assert WORDS in await words_of(ledger, "case-1")
            assert (await ledger.post("case-3", told(1))).status_code == 201
            environment = {
                "CASELEDGER_DATABASE_URL": ledgers.as_ledger(migrated),
                "CASELEDGER_KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
                **{f"CASELEDGER_{name.upper()}": value for name, value in named.items()},
            }
            before = await data_keys("status", environment)
            assert (before["present"], before["wrapped"]) == ("cases:v1", {"cases:v1": 1, "test": 2})
            assert (before["destroyed"], before["unscrubbed"], before["left"]) == (0, 0, None)
            after = await data_keys("rewrap", environment)
            assert (after["rewrapped"], after["wrapped"], after["to_do"]) == (2, {"cases:v1": 3}, 0)
            assert WORDS in await words_of(ledger, "case-2")
            service.status = 503
            assert (await ledger.post("case-3", told(2))).status_code == 201
            assert (await ledger.post("case-4", contact())).status_code == 201
            assert (await ledger.post("case-4", told(2))).status_code == 503
            assert "cannot be had" in (await ledger.ready())["checks"]["data keys"]["detail"]


async def data_keys(command: str, environment: dict[str, str]) -> dict[str, Any]:
    """What `caseledger data-keys … --json` prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "data-keys", command, "--json"),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    found: dict[str, Any] = json.decode(said)
    return found
