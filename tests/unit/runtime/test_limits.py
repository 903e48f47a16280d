"""What one client may ask for: requests a second, streams at once, values and levels of JSON."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import get
from msgspec import json

from services.domain.principal import EVERYBODY, NOBODY, Principal, Role
from services.runtime import bounds, limits, web
from services.runtime.clock import SystemClock
from services.runtime.identity import token
from services.runtime.identity.authentication import Bearers
from services.runtime.identity.bearer import bearer
from services.runtime.identity.registry import Registry
from services.runtime.limits import Buckets, Limits, client_of
from services.runtime.problems import Problem
from services.runtime.streams import ByteStream
from services.runtime.tls import authorities
from tests.support.open_app import open_app

TREES = st.recursive(
    st.none() | st.text('[]{}",\\', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('[{"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


class Watch:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_client_has_its_burst_at_once_and_then_its_rate() -> None:
    watch = Watch()
    buckets = Buckets(8, now=watch)
    assert [buckets.take("a") for _ in range(17)] == [0.0] * 16 + [1 / 8]
    watch.now += 1 / 8
    assert [buckets.take("a") > 0 for _ in range(2)] == [False, True]
    watch.now += 100
    assert [buckets.take("a") > 0 for _ in range(17)] == [False] * 16 + [True]


def test_one_client_takes_nothing_from_another() -> None:
    buckets = Buckets(1, now=Watch())
    while not buckets.take("a"):
        pass
    assert buckets.take("b") == 0


def test_a_rate_of_nothing_is_no_limit() -> None:
    buckets = Buckets(0, now=Watch())
    assert not any(buckets.take("a") for _ in range(10_000))


def test_those_who_ask_no_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLIENTS", 3)
    watch = Watch()
    buckets = Buckets(1, now=watch)
    for client in "abc":
        buckets.take(client)
    watch.now += 2
    buckets.take("d")
    assert buckets._full_at.keys() == {"d"}


def test_many_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLIENTS", 3)
    buckets = Buckets(1, now=Watch())
    for client in "abcdefgh":
        buckets.take(client)
    assert len(buckets._full_at) <= 3


@asynccontextmanager
async def serving(allowed: Limits) -> AsyncGenerator[httpx.AsyncClient, None]:
    open_end = asyncio.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield b"begun"
        await open_end.wait()

    @get("/tail")
    async def read_tail() -> ByteStream:
        return ByteStream(chunks(), media_type="text/event-stream", stop=stop)

    stop = asyncio.Event()
    app = open_app("probe", read_tail, limits=allowed, stop=stop)
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        yield client


async def test_who_asks_too_often_is_told_when_to_ask_again_and_probes_are_answered() -> None:
    async with serving(Limits(rate=1)) as client:
        answers = [await client.get("/") for _ in range(4)]
        assert [answer.status_code for answer in answers][:2] == [200, 200]
        refused = answers[-1]
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:caseledger:problem:rate-limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 3
        assert refused.headers["x-request-id"]
        assert {(await client.get(path)).status_code for path in ("/livez", "/readyz") * 4} == {200}


async def test_who_asks_too_often_for_what_is_not_there_is_told_so_as_well() -> None:
    async with serving(Limits(rate=1)) as client:
        answers = [
            await client.request(method, path)
            for method, path in (("GET", "/nowhere"), ("DELETE", "/tail")) * 2
        ]
    assert [answer.status_code for answer in answers] == [404, 405, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_stream_more_than_one_client_may_have_is_refused_until_one_ends() -> None:
    async with serving(Limits(streams=2)) as client:
        async with client.stream("GET", "/tail") as first:
            begun = first.aiter_raw()
            assert await anext(begun) == b"begun"
            async with client.stream("GET", "/tail") as second:
                assert second.status_code == 200
                refused = await client.get("/tail")
                assert (refused.status_code, refused.json()["type"]) == (
                    429,
                    "urn:caseledger:problem:too-many-streams",
                )
                assert refused.headers["retry-after"] == "5"
        async with asyncio.timeout(5):
            while True:
                async with client.stream("GET", "/tail") as third:
                    if third.status_code == 200:
                        break


async def test_who_is_not_let_in_guesses_no_faster() -> None:
    guarded = Bearers(Registry([], SystemClock()))
    app = web.create_app("probe", routes=[], authentication=guarded, limits=Limits(rate=1))
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        guesses = [await client.get("/v1/clock", headers=bearer(token.make(f"k{n}"))) for n in range(4)]
    assert [answer.status_code for answer in guesses] == [401, 401, 429, 429]


def test_a_client_is_its_account_wherever_it_comes_from() -> None:
    account = Principal(who="front-door", roles=frozenset({Role.RECORDER}))
    there: Any = {"client": ("10.0.0.1", 1)}
    nowhere: Any = {"client": None, "user": account}
    assert client_of(there) == client_of(there | {"user": NOBODY}) == "10.0.0.1"
    assert client_of(there | {"user": EVERYBODY}) == "10.0.0.1"
    assert client_of(there | {"user": account}) == client_of(nowhere) == "front-door"


def depth(value: object) -> int:
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 1 + max(map(depth, value.values()), default=0) if isinstance(value, dict) else 0


def count(value: object) -> int:
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return max(len(inner), 1) + sum(map(count, inner)) if isinstance(value, (list, dict)) else 0


def _refuses(check: Callable[[bytes, int], None], text: bytes, limit: int) -> bool:
    try:
        check(text, limit)
    except Problem as problem:
        return problem.slug == "json-too-large"
    return False


@given(TREES, st.integers(0, 8))
def test_what_is_nested_too_deeply_is_refused_and_nothing_else(tree: object, deepest: int) -> None:
    text = json.encode(tree)
    assert _refuses(bounds.check_depth, text, deepest) == (depth(tree) > deepest)


@given(TREES, st.integers(20, 60))
def test_what_holds_too_many_values_is_refused_and_nothing_else(tree: object, most: int) -> None:
    text = json.encode([tree, tree])
    assert _refuses(bounds.check_values, text, most) == (count([tree, tree]) > most)


@pytest.mark.parametrize("text", [b"[" * 10_000, b'[{"a":' * 5_000, b"]" * 99 + b"[" * 99, b'"' + b"[" * 99])
def test_what_is_no_json_costs_no_more(text: bytes) -> None:
    assert _refuses(bounds.check_depth, text, 32) == (text[:1] != b'"')
