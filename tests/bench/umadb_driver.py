"""Append to UmaDB with its own client, in threads: run by the Python of the other stores' environment.

Each append brings the ids of its events and the condition that nobody else has written to the case since:
what a post to the ledger is checked for, too.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from umadb import AppendCondition, Client, Event, Query, QueryItem

from tests.bench import events, jobs


def append(url: str, clients: int, size: int, seconds: float, label: str) -> dict[str, Any]:
    """Append `size` events to one case at a time, from `clients` threads on one client."""
    client = Client(url)
    return jobs.in_threads([_appends(client, label, nth, size) for nth in range(clients)], size, seconds)


def _appends(client: Any, label: str, number: int, size: int) -> Callable[[], None]:
    last: dict[str, int] = {}
    posts = events.posts(label, number, size)

    def append() -> None:
        case_id, batch = next(posts)
        unmoved = AppendCondition(Query([QueryItem(tags=[case_id])]), last.get(case_id, 0))
        new = [Event(kind, body.encode(), [case_id], uuid4()) for kind, body in batch]
        last[case_id] = client.append(new, unmoved)

    return append


if __name__ == "__main__":
    jobs.serve({"append": append})
