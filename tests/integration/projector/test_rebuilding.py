"""The next generation is built beside the live one, and nobody who asks meanwhile can tell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from services.domain.access import stream_of
from services.projector import generations
from services.projector import rebuild as rebuilding
from services.projector.rebuild import RebuildUnderway, rebuild
from services.runtime.leadership import lock_key
from tests.integration.projector.ground import Asked, Ground
from tests.support.casework import (
    bypassed,
    contact,
    event,
    not_told,
    plan,
    raised,
    resolved,
    responded,
    strategy,
    told,
    voided,
)

CASES = [f"case-{n:02d}" for n in range(12)]


def unheard(_done: int, _whole: int) -> None:
    """Be a progress that nobody watches."""


async def build(stage: Ground) -> int:
    """Rebuild as the service's role; the new generation's number."""
    return (await rebuild(stage.settings().database_url, stage.ledger_url, unheard)).number


async def fill(stage: Ground) -> int:
    """A little of everything, several cases at a time, one of them parked."""
    for case_id in CASES:
        await stage.post(case_id, contact().saying(id=f"{case_id}-contact"), raised())
    await stage.inject(CASES[3], "PlanForeseen")
    await stage.post("case-closed", contact(), event("CaseClosed", closed_on="2017-03-02", reason="RC8"))
    await stage.post(CASES[9], event("CaseAllocated", worker="worker:3", team="CARE_TEAM"))
    broken = event("BreakGlassUsed", purpose="CHILD_AT_RISK", reason="She rang.").saying(actor="iro:17")
    await stage.post(CASES[9], event("CaseRestricted", reason="ADOPTION"), broken)
    await stage.inject(stream_of(CASES[9]), "RecordViewed", {"case_id": CASES[9], "purpose": "SUPERVISION"})
    for case_id in CASES[4:8]:
        await stage.post(case_id, not_told("m"), bypassed("HEAD_OF_SERVICE"), told("m", rung="TEAM_MANAGER"))
        await stage.post(case_id, voided(f"{case_id}-contact"), responded("manager:2", "HEAD_OF_SERVICE"))
    await stage.ledger.append(
        "office", {"type": "RungHolderAppointed", "data": {"rung": "IRO", "holder": "iro:17"}}
    )
    return await stage.post(CASES[0], strategy(), plan(), resolved(), raised("alert-2"))


async def test_what_was_projected_live_equals_what_is_rebuilt(stage: Ground, projector: Asked) -> None:
    await projector.until(await fill(stage))
    live = await stage.rows()

    number = await build(stage)

    assert number == 2
    assert await stage.rows() == live
    assert [table for table, rows in live.items() if not rows] == []


async def test_a_rebuild_mends_rows_that_were_damaged_and_drops_the_old_ones(
    stage: Ground, projector: Asked
) -> None:
    await projector.until(await fill(stage))
    whole = await stage.rows()
    await stage.execute("DELETE FROM projector.timeline; UPDATE projector.alert SET state = 'RESOLVED'")

    await build(stage)

    assert await stage.rows() == whole
    assert await stage.fetch("SELECT number FROM projector.generation") == [(2,)]
    assert await stage.fetch("SELECT DISTINCT generation FROM projector.history") == [(2,)]


async def test_read_models_that_are_ahead_of_a_ledger_that_was_put_back_are_rebuilt_to_its_end(
    stage: Ground,
) -> None:
    async with stage.projector() as projector:
        position = await fill(stage)
        await projector.until(position)
    far = rebuilding.CATCHING_UP + 1
    await stage.execute(f"UPDATE projector.generation SET position = position + {far}")

    async with asyncio.timeout(60):
        await build(stage)

    assert await stage.fetch("SELECT number, position FROM projector.generation") == [(2, position)]
    async with stage.projector() as projector:
        await projector.until(await stage.post(CASES[1], plan()))


async def test_the_projector_goes_on_in_the_new_generation(stage: Ground, projector: Asked) -> None:
    await projector.until(await fill(stage))
    await build(stage)

    await projector.until(await stage.post(CASES[1], plan()))
    live = await stage.rows()
    await build(stage)

    assert await stage.rows() == live
    assert (await projector.get("/v1/lag"))["generation"] == 3


async def test_nobody_gets_a_missing_or_a_mixed_answer_while_it_is_rebuilt(
    stage: Ground, projector: Asked
) -> None:
    await projector.until(await fill(stage))
    await stage.execute("UPDATE projector.case_status SET voided_events = 99")  # so that generations differ
    generations_seen = set()

    async def ask_for_cases() -> None:
        answer = await projector.get("/v1/cases", limit=len(CASES))
        shown = {case["voided_events"] == 99 for case in answer["items"]}
        assert [case["case_id"] for case in answer["items"]] == CASES
        assert len(shown) == 1, "an answer of two generations"
        generations_seen.update(shown)

    async def ask_for_one() -> None:
        alert = await projector.get("/v1/alerts/alert-2")
        timeline = await projector.get(f"/v1/cases/{CASES[0]}/timeline")
        assert alert["case_id"] == CASES[0]
        assert len(timeline["items"]) == 6

    async with (
        asked_without_pause(ask_for_cases),
        asked_without_pause(ask_for_one),
        appended_without_pause(stage),
    ):
        await build(stage)
        await build(stage)

    assert generations_seen == {True, False}


async def test_while_events_are_appended_the_switch_skips_none(stage: Ground, projector: Asked) -> None:
    await fill(stage)
    async with appended_without_pause(stage):
        await build(stage)
        await build(stage)
    await projector.until(await stage.post(CASES[1], plan()))
    live = await stage.rows()

    await build(stage)

    assert await stage.rows() == live
    positions = sorted(row[0] for row in live["history"])
    assert positions == list(range(1, len(positions) + 1))


@pytest.mark.parametrize("taken", ["before", "after"])
async def test_a_switch_that_runs_out_of_time_is_looked_up_and_not_repeated_blindly(
    stage: Ground, projector: Asked, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    held, faults = generations.held, 1

    @asynccontextmanager
    async def run_out_of_time(*arguments: Any) -> AsyncIterator[generations.Generation]:
        nonlocal faults
        faulty, faults = faults, 0
        if faulty and taken == "before":
            raise TimeoutError
        async with held(*arguments) as live:
            yield live
        if faulty:
            raise TimeoutError

    monkeypatch.setattr(generations, "held", run_out_of_time)
    await projector.until(await fill(stage))

    assert await build(stage) == 2
    assert await stage.fetch("SELECT number, state FROM projector.generation") == [(2, "LIVE")]


async def test_the_lead_of_the_live_generation_is_taken_in_while_it_is_held(
    stage: Ground, projector: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, lead = generations.held, 3

    @asynccontextmanager
    async def append_first(*arguments: Any) -> AsyncIterator[generations.Generation]:
        await projector.until(await stage.post(CASES[1], *(contact(f"late-{n}") for n in range(lead))))
        async with held(*arguments) as live:
            yield live

    await projector.until(await fill(stage))
    monkeypatch.setattr(generations, "held", append_first)
    await build(stage)

    assert (await projector.get(f"/v1/cases/{CASES[1]}"))["version"] == 2 + lead


async def test_without_any_projector_a_rebuild_fills_the_read_models(stage: Ground) -> None:
    position = await fill(stage)

    await build(stage)

    assert await stage.fetch("SELECT state, position FROM projector.generation") == [("LIVE", position)]


async def test_an_empty_ledger_is_rebuilt_too(stage: Ground) -> None:
    assert await build(stage) == 2


async def test_histories_longer_than_a_lot_are_computed_whole(
    stage: Ground, projector: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "IN_BULK", 2)
    monkeypatch.setattr(rebuilding, "CATCHING_UP", 1)
    await projector.until(await fill(stage))
    live = await stage.rows()

    await build(stage)

    assert await stage.rows() == live


async def test_one_rebuild_at_a_time(stage: Ground) -> None:
    other = await asyncpg.connect(stage.database.url)
    try:
        await other.execute("SELECT pg_advisory_lock($1)", lock_key(rebuilding.LOCK))
        with pytest.raises(RebuildUnderway, match="let it finish"):
            await build(stage)
    finally:
        await other.close()


async def test_a_rebuild_that_ends_early_changes_nothing_and_is_swept_up_by_the_next(
    stage: Ground, projector: Asked
) -> None:
    await projector.until(await fill(stage))
    live = await stage.rows()

    def interrupt(_done: int, _whole: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(stage.settings().database_url, stage.ledger_url, interrupt)
    assert await stage.rows() == live
    assert (await projector.get("/v1/lag"))["generation"] == 1

    await build(stage)
    assert await stage.rows() == live
    assert await stage.fetch("SELECT number, state FROM projector.generation") == [(3, "LIVE")]


async def test_progress_grows_to_the_whole(stage: Ground) -> None:
    position = await fill(stage)
    heard: list[tuple[int, int]] = []

    await rebuild(stage.settings().database_url, stage.ledger_url, lambda *said: heard.append(said))

    assert heard == sorted(heard)
    assert heard[-1] == (position, position)


@asynccontextmanager
async def asked_without_pause(ask: Any) -> AsyncIterator[None]:
    """Ask again and again while the body runs; a question that fails fails the test."""
    over = asyncio.Event()

    async def keep_asking() -> None:
        while not over.is_set():
            await ask()

    async with asyncio.TaskGroup() as group:
        group.create_task(keep_asking())
        yield
        over.set()


@asynccontextmanager
async def appended_without_pause(stage: Ground) -> AsyncIterator[None]:
    """Append to further cases, ten events each, while the body runs."""
    numbers = iter(range(1_000_000))

    async def append() -> None:
        number = next(numbers)
        await stage.post(f"more-{number // 10}", contact(f"contact-{number}"))

    async with asked_without_pause(append):
        yield
