"""Who asks is found out by a token, and may do what their roles allow: on every route, or on none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request, WebSocket, asgi, get, websocket
from litestar.types import Receive, Scope, Send
from msgspec.structs import replace

from services.domain.policy import Action, may, may_post
from services.domain.principal import Role
from services.runtime import web
from services.runtime.clock import TestClock
from services.runtime.health import Health
from services.runtime.identity import credentials_file, token
from services.runtime.identity.authentication import OFF, Authentication, Bearers
from services.runtime.identity.bearer import bearer
from services.runtime.identity.credential import Credential
from services.runtime.identity.credentials_file import BadCredentials
from services.runtime.identity.gate import Undeclared, principal_of
from services.runtime.identity.registry import Registry
from services.runtime.identity.settings import Asking, Guarded, check
from services.runtime.settings import SettingsError
from services.runtime.tls import authorities
from services.stack import credentials
from services.stack.layout import Layout

NOON = datetime(2018, 3, 29, 12, tzinfo=UTC)
CASEWORKER, OPERATOR = token.make("mobile"), token.make("it-team")


def key(secret: str, *roles: Role, **bound: Any) -> Credential:
    key_id = token.key_id_of(secret)
    assert key_id is not None
    digest = token.digest_of(secret)
    return Credential(
        key_id=key_id, sha256=digest, client=f"client:{key_id}", roles=frozenset(roles), **bound
    )


KEYS = [key(CASEWORKER, Role.CASEWORKER), key(OPERATOR, Role.OPERATOR)]


@get("/whoami", opt={"action": Action.READ_STATUS})
async def read_who(request: Request[Any, Any, Any]) -> str:
    return principal_of(request.scope).who


@asynccontextmanager
async def guarded(registry: Registry | None = None) -> AsyncIterator[httpx.AsyncClient]:
    async def well() -> Health:
        return Health(ok=True, detail="as it should be")

    bearers = Bearers(registry or Registry(KEYS, TestClock(NOON)))
    app = web.create_app("probe", routes=[read_who], authentication=bearers, checks={"all": well})
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        yield client


async def test_a_token_says_who_asks() -> None:
    async with guarded() as client:
        answer = await client.get("/whoami", headers=bearer(CASEWORKER))
    assert (answer.status_code, answer.text) == (200, "client:mobile")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer(token.make("mobile")),
        bearer(token.make("unknown")),
        bearer(CASEWORKER[:-1]),
        bearer(f"{CASEWORKER}x"),
        {"Authorization": f"Basic {CASEWORKER}"},
        {"Authorization": "Bearer"},
        bearer("a" * 20_000),
    ],
    ids=["none", "another secret", "unknown", "too short", "too long", "another scheme", "empty", "endless"],
)
async def test_without_a_token_that_counts_nothing_is_answered(headers: dict[str, str]) -> None:
    async with guarded() as client:
        answer = await client.get("/whoami", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="caseledger"')
    assert answer.json()["type"] == "urn:caseledger:problem:unauthenticated"


async def test_a_token_is_not_taken_twice_in_one_request() -> None:
    twice = [("Authorization", f"Bearer {CASEWORKER}"), ("Authorization", f"Bearer {OPERATOR}")]
    async with guarded() as client:
        assert (await client.get("/whoami", headers=twice)).status_code == 401


async def test_what_no_role_allows_is_forbidden_and_named() -> None:
    async with guarded() as client:
        answer = await client.get("/whoami", headers=bearer(OPERATOR))
    assert (answer.status_code, answer.json()["action"]) == (403, "read_status")
    assert answer.json()["type"] == "urn:caseledger:problem:forbidden"


async def test_a_revoked_key_is_refused_at_the_next_request() -> None:
    registry = Registry([], TestClock(NOON))
    registry.follow(KEYS)
    async with guarded(registry) as client:
        assert (await client.get("/whoami", headers=bearer(CASEWORKER))).status_code == 200
        registry.follow(KEYS[1:])
        assert (await client.get("/whoami", headers=bearer(CASEWORKER))).status_code == 401


def test_a_key_ends_at_its_instant() -> None:
    clock = TestClock(NOON)
    registry = Registry([key(CASEWORKER, Role.IRO, ends_at=NOON + timedelta(hours=1))], clock)
    assert registry.find(CASEWORKER)
    clock.set(NOON + timedelta(hours=1))
    assert registry.find(CASEWORKER) is None


def test_an_issued_key_does_not_take_the_place_of_a_fixed_one() -> None:
    registry = Registry(KEYS, TestClock(NOON))
    other = token.make("mobile")
    registry.follow([key(other, *Role)])
    assert registry.find(other) is None
    assert registry.find(CASEWORKER)


async def test_readiness_is_told_to_everybody_and_its_details_to_operators() -> None:
    async with guarded() as client:
        told = [(await client.get("/readyz", headers=bearer(each))).json() for each in ("", CASEWORKER)]
        stale = await client.get("/readyz", headers=bearer(token.make("mobile")))
        to_operator = (await client.get("/readyz", headers=bearer(OPERATOR))).json()
    assert [(each["ready"], "checks" in each) for each in told] == [(True, False)] * 2
    assert stale.status_code == 200
    assert to_operator["checks"]["all"]["detail"] == "as it should be"


async def test_a_clock_is_moved_by_operators_only() -> None:
    async with guarded() as client:
        body = {"now": "2018-03-30T12:00:00Z"}
        moved = await client.put("/v1/clock", json=body, headers=bearer(CASEWORKER))
    assert (moved.status_code, moved.json()["action"]) == (403, "move_clock")


def test_an_application_with_a_route_that_does_not_say_what_it_does_is_not_made() -> None:
    @get("/forgotten")
    async def read_forgotten() -> str:
        return ""

    with pytest.raises(Undeclared, match="GET /forgotten"):
        web.create_app("probe", routes=[read_forgotten], authentication=OFF)


def test_an_application_with_what_is_no_route_of_http_is_not_made() -> None:
    @asgi("/mounted", is_mount=True, copy_scope=True)
    async def answer_anything(scope: Scope, receive: Receive, send: Send) -> None:
        raise NotImplementedError

    @websocket("/socket")
    async def talk(socket: WebSocket[Any, Any, Any]) -> None:
        raise NotImplementedError

    for handler in (answer_anything, talk):
        with pytest.raises(Undeclared):
            web.create_app("probe", routes=[handler], authentication=OFF)


@pytest.mark.parametrize("authentication", [OFF, Bearers(Registry(KEYS, TestClock(NOON)))])
async def test_what_is_not_declared_is_refused_to_everybody_and_what_is_not_there_is_not_there(
    authentication: Authentication,
) -> None:
    @get("/later")
    async def read_later() -> str:
        return "open"

    app = web.create_app("probe", routes=[read_who], authentication=authentication)
    app.register(read_later)  # as a plug-in would, behind the back of what is declared
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        for headers in ({}, bearer(OPERATOR)):
            refused = await client.get("/later", headers=headers)
            assert (refused.status_code, "open" in refused.text) == (403, False)
            assert refused.json()["type"] == "urn:caseledger:problem:forbidden"
            assert (await client.get("/nowhere", headers=headers)).status_code == 404
            wrong = await client.delete("/whoami", headers=headers)
            assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, OPTIONS")
            options = await client.options("/whoami", headers=headers)
            assert (options.status_code, options.headers["allow"]) == (204, "GET, OPTIONS")


async def test_every_answer_says_that_nobody_is_authenticated() -> None:
    async with (
        web.serve(web.create_app("probe", routes=[], authentication=OFF), "127.0.0.1", 0) as url,
        guarded() as client,
        httpx.AsyncClient(base_url=url, verify=authorities()) as nobody,
    ):
        assert (await nobody.get("/livez")).headers["caseledger-authentication"] == "off"
        assert "caseledger-authentication" not in (await client.get("/livez")).headers


def test_a_token_is_256_random_bits_and_names_its_key() -> None:
    made = {token.make("mobile") for _ in range(100)}
    assert len(made) == 100
    assert {token.key_id_of(each) for each in made} == {"mobile"}
    assert all(len(each) == len("cl_mobile_") + 43 for each in made)
    with pytest.raises(ValueError, match="no id of a key"):
        token.make("Mobile_1")


@given(st.text())
def test_whatever_is_no_token_is_nobodys(text: str) -> None:
    assert Registry(KEYS, TestClock(NOON)).find(text) is None


def test_credentials_are_read_as_they_were_written(tmp_path: Path) -> None:
    kept = [*KEYS, key(token.make("front-door"), Role.RECORDER, Role.IRO, source="/front-door")]
    (tmp_path / "credentials").write_text(f"# ours\n\n{credentials_file.lines(kept)}")
    assert credentials_file.read(tmp_path / "credentials") == kept


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("mobile", "line 1: write an id"),
        (f"Mobile {'0' * 64} m iro", "line 1: a key's id"),
        ("mobile secret m iro", "line 1: a SHA-256"),
        (f"mobile {'0' * 64} m king", "line 1: the roles are recorder, "),
        (f"mobile {'0' * 64} m iro\nmobile {'1' * 64} m iro", "the key mobile stands there twice"),
    ],
)
def test_a_line_that_is_no_credential_is_named_and_not_quoted(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "credentials").write_text(line)
    with pytest.raises(BadCredentials) as refused:
        credentials_file.read(tmp_path / "credentials")
    assert str(refused.value).startswith(said)
    assert "secret" not in str(refused.value)


def test_a_service_that_would_let_in_everybody_or_nobody_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "some").write_text(credentials_file.lines(KEYS))
    refusals = {
        "CASELEDGER_CREDENTIALS_FILE is missing": Guarded(),
        "production authenticates": Guarded(authentication="off", environment="production"),
        "cannot be read": Guarded(credentials_file=str(tmp_path / "none")),
        "no credential is in it": Guarded(credentials_file=str(tmp_path / "empty")),
        "CASELEDGER_TOKEN_FILE is missing": Asking(credentials_file=str(tmp_path / "some")),
        "are both set": Asking(credentials_file=str(tmp_path / "some"), token="t", token_file="f"),
    }
    for said, settings in refusals.items():
        with pytest.raises(SettingsError, match=said):
            check(settings)
    check(Guarded(credentials_file=str(tmp_path / "some")))
    check(Asking(authentication="off"))


def test_in_production_an_identity_provider_is_asked_over_tls_only(tmp_path: Path) -> None:
    (tmp_path / "some").write_text(credentials_file.lines(KEYS))
    issuer = Guarded(
        credentials_file=str(tmp_path / "some"),
        oidc_issuer="http://login.example",
        oidc_audience="caseledger",
    )
    check(issuer)
    production = replace(issuer, environment="production")
    with pytest.raises(SettingsError, match="CASELEDGER_OIDC_ISSUER cannot be used"):
        check(production)
    good = replace(production, oidc_issuer="https://login.example")
    check(good)
    with pytest.raises(SettingsError, match="CASELEDGER_OIDC_JWKS_URL cannot be used"):
        check(replace(good, oidc_jwks_url="http://login.example/keys"))


def test_what_records_at_a_stack_may_neither_read_nor_unseal_nor_break_glass(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    older = {"front-door": frozenset({Role.RECORDER, Role.CASEWORKER})}
    credentials.provide(layout, roles=older)
    credentials.provide(layout)  # a stack that was made before
    registry = Registry(credentials_file.read(layout.credentials), TestClock(NOON))
    front_door, casework = (
        registry.find(layout.token_of(name).read_text().strip()) for name in ("front-door", "casework")
    )
    assert front_door
    assert casework
    reading = (Action.READ_HISTORY, Action.UNSEAL, Action.READ_STATUS, Action.READ_LISTS)
    assert [may(front_door, action) for action in (Action.POST_EVENTS, *reading)] == [True, *[False] * 4]
    assert not may_post(front_door, "BreakGlassUsed")
    assert all(may(casework, action) for action in (Action.POST_EVENTS, *reading))
    assert casework.roles == {Role.CASEWORKER}


def test_a_stack_makes_its_tokens_once_and_keeps_what_was_added(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    credentials.provide(layout)
    made = {path.name: path.read_text().strip() for path in layout.tokens.iterdir()}
    (tmp_path / "given").write_text(credentials_file.lines(KEYS[:1]))
    with layout.credentials.open("a") as file:
        file.write(credentials_file.lines(KEYS[1:]))
    credentials.provide(layout, tmp_path / "given")

    assert {path.name: path.read_text().strip() for path in layout.tokens.iterdir()} == made
    registry = Registry(credentials_file.read(layout.credentials), TestClock(NOON))
    assert all(map(registry.find, [*made.values(), CASEWORKER, OPERATOR]))
    assert all(secret not in layout.credentials.read_text() for secret in made.values())
    private = [layout.credentials, *layout.tokens.iterdir()]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
