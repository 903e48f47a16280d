"""A person's token counts if the provider signed it, for us, and it is not over; whatever else is refused."""

import asyncio
import hmac
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from litestar import get

from services.domain.principal import Principal, Role
from services.runtime import web
from services.runtime.clock import TestClock
from services.runtime.identity import oidc
from services.runtime.identity.oidc import Provider, Trust
from tests.support.open_app import open_app

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
            "long": good + "A" * 20_000,
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
    async with issuer() as known:
        provider = known.trust()
        token = known.sign()
        assert await provider.find(token)
    with no_pause(monkeypatch):
        assert await provider.find(known.sign(NEXT)) is None
    assert await provider.find(token)
