"""Documents come in, rows and checkpoint go out together, whoever projects and whatever dies meanwhile."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.projector import consumer, generations
from services.projector import reader as readers
from services.projector.views import VIEWS, timeline
from services.projector.views.history import History
from services.stack.ports import free_port
from services.stack.service import PROJECTOR
from tests.integration.projector.ground import Asked, Ground
from tests.support.casework import Post, bypassed, contact, plan, raised, responded, strategy
from tests.support.nursery import nursery
from tests.support.until import until
from tests.support.usurper import usurped

STORY: list[tuple[str, Post]] = [
    ("case-1", contact()),
    ("case-2", raised()),
    ("case-1", strategy()),
    ("case-2", bypassed("HEAD_OF_SERVICE")),
    ("case-2", responded("manager:2", "HEAD_OF_SERVICE")),
    ("case-3", plan()),
]


async def tell_story(stage: Ground) -> int:
    return max([await stage.post(case_id, post) for case_id, post in STORY])


async def test_what_was_recorded_before_the_projector_started_is_projected(stage: Ground) -> None:
    position = await tell_story(stage)

    async with stage.projector() as projector:
        await projector.until(position)
        cases = await projector.items("/v1/cases")

    assert [case["case_id"] for case in cases] == ["case-1", "case-2", "case-3"]
    assert len((await stage.rows())["history"]) == position


async def test_a_projector_that_comes_back_goes_on_at_its_checkpoint(stage: Ground) -> None:
    async with stage.projector() as projector:
        await projector.until(await stage.post("case-1", contact()))
    position = await stage.post("case-1", plan())

    async with stage.projector() as projector:
        await projector.until(position)
        case = await projector.get("/v1/cases/case-1")

    assert case["version"] == 2


async def test_an_unknown_event_parks_its_case_and_no_other(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", contact())
    poison = await stage.inject("case-1", "PlanForeseen")
    position = await stage.post("case-2", contact())
    await projector.until(position)

    known = await projector.get("/v1/cases/case-1")
    lag = await projector.get("/v1/lag")
    ready = await projector.get("/readyz")

    assert (known["version"], known["parked"]) == (1, True)
    assert (await projector.get("/v1/cases/case-2"))["parked"] is False
    assert [(each["case_id"], each["position"]) for each in lag["parked"]] == [("case-1", poison)]
    assert "PlanForeseen" in lag["parked"][0]["error"]
    assert ready["ready"] is True
    assert "degraded: 1 parked (case-1" in ready["checks"]["parked"]["detail"]


async def test_a_case_that_begins_with_an_unknown_event_is_not_called_missing(
    stage: Ground, projector: Asked
) -> None:
    await projector.until(await stage.inject("case-1", "PlanForeseen"))

    answer = await projector.answer("/v1/cases/case-1")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:caseledger:problem:case-parked"
    assert (await projector.get("/v1/cases/case-1/timeline"))["items"] == []


async def test_a_parked_case_is_computed_again_when_a_projector_starts(
    stage: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(history: History) -> Sequence[Any]:
        if history[0].stream == "case-1":
            raise ZeroDivisionError
        return timeline.view(history)

    older = tuple(view._replace(rows=stumble) if view.table == "timeline" else view for view in VIEWS)
    with monkeypatch.context() as patch:
        patch.setattr("services.projector.computation.VIEWS", older)
        async with stage.projector() as projector:
            await stage.post("case-1", contact())
            position = await stage.post("case-2", contact())
            await projector.until(position)
            assert [each["case_id"] for each in (await projector.get("/v1/lag"))["parked"]] == ["case-1"]

    async with stage.projector() as projector:
        position = await stage.post("case-2", plan())
        await projector.until(position)

        assert (await projector.get("/v1/lag"))["parked"] == []
        assert (await projector.get("/v1/cases/case-1"))["version"] == 1


async def test_a_query_waits_for_the_position_that_it_asks_for(stage: Ground, projector: Asked) -> None:
    position = await stage.post("case-1", contact())
    asked = asyncio.create_task(projector.get("/v1/cases/case-1", wait_for=position + 1))

    await stage.post("case-1", plan())

    assert (await asked)["version"] == 2


async def test_a_query_that_waited_too_long_says_how_far_the_read_model_has_come(
    stage: Ground, projector: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await stage.post("case-1", contact())
    await projector.until(position)
    monkeypatch.setattr(readers, "PATIENCE", 0.05)

    answer = await projector.answer("/v1/cases", wait_for=position + 1)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["type"] == "urn:caseledger:problem:not-caught-up"
    assert answer.json()["position"] == position


async def test_lag_is_nothing_once_the_head_is_projected(stage: Ground, projector: Asked) -> None:
    position = await tell_story(stage)
    await projector.until(position)

    lag = await projector.get("/v1/lag")

    assert (lag["position"], lag["head"], lag["positions_behind"]) == (position, position, 0)
    assert lag["age_seconds"] == 0


async def test_lag_tells_how_old_the_oldest_unprojected_event_is(
    stage: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise generations.CheckpointMoved

    monkeypatch.setattr(generations, "move", refuse)
    async with stage.projector() as projector:
        await tell_story(stage)
        await projector.http.put("/v1/clock", json={"now": "2017-10-02T09:05:00Z"})
        lag = await projector.get("/v1/lag")
        ready = await projector.answer("/readyz")

    assert (lag["position"], lag["positions_behind"], lag["age_seconds"]) == (0, 6, 300)
    assert ready.status_code == 503
    assert ready.json()["checks"]["lag"]["ok"] is False


async def test_a_ledger_that_was_put_back_behind_the_read_models_makes_them_unready(
    stage: Ground, projector: Asked
) -> None:
    position = await tell_story(stage)
    await projector.until(position)
    await stage.execute("UPDATE projector.generation SET position = position + 3")

    lag = await projector.get("/v1/lag")
    ready = await projector.answer("/readyz")

    assert (lag["position"], lag["head"], lag["positions_behind"]) == (position + 3, position, 0)
    assert ready.json()["checks"]["lag"]["ok"] is False
    assert ready.json()["checks"]["lag"]["detail"].startswith("3 positions ahead of the ledger")


async def test_a_projector_that_lost_the_lead_is_well_again_once_it_stands_by(
    stage: Ground, projector: Asked
) -> None:
    await projector.until(await tell_story(stage))
    async with usurped(stage.database.url, consumer.LOCK, "caseledger projector"):

        async def stands_by() -> bool:
            found = (await projector.answer("/readyz")).json()["checks"]["consumer"]
            return bool(found["ok"]) and found["detail"].startswith("standing by")

        await until(stands_by)


async def test_of_two_projectors_one_projects_both_answer_and_one_is_enough(stage: Ground) -> None:
    async with stage.projector() as second:
        async with stage.projector() as first:
            position = await tell_story(stage)
            await first.until(position)
            await second.until(position)
            assert await first.items("/v1/alerts") == await second.items("/v1/alerts")
        position = await stage.post("case-3", contact())
        await second.until(position)
    async with stage.projector() as third:
        await third.until(await stage.post("case-3", strategy()))
        assert (await third.get("/v1/cases/case-3"))["version"] == 3


async def test_a_crash_between_the_rows_and_the_checkpoint_leaves_neither(
    stage: Ground, projector: Asked
) -> None:
    before = await stage.post("case-1", contact())
    await projector.until(before)
    await stage.execute(
        """
        CREATE SEQUENCE projector.crashes;
        CREATE FUNCTION projector.crash() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            PERFORM nextval('projector.crashes'), pg_terminate_backend(pg_backend_pid());
            RETURN NEW;
        END $$;
        CREATE TRIGGER crash BEFORE UPDATE ON projector.generation
            FOR EACH ROW EXECUTE FUNCTION projector.crash();
        """
    )

    position = await tell_story(stage)
    while await stage.fetch("SELECT FROM projector.crashes WHERE is_called") == []:
        pass
    answer = await projector.answer("/v1/cases/case-2")
    rows = await stage.rows()
    assert answer.status_code == 404
    assert len(rows["history"]) == before
    assert len(rows["timeline"]) == before

    await stage.execute("DROP FUNCTION projector.crash CASCADE")
    await projector.until(position)
    assert len((await stage.rows())["history"]) == position


@pytest.mark.parametrize("taken", ["before", "after"])
async def test_a_fault_around_the_move_of_the_checkpoint_projects_nothing_twice(
    stage: Ground, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    move, faults = generations.move, 2

    async def stumble(*arguments: Any) -> None:
        nonlocal faults
        if faults and taken == "before":
            faults -= 1
            raise ConnectionResetError
        await move(*arguments)
        if faults:
            faults -= 1
            raise ConnectionResetError

    monkeypatch.setattr(generations, "move", stumble)
    async with stage.projector() as projector:
        position = await tell_story(stage)
        await projector.until(position)

    assert faults == 0
    assert [row[0] for row in sorted((await stage.rows())["history"])] == list(range(1, position + 1))


async def test_a_projector_that_is_killed_while_it_projects_loses_and_repeats_nothing(
    stage: Ground, tmp_path: Path
) -> None:
    settings = stage.settings()
    environment = {
        "CASELEDGER_DATABASE_URL": settings.database_url,
        "CASELEDGER_NATS_URL": settings.nats_url,
        "CASELEDGER_LEDGER_URL": settings.ledger_url,
        "CASELEDGER_AUTHENTICATION": "off",
    }
    process = nursery().service(
        PROJECTOR, environment, host="127.0.0.1", port=free_port(), log=tmp_path / "log"
    )
    async with process:
        for number in range(2):
            posting = asyncio.create_task(
                stage.post(f"case-{number}", *(contact(f"contact-{nth}") for nth in range(25)))
            )
            await stage.ledger.append(f"case-{number}", {"type": contact().type, "data": contact().data})
            await process.kill()
            await process.start()
            await posting
    position = (await stage.ledger.head()).position
    async with stage.projector() as projector:
        await projector.until(position)

    rows = await stage.rows()
    assert sorted(row[0] for row in rows["history"]) == list(range(1, position + 1))
    assert len(rows["timeline"]) == position
    assert {row[0] for row in rows["case_status"]} == {f"case-{number}" for number in range(2)}


async def test_the_checkpoint_never_goes_back(stage: Ground, projector: Asked) -> None:
    await projector.until(await stage.post("case-1", contact()))
    connection = await asyncpg.connect(stage.settings().database_url)
    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="cannot go back"):
            await connection.execute("UPDATE projector.generation SET position = 0")
    finally:
        await connection.close()


async def test_a_batch_that_changes_nothing_of_a_row_leaves_it_alone(stage: Ground, projector: Asked) -> None:
    written = "SELECT position, xmin::text FROM projector.timeline ORDER BY position"
    await projector.until(await stage.post("case-1", contact(), plan()))
    before = await stage.fetch(written)

    await projector.until(await stage.post("case-1", strategy()))

    assert (await stage.fetch(written))[:2] == before
