"""The sweep's work grows with the alerts that are due, never with those that are open."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from services.notifier import sweep
from services.runtime.migrations import migrate
from services.runtime.postgres import load_sql
from tests.integration.notifier.rehearsal import Notifier, Rehearsal
from tests.support.backing import Database
from tests.support.casework import IRIS, event, instant

OPEN = 20_000
DUE = 40
NOW = instant("2017-10-10T00:00:00Z")

FILL = """
    INSERT INTO notifier.window (case_id, alert_id, state, rung, due_on, next_at)
    SELECT 'case-' || n, 'alert', 'AT_TEAM_MANAGER', 'TEAM_MANAGER', '2017-10-20',
           '2017-10-18T08:00:00Z'::timestamptz + n * interval '1 second'
    FROM generate_series(1, $1::integer) n
"""
MAKE_DUE = """
    UPDATE notifier.window SET next_at = '2017-10-09T23:00:00Z'
    WHERE case_id IN (SELECT 'case-' || n * 400 FROM generate_series(1, $1::integer) n)
"""


@pytest_asyncio.fixture
async def crowd(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Many open alerts, of which few are due; nothing was analyzed yet."""
    await migrate(database.url, "notifier", "services.notifier.migrations")
    connection = await asyncpg.connect(database.as_role("caseledger_notifier"))
    await connection.execute(FILL, OPEN)
    await connection.execute(MAKE_DUE, DUE)
    yield connection
    await connection.close()


async def test_looking_for_what_is_due_touches_no_row_that_is_not(crowd: asyncpg.Connection) -> None:
    assert await _touched(crowd, "claim_windows", NOW, 200) <= DUE


async def test_asking_when_something_is_next_due_touches_a_row_of_each_kind(
    crowd: asyncpg.Connection,
) -> None:
    assert await _touched(crowd, "next_window") <= 1
    assert await _touched(crowd, "next_due") <= 2  # the alert, and the row of the mornings


async def test_an_alert_that_is_closed_is_found_by_no_sweep(crowd: asyncpg.Connection) -> None:
    await crowd.execute("UPDATE notifier.window SET is_open = false, next_at = NULL")
    assert await _touched(crowd, "claim_windows", NOW, 200) == 0


async def test_each_of_many_alerts_that_are_due_at_one_midnight_climbs_once(
    office: Rehearsal, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST", 25)
    data = {"alert_id": "alert", "issue_code": "HEALTH", "raised_by": IRIS}
    raising = event("PracticeAlertRaised", **data)
    events = [(f"case-{nth}", {"type": raising.type, "data": raising.data}) for nth in range(120)]
    await office.ledger.append_many(events)
    await office.move(notifier, "2017-10-09T22:59:59Z")
    await office.move(notifier, "2017-10-09T23:00:00Z")
    counted = await office.fetch(
        "SELECT case_id, count(*) AS climbs FROM ledger.event WHERE type LIKE 'EscalatedTo%' GROUP BY case_id"
    )
    assert [row["climbs"] for row in counted] == [1] * 120
    assert len(office.inbox.arrived()) == 120 * 3


async def _touched(connection: asyncpg.Connection, statement: str, *binds: datetime | int) -> int:
    """How many rows the scans of a statement read, those thrown away included."""
    sql = load_sql("services.notifier.sql")[statement]
    async with connection.transaction():
        await connection.execute(load_sql("services.notifier.sql")["by_index"])
        found = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *binds)
    return sum(_rows(json.loads(found)[0]["Plan"]))


def _rows(plan: dict[str, Any]) -> list[int]:
    read = [int(plan["Actual Rows"]) + int(plan.get("Rows Removed by Filter", 0))]
    below = [count for part in plan.get("Plans", []) for count in _rows(part)]
    return (read if "Scan" in plan["Node Type"] else []) + below
