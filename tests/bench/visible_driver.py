"""The driver that posts at a steady rate and waits for each event to be visible in the read model.

The arrivals do not wait for the answers: one that is late delays no other, and is counted from the instant
at which its event was due to be posted.
"""

import asyncio
import json
from time import monotonic
from typing import Any

import uvloop

from tests.bench import events, jobs
from tests.bench.load import CREATED, SINGLE
from tests.bench.wire import Connection, request

CONNECTIONS = 64
"""To each service; an arrival that finds none free waits for one, and its wait counts."""
OK = 200


def visible(**job: Any) -> dict[str, Any]:
    """See `_visible`."""
    return uvloop.run(_visible(**job))


async def _visible(ledger: str, projector: str, rate: int, seconds: float, label: str) -> dict[str, Any]:
    """Post `rate` events a second; gives each one's milliseconds until its case was read with it."""
    posting, reading = await _pool(ledger), await _pool(projector)
    posts = events.posts(label, 0, 1, cases=2_000)
    waits: list[float] = []

    async def follow(due: float) -> None:
        case_id, [(_, body)] = next(posts)
        appended = await _ask(
            posting, request("POST", f"/v1/cases/{case_id}/events", SINGLE, body.encode()), CREATED
        )
        position = json.loads(appended)["receipts"][0]["position"]
        await _ask(reading, request("GET", f"/v1/cases/{case_id}?wait_for={position}"), OK)
        waits.append((monotonic() - due) * 1000)

    begin = monotonic()
    async with asyncio.TaskGroup() as group:
        for nth in range(int(rate * seconds)):
            due = begin + nth / rate
            await asyncio.sleep(max(0.0, due - monotonic()))
            group.create_task(follow(due))
    return {"milliseconds": waits}


async def _pool(url: str) -> "asyncio.Queue[Connection]":
    pool: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        pool.put_nowait(await Connection.open(url))
    return pool


async def _ask(pool: "asyncio.Queue[Connection]", what: bytes, expected: int) -> bytes:
    connection = await pool.get()
    answer = await connection.ask(what)
    pool.put_nowait(connection)
    if answer.status != expected:
        raise RuntimeError(f"Answered {answer.status}: {answer.body[:300]!r}")
    return answer.body


if __name__ == "__main__":
    jobs.serve({"visible": visible})
