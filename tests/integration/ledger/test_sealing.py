"""What is appended is sealed: provably, once, and consistent with all before it, whatever breaks."""

import asyncio
from base64 import b64decode
from typing import Any

import pytest

from services.evidence.keyring import Keyring
from services.evidence.treehead import TreeHead
from services.ledger import sealer as sealer_module
from services.ledger.tree import SEALED_MEANWHILE, growths
from services.runtime.clock import SystemClock
from tests.integration.ledger import ledgers, seals
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.integration.ledger.seals import (
    ORIGIN,
    SECOND,
    SIGNER,
    announced,
    check,
    fill,
    prepared,
    running,
    seal,
    sealing,
)
from tests.support import independent_verifier as independent
from tests.support.until import until

pytestmark = pytest.mark.usefixtures("in_haste")


async def test_what_is_posted_is_sealed_and_proved_over_http(migrated: str, bus: str) -> None:
    written = f"# keys\n{SIGNER.written()}\n{SECOND.written()}\n"
    keys = [independent.read_key(str(signer.verifier)) for signer in (SIGNER, SECOND)]
    async with ledgers.ledger(migrated, bus, signing_key=written) as ledger:
        assert (await ledger.http.get("/v1/checkpoint")).status_code == 404
        seen: dict[int, bytes] = {}
        for n in range(3):
            await ledger.post("case-1", contact(n), contact(f"{n}-too"))
            size, root = await sealed_over_http(ledger, n * 2 + 2, keys)
            seen[size] = root
        published = (await ledger.http.get("/v1/key")).text.splitlines()
        assert [independent.read_key(line) for line in published] == keys
        for position, document in enumerate(await ledger.lines(), 1):
            leaf = independent.leaf_of(position, document)
            for size in seen.keys() - set(range(position)):
                answer = (
                    await ledger.http.get(f"/v1/proof/inclusion?position={position}&size={size}")
                ).json()
                path = [b64decode(step) for step in answer["path"]]
                assert independent.root_by_path(leaf, position - 1, size, path) == seen[size]
                assert b64decode(answer["leaf"]) == leaf
        for first, was in seen.items():
            for second, now in seen.items():
                if first <= second:
                    answer = (await ledger.http.get(f"/v1/proof/consistency?from={first}&to={second}")).json()
                    steps = [b64decode(step) for step in answer["proof"]]
                    independent.check_consistency(first, second, was, now, steps)
        assert (await ledger.ready())["checks"]["sealer"]["ok"]
    assert await check(migrated, keys) == sorted(seen)


