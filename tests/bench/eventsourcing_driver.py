"""Save aggregates with `eventsourcing` in threads: run by the Python of the other stores' environment.

Its Postgres recorder as it comes: the table is locked for each append, so that no reader skips an event.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from tests.bench import events, jobs


class Case(Aggregate):  # type: ignore[misc, unused-ignore] # the package is not where types are checked
    """A case that keeps count of its events."""

    def __init__(self) -> None:
        self.count = 0

    @event("EventPosted")  # type: ignore[untyped-decorator, unused-ignore] # as above
    def post(self, kind: str, body: str) -> None:  # noqa: ARG002 -- the event has them, the count does not
        """Take one event."""
        self.count += 1


def append(postgres: dict[str, str], clients: int, seconds: float, label: str) -> dict[str, Any]:
    """Save one event a time from `clients` threads on one application."""
    application = Application(env={"PERSISTENCE_MODULE": "eventsourcing.postgres", **postgres})
    try:
        return jobs.in_threads([_saves(application, label, nth) for nth in range(clients)], 1, seconds)
    finally:
        application.close()


def _saves(application: Any, label: str, number: int) -> Callable[[], None]:
    posts = events.posts(label, number, 1)
    cases = cycle([Case() for _ in range(events.CASES)])

    def save() -> None:
        _, [(kind, body)] = next(posts)
        case = next(cases)
        case.post(kind, body)
        application.save(case)

    return save


if __name__ == "__main__":
    jobs.serve({"append": append})
