"""What one commit recorded is judged as a whole, wherever the stream was cut on its way to the notifier."""

from collections.abc import Awaitable, Callable

import asyncpg

from services.domain.calendar import england_and_wales
from services.notifier import intake
from services.notifier.store import Store
from services.notifier.sweep import Sweep
from services.runtime.client import Head, LedgerClient, position_of
from services.runtime.clock import clock_from
from services.runtime.moment import Watermark
from services.runtime.postgres import load_sql
from tests.integration.notifier.rehearsal import OPENING, Rehearsal
from tests.support.casework import CASE, contact, instant, raised, resolved


class _Earlier(LedgerClient):
    """A ledger whose answer about its head is old by the time it is read: more was consumed meanwhile."""

    def __init__(self, head: Head, consume: Callable[[], Awaitable[None]]) -> None:
        super().__init__("http://127.0.0.1:1", source="/test")
        self._head = head
        self._consume = consume

    async def head(self) -> Head:
        await self._consume()
        return self._head


async def test_an_alert_is_not_judged_before_all_that_was_recorded_with_it_has_come(
    office: Rehearsal,
) -> None:
    """Its resolution, of the same commit, is still on its way; the head was asked for before that commit."""
    head = await office.ledger.head()
    given = [raised(), contact(), resolved()]
    await office.ledger.append_many([(CASE, {"type": each.type, "data": each.data}) for each in given])
    documents = [(position_of(each), each) async for each in office.ledger.events_after(0)]
    pool = await asyncpg.create_pool(office.settings().database_url, min_size=1, max_size=2)
    try:
        store = Store(pool, load_sql("services.notifier.sql"))
        raising = head.position + 1
        await store.take(intake.read(documents[: head.position]), 0, head.position)
        consumed = Watermark(head.position)

        async def consume() -> None:
            await store.take(intake.read(documents[head.position : raising]), head.position, raising)
            consumed.advance(raising)

        sweep = Sweep(
            store,
            _Earlier(head, consume),
            clock_from(OPENING, environment="development"),
            england_and_wales(),
            consumed,
        )
        assert await sweep.round() == 1
        assert await pool.fetchval("SELECT count(*) FROM notifier.delivery") == 0
        assert await sweep.next_at() == instant(OPENING)  # it stays due
    finally:
        await pool.close()