async def sealed_over_http(ledger: Ledger, size: int, keys: list[independent.Key]) -> tuple[int, bytes]:
    async def covers() -> bool:
        answer = await ledger.http.get("/v1/checkpoint")
        return answer.status_code == 200 and answer.text.split("\n")[1] == str(size)

    await until(covers)
    answer = await ledger.http.get("/v1/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return independent.check_checkpoint(answer.content, ORIGIN, keys)


async def test_tiles_are_given_out_as_far_as_the_tree_is_sealed(migrated: str, bus: str) -> None:
    await seal(migrated, bus, await fill(migrated, 600))
    await fill(migrated, 100)
    async with connection(migrated) as owner:
        leaves = [row[0] for row in await owner.fetch("SELECT leaf FROM ledger.event ORDER BY position")]
    async with ledgers.ledger(migrated, bus) as ledger:
        for path, expected in [
            ("0/000", leaves[:256]),
            ("0/001", leaves[256:512]),
            ("0/002.p/88", leaves[512:600]),
            ("0/002.p/7", leaves[512:519]),
            ("1/000.p/2", [independent.root_over(leaves[:256]), independent.root_over(leaves[256:512])]),
        ]:
            answer = await ledger.http.get(f"/v1/tile/{path}")
            assert (answer.status_code, answer.content) == (200, b"".join(expected)), path
            assert "immutable" in answer.headers["cache-control"]
        for path in ("0/002", "0/002.p/89", "1/000.p/3", "2/000.p/1", "0/003.p/1", "0/0", "entries/000", "x"):
            assert (await ledger.http.get(f"/v1/tile/{path}")).status_code == 404, path
        for path in (
            "inclusion?position=601",
            "inclusion?position=1&size=601",
            "consistency?from=1&to=601",
            "consistency?from=601",
        ):
            assert (await ledger.http.get(f"/v1/proof/{path}")).status_code == 404, path
        for path in ("inclusion?position=0", "inclusion", "consistency?from=-1", "consistency"):
            assert (await ledger.http.get(f"/v1/proof/{path}")).status_code == 400, path
        assert (await ledger.http.get("/v1/key")).status_code == 404


async def test_a_long_backlog_is_sealed_in_several_checkpoints(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "AT_ONCE", 700)
    monkeypatch.setattr(sealer_module, "STRIDE", 60)
    await seal(migrated, bus, await fill(migrated, 3_000))
    assert await check(migrated) == [700, 1_400, 2_100, 2_800, 3_000]


class Killed(Exception):
    """The process ended here."""


STEPS = ("unsealed", "sign", "grow", "publish")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_sealer_that_dies_between_any_two_steps_leaves_a_consistent_tree(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    await seal(migrated, bus, await fill(migrated, 250))
    head = await fill(migrated, 10)
    async with sealing(migrated, bus) as one:
        with monkeypatch.context() as patched:
            owner: Any = {"sign": Keyring, "publish": type(one.announcements)}.get(step, type(one.tree))
            patched.setattr(owner, step, dying(getattr(owner, step), when))
            one.commits.head.advance(head)
            with pytest.raises(Killed):
                await one.sealer.run()
    grown = (step, when) == ("grow", "after") or step == "publish"
    assert await check(migrated) == ([250, 260] if grown else [250])
    head = await fill(migrated, 300)
    await seal(migrated, bus, head)
    assert await check(migrated) == ([250, 260, 560] if grown else [250, 560])


def dying(step: Any, when: str) -> Any:
    async def dies(*arguments: Any) -> None:
        if when == "after":
            await step(*arguments)
        raise Killed

    return dies


async def test_what_a_dead_sealer_did_not_announce_is_announced_by_the_next(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await fill(migrated, 3)
    async with sealing(migrated, bus) as one:
        with monkeypatch.context() as patched:
            patched.setattr(type(one.announcements), "publish", dying(None, "before"))
            one.commits.head.advance(head)
            with pytest.raises(Killed):
                await one.sealer.run()
    await seal(migrated, bus, head)
    assert await check(migrated) == [3]


async def test_checkpoints_that_nats_missed_are_all_announced_once_it_is_back(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sealing(migrated, bus) as one, running(one):
        with monkeypatch.context() as patched:
            patched.setattr(type(one.announcements), "publish", away)
            for more in (3, 2):
                head = await fill(migrated, more)
                one.commits.head.advance(head)
                await one.sealer.sealed.wait_for(head, timeout=20)
        await until(lambda: announced(bus, 5))
        notes = [each.data async for each in one.announcements.every()]
    assert [independent.check_checkpoint(each, ORIGIN, seals.KEYS)[0] for each in notes] == [3, 5]


async def away(*_arguments: Any) -> None:
    raise TimeoutError


async def test_an_answer_that_was_lost_is_looked_up_not_repeated(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await fill(migrated, 5)
    async with sealing(migrated, bus) as one:
        grow, lost = type(one.tree).grow, list[bool]()

        async def grow_and_lose(*arguments: Any) -> None:
            await grow(*arguments)
            if not lost:
                lost.append(True)
                raise ConnectionResetError

        monkeypatch.setattr(type(one.tree), "grow", grow_and_lose)
        async with running(one):
            one.commits.head.advance(head)
            await one.sealer.sealed.wait_for(head, timeout=20)
    assert await check(migrated) == [5]


async def test_of_two_sealers_that_both_believe_they_lead_one_is_refused(migrated: str, bus: str) -> None:
    for count in (200, 56, 3):  # into a new tile, filling it, into the next
        await fill(migrated, count)
        async with sealing(migrated, bus) as one, sealing(migrated, bus) as other:
            pair = [await prepared(one, ask=count), await prepared(other, ask=count - 1 or 1)]
            found = await asyncio.gather(*pair, return_exceptions=True)
        assert sorted(isinstance(each, SEALED_MEANWHILE) for each in found) == [False, True]
        await check(migrated)


async def test_the_tree_does_not_grow_beyond_the_ledger(migrated: str, bus: str) -> None:
    await fill(migrated, 2)
    async with sealing(migrated, bus) as one:
        edge = await one.tree.frontier(0)
        grown = edge.extend([bytes(32)] * 3)
        with pytest.raises(SEALED_MEANWHILE):
            await one.tree.grow(
                0, TreeHead(ORIGIN, 3, edge.root()), "", SystemClock().now(), growths(0, grown)
            )
    assert await check(migrated) == []


async def test_one_seals_and_the_other_takes_over(migrated: str, bus: str) -> None:
    async with sealing(migrated, bus) as other:
        async with sealing(migrated, bus) as one, running(one):
            await until(lambda: "has sealed" in one.sealer.health.detail)
            async with asyncio.TaskGroup() as group:
                standby = group.create_task(other.sealer.run())
                head = await fill(migrated, 4)
                one.commits.head.advance(head)
                await one.sealer.sealed.wait_for(head, timeout=20)
                assert other.sealer.health.detail == "another process seals; standing by"
                standby.cancel()
        async with running(other):
            head = await fill(migrated, 4)
            other.commits.head.advance(head)
            await other.sealer.sealed.wait_for(head, timeout=20)
    assert await check(migrated) == [4, 8]
