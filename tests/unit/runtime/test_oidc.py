"""A person's token counts if the provider signed it, for us, and it is not over; whatever else is refused."""

import asyncio
import hmac
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from litestar import get
from msgspec import json

from services.domain.principal import Principal, Role
from services.runtime import answered, web
from services.runtime.answered import Answered, TooLong
from services.runtime.clock import TestClock
from services.runtime.identity import oidc, published
from services.runtime.identity.claims import Trust
from services.runtime.identity.oidc import Provider
from tests.support.open_app import open_app
from tests.support.until import until

NOON = datetime(2018, 3, 29, 12, tzinfo=UTC)
NOW = int(NOON.timestamp())
RSA, EC, NEXT = (
    RSAKey.generate_key(2048, {"kid": "rsa-1"}),
    ECKey.generate_key("P-256", {"kid": "ec-1"}),
    RSAKey.generate_key(2048, {"kid": "rsa-2"}),
)
ANA = {"sub": "ana@council.example", "roles": ["caseworker", "iro", "king", "notifier"], "teams": "east west"}


class Issuer:
    """A provider as it is on the network: what it publishes, and how often it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: list[Any] = [RSA, EC]
        self.asked = 0

    def claims(self, **changes: Any) -> dict[str, Any]:
        return {"iss": self.url, "aud": "caseledger", "exp": NOW + 300, **ANA, **changes}

    def sign(self, key: Any = RSA, alg: str = "RS256", kid: str | None = None, **changes: Any) -> str:
        header = {"alg": alg, "kid": kid or key.kid}
        return jwt.encode(header, self.claims(**changes), key, algorithms=[alg])

    def trust(self, **more: Any) -> Provider:
        given = {"algorithms": ("RS256", "ES256"), **more}
        return Provider(Trust(issuer=self.url, audience="caseledger", **given), TestClock(NOON))


def with_hmac(secret: bytes, body: str) -> str:
    """A token that whoever knows a public key can make, if its algorithm is believed."""
    head = b'{"alg":"HS256","kid":"rsa-1"}'
    signed = f"{encoded(head)}.{body}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@asynccontextmanager
async def issuer() -> AsyncIterator[Issuer]:
    known = Issuer()

    @get("/.well-known/openid-configuration")
    async def read_configuration() -> dict[str, str]:
        return {"issuer": known.url, "jwks_uri": f"{known.url}/keys"}

    @get("/keys")
    async def read_keys() -> dict[str, Any]:
        known.asked += 1
        return dict(KeySet(known.keys).as_dict(private=False))

    async with web.serve(open_app("provider", read_configuration, read_keys), "127.0.0.1", 0) as url:
        known.url = url
        yield known


async def away() -> tuple[Issuer, Provider, str]:
    """One that is asked for nothing any more, what trusts it and has its keys, and a token that counts."""
    async with issuer() as known:
        provider = known.trust()
        token = known.sign()
        assert await provider.find(token)
    return known, provider, token


@contextmanager
def no_pause(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(oidc, "PAUSE", 0.0)
    yield


async def test_a_token_says_who_somebody_is_and_which_roles_they_have() -> None:
    async with issuer() as known:
        provider = known.trust()
        found = [await provider.find(known.sign()), await provider.find(known.sign(EC, "ES256"))]
    who = Principal(
        who="ana@council.example",
        roles=frozenset({Role.CASEWORKER, Role.IRO}),
        teams=frozenset({"east", "west"}),
    )
    assert found == [who, who]
    assert known.asked == 1


async def test_claims_may_be_called_otherwise_and_lie_within_others() -> None:
    async with issuer() as known:
        provider = known.trust(account="email", roles="realm_access.roles")
        nested = known.sign(email="ana", realm_access={"roles": ["auditor"]})
        found = await provider.find(nested)
    assert found is not None
    assert (found.who, found.roles) == ("ana", frozenset({Role.AUDITOR}))


async def test_what_was_not_signed_so_for_us_and_now_is_refused() -> None:
    async with issuer() as known:
        provider = known.trust()
        good = known.sign()
        head, body, signature = good.split(".")
        unsigned = encoded(b'{"alg":"none","kid":"rsa-1"}')
        refused = {
            "over": known.sign(exp=NOW - 61),
            "without an end": known.sign(exp=None),
            "not yet": known.sign(nbf=NOW + 61),
            "of another issuer": known.sign(iss="https://login.example"),
            "for another audience": known.sign(aud="payroll"),
            "for nobody": known.sign(aud=None),
            "of nobody": known.sign(sub=""),
            "of somebody whom no event could name": known.sign(sub="a" * 121),
            "of somebody on two lines": known.sign(sub="ana\n"),
            "not signed": f"{unsigned}.{body}.",
            "signed with the public key": with_hmac(RSA.as_pem(private=False), body),
            "of an algorithm that is not pinned": known.sign(alg="PS256"),
            "of a key that says it is another": known.sign(NEXT, kid="rsa-1"),
            "changed": f"{head}.{body[:-2]}AA.{signature}",
            "cut": f"{head}.{body}",
            "deep": f"{encoded(b'[' * 10_000)}.{body}.{signature}",
            "deep, and signed": jws.serialize_compact(
                {"alg": "RS256", "kid": RSA.kid}, b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", RSA
            ),
            "nothing": "",
        }
        found = {why: await provider.find(token) for why, token in refused.items()}
    assert {why for why, who in found.items() if who} == set()


async def test_clocks_may_differ_by_a_minute() -> None:
    async with issuer() as known:
        provider = known.trust()
        assert await provider.find(known.sign(exp=NOW - 59))
        assert await provider.find(known.sign(nbf=NOW + 59))


async def test_a_key_that_the_provider_makes_later_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with issuer() as known:
        provider = known.trust()
        assert await provider.find(known.sign())
        known.keys.append(NEXT)
        assert await provider.find(known.sign(NEXT)) is None  # it was asked just now
        with no_pause(monkeypatch):
            assert await provider.find(known.sign(NEXT))


async def test_a_flood_of_unknown_keys_asks_the_provider_once() -> None:
    async with issuer() as known:
        provider = known.trust()
        flood = [known.sign(kid=f"made-up-{nth}") for nth in range(50)]
        assert await asyncio.gather(*map(provider.find, flood)) == [None] * 50
        assert known.asked == 1


async def test_while_the_provider_is_away_the_keys_that_are_known_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, provider, token = await away()
    with no_pause(monkeypatch):
        assert await provider.find(known.sign(NEXT)) is None
    assert await provider.find(token)


async def test_whose_key_is_known_does_not_wait_for_a_provider_that_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, provider, token = await away()
    asked = asyncio.Event()

    async def ask(_: Trust) -> published.Keys:
        asked.set()
        await asyncio.get_running_loop().create_future()
        raise NotImplementedError

    monkeypatch.setattr(published, "ask", ask)
    monkeypatch.setattr(oidc, "FRESH", -1.0)
    with no_pause(monkeypatch):
        async with asyncio.timeout(5):
            assert await provider.find(token)
            await asked.wait()
            assert await provider.find(token)


async def test_a_refresh_that_failed_is_tried_again_after_a_pause_and_not_after_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(oidc, "time", SimpleNamespace(monotonic=lambda: now))
    _, provider, token = await away()
    failed: list[float] = []

    async def ask(_: Trust) -> published.Keys:
        failed.append(now)
        raise TimeoutError

    monkeypatch.setattr(published, "ask", ask)
    for passed in (oidc.FRESH, oidc.PAUSE):
        now += passed + 1
        assert await provider.find(token)
        await until(partial(failed.__contains__, now))


def the_set(*keys: dict[str, Any]) -> bytes:
    return json.encode({"keys": keys})


def test_of_a_set_the_keys_that_can_be_used_are_taken() -> None:
    good = RSA.as_dict(private=False)
    passed_over: list[dict[str, Any]] = [
        {**good, "use": "enc"},
        {**good, "kid": None},
        {**good, "kid": ""},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"},
        {"kty": "LWE", "kid": "rsa-1"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "rsa-1"},
        {**RSA.as_dict(private=True)},
        {**good, "n": "A" * 171},  # 1024 bits
        {**good, "n": "A" * 20_000},
        {**good, "n": 7},
    ]
    for each in passed_over:
        found = published.read(the_set(each, EC.as_dict(private=False)))
        assert found.keys() == {"ec-1"}, each
    assert published.read(the_set(*passed_over, good)).keys() == {"rsa-1"}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"keys":{}}', b'{"keys":' + b"[" * 9_000, the_set(*[{"kid": "a"}] * 101)]
)
def test_what_is_no_set_of_keys_is_refused(body: bytes) -> None:
    with pytest.raises(published.AWAY):
        published.read(body)


@asynccontextmanager
async def provider_that_says(body: bytes, *, times: int) -> AsyncIterator[str]:
    """What answers anything so, and does not end."""
    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body * times)
        await done.wait()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        done.set()


@pytest.mark.parametrize("times", [1, 33_000], ids=["slow", "large"])
@pytest.mark.parametrize("jwks_url", [None, "{}/keys"], ids=["configuration", "keys"])
async def test_a_provider_that_does_not_end_is_given_up(
    times: int, jwks_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "PATIENCE", 0.2 if times == 1 else 5.0)
    async with provider_that_says(b"8\r\n" + b" " * 8 + b"\r\n", times=times) as url:
        trust = Trust(
            issuer=url,
            audience="caseledger",
            algorithms=("RS256",),
            jwks_url=jwks_url and jwks_url.format(url),
        )
        async with asyncio.timeout(4):
            with pytest.raises((TimeoutError, TooLong)):
                await published.ask(trust)


async def test_keys_are_not_fetched_in_clear_because_an_issuer_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def get(*_: object, **__: object) -> Answered:
        said = {"issuer": "https://login.example", "jwks_uri": "http://login.example/keys"}
        return Answered(200, json.encode(said))

    monkeypatch.setattr(answered, "get", get)
    trust = Trust(issuer="https://login.example", audience="caseledger", algorithms=("RS256",))
    with pytest.raises(ValueError, match="in clear"):
        await published.ask(trust)
