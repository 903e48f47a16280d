"""The load driver: posts to one URL over many keep-alive connections, the same for both sides of a ratio.

Its jobs are `posts` and `bulk`, by the arguments of these functions.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from time import monotonic
from typing import Any

import uvloop

from tests.bench import events, jobs
from tests.bench.jobs import WARM_UP
from tests.bench.wire import Connection, request

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"

LINES_A_CASE = 5
CREATED = 201


def posts(**job: Any) -> dict[str, Any]:
    """See `_posts`."""
    return uvloop.run(_posts(**job))


def bulk(**job: Any) -> dict[str, Any]:
    """See `_bulk`."""
    return uvloop.run(_bulk(**job))


async def _posts(url: str, connections: int, size: int, seconds: float, label: str) -> dict[str, Any]:
    """Post `size` events to one case a request, each connection as fast as it is answered."""
    wires = [await Connection.open(url) for _ in range(connections)]
    begin = monotonic() + WARM_UP
    end = begin + seconds
    outcomes: Counter[int] = Counter()

    async def post(number: int, wire: Connection) -> None:
        for body in _requests(label, number, size):
            answer = await wire.ask(body)
            now = monotonic()
            if now >= end:
                return
            if now >= begin:
                outcomes[answer.status] += 1

    await asyncio.gather(*(post(number, wire) for number, wire in enumerate(wires)))
    for wire in wires:
        wire.close()
    return _rate(outcomes, size, seconds)


async def _bulk(
    *, url: str, connections: int, size: int, requests: int, cases: int, label: str
) -> dict[str, Any]:
    """Post `requests` requests of `size` lines of NDJSON over many cases, as fast as they are answered.

    Each connection comes back to each of its `cases` again and again, with a few events.
    """
    wires = [await Connection.open(url) for _ in range(connections)]
    outcomes: Counter[int] = Counter()
    left = iter(range(requests))
    begin = monotonic()

    async def post(number: int, wire: Connection) -> None:
        bodies = _line_requests(label, number, size, cases)
        for _ in left:
            answer = await wire.ask(next(bodies))
            outcomes[answer.status] += 1

    await asyncio.gather(*(post(number, wire) for number, wire in enumerate(wires)))
    for wire in wires:
        wire.close()
    return _rate(outcomes, size, monotonic() - begin)


def _requests(label: str, connection: int, size: int) -> Iterator[bytes]:
    for case_id, batch in events.posts(label, connection, size):
        path = f"/v1/cases/{case_id}/events"
        bodies = ",".join(body for _, body in batch)
        if size == 1:
            yield request("POST", path, SINGLE, bodies.encode())
        else:
            yield request("POST", path, BATCH, f"[{bodies}]".encode())


def _line_requests(label: str, connection: int, size: int, cases: int) -> Iterator[bytes]:
    batches = events.posts(label, connection, LINES_A_CASE, cases)
    while True:
        lines = []
        for case_id, batch in islice(batches, size // LINES_A_CASE):
            subject = f'{{"subject":"{case_id}",'
            lines += [subject + body[1:] for _, body in batch]
        yield request("POST", "/v1/events", LINES, "\n".join(lines).encode())


def _rate(outcomes: Counter[int], size: int, seconds: float) -> dict[str, Any]:
    done = outcomes[CREATED]
    failed = {str(status): times for status, times in outcomes.items() if status != CREATED}
    return {"requests": done, "events": done * size, "seconds": seconds, "failed": failed}


if __name__ == "__main__":
    jobs.serve({"posts": posts, "bulk": bulk})
