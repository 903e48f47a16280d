"""The load driver: posts to one URL over many keep-alive connections, the same for both sides of a ratio.

Its jobs are `posts`, `bulk` and `alerts`, by the arguments of these functions.
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
ALERTS_A_REQUEST = 500
ALERT_CONNECTIONS = 2
CREATED = 201


def posts(**job: Any) -> dict[str, Any]:
    """See `_posts`."""
    return uvloop.run(_posts(**job))


def bulk(**job: Any) -> dict[str, Any]:
    """See `_bulk`."""
    return uvloop.run(_bulk(**job))


def alerts(**job: Any) -> dict[str, Any]:
    """See `_alerts`."""
    return uvloop.run(_alerts(**job))


async def _posts(
    *, url: str, connections: int, size: int, seconds: float, label: str, words: int | None = None
) -> dict[str, Any]:
    """Post `size` events to one case a request, each connection as fast as it is answered."""
    wires = [await Connection.open(url) for _ in range(connections)]
    begin = monotonic() + WARM_UP
    end = begin + seconds
    outcomes: Counter[int] = Counter()

    async def post(number: int, wire: Connection) -> None:
        for body in _requests(label, number, size, words):
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
    bodies = [_lines(label, number, size, cases) for number in range(connections)]
    return await _all(url, bodies, requests, size)


async def _alerts(*, url: str, alerts: int, label: str) -> dict[str, Any]:
    """Raise `alerts` alerts, each on a case of its own, `ALERTS_A_REQUEST` a request."""
    bodies = [_alert_lines(label, number) for number in range(ALERT_CONNECTIONS)]
    return await _all(url, bodies, alerts // ALERTS_A_REQUEST, ALERTS_A_REQUEST)


async def _all(url: str, bodies: list[Iterator[bytes]], requests: int, size: int) -> dict[str, Any]:
    wires = [await Connection.open(url) for _ in bodies]
    outcomes: Counter[int] = Counter()
    left = iter(range(requests))
    begin = monotonic()

    async def post(wire: Connection, own: Iterator[bytes]) -> None:
        for _ in left:
            answer = await wire.ask(request("POST", "/v1/events", LINES, next(own)))
            outcomes[answer.status] += 1

    await asyncio.gather(*map(post, wires, bodies))
    for wire in wires:
        wire.close()
    return _rate(outcomes, size, monotonic() - begin)


def _requests(label: str, connection: int, size: int, words: int | None) -> Iterator[bytes]:
    for case_id, batch in events.posts(label, connection, size, words=words):
        path = f"/v1/cases/{case_id}/events"
        bodies = ",".join(body for _, body in batch)
        if size == 1:
            yield request("POST", path, SINGLE, bodies.encode())
        else:
            yield request("POST", path, BATCH, f"[{bodies}]".encode())


def _lines(label: str, connection: int, size: int, cases: int) -> Iterator[bytes]:
    batches = events.posts(label, connection, LINES_A_CASE, cases)
    while True:
        lines = []
        for case_id, batch in islice(batches, size // LINES_A_CASE):
            subject = f'{{"subject":"{case_id}",'
            lines += [subject + body[1:] for _, body in batch]
        yield "\n".join(lines).encode()


def _alert_lines(label: str, connection: int) -> Iterator[bytes]:
    alerts = events.alerts(label, connection)
    while True:
        yield "\n".join(islice(alerts, ALERTS_A_REQUEST)).encode()


def _rate(outcomes: Counter[int], size: int, seconds: float) -> dict[str, Any]:
    done = outcomes[CREATED]
    failed = {str(status): times for status, times in outcomes.items() if status != CREATED}
    return {"requests": done, "events": done * size, "seconds": seconds, "failed": failed}


if __name__ == "__main__":
    jobs.serve({"posts": posts, "bulk": bulk, "alerts": alerts})
