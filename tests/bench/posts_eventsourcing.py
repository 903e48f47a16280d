"""Row 3: single-event posts, against `eventsourcing` on the same Postgres in its safe mode."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from services.stack import databases
from services.stack.passwords import OWNER
from services.stack.ports import LOOPBACK
from tests.bench import ground, rivals
from tests.bench.drivers import Driver
from tests.bench.duel import alternate
from tests.bench.report import Line, Side
from tests.bench.rivals import NotMeasured
from tests.bench.scale import Scale

ROW = 3
AT_LEAST = 10.0
CLIENTS = 32
DATABASE = "eventsourcing"


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line."""
    what = f"posts of 1 event, {CLIENTS} clients"
    try:
        python = str(await rivals.python())
    except NotMeasured as error:
        yield Line(row=ROW, what=what, at_least=AT_LEAST, note=f"eventsourcing {error}")
        return
    async with (
        ground.ledger(path) as ledger,
        Driver("load") as driver,
        Driver("eventsourcing_driver", python=python) as their_driver,
    ):
        await databases.create_if_missing(ledger.postgres.url, DATABASE)
        where = {
            "POSTGRES_HOST": LOOPBACK,
            "POSTGRES_PORT": str(ledger.postgres.port),
            "POSTGRES_USER": OWNER,
            "POSTGRES_PASSWORD": "",
            "POSTGRES_DBNAME": DATABASE,
        }
        ours = partial(ledger.posts, driver, clients=CLIENTS, size=1, seconds=scale.seconds)
        job = {"postgres": where, "clients": CLIENTS, "seconds": scale.seconds}
        duel = await alternate(ours, partial(their_driver.events_per_second, "append", **job), scale.rounds)
    yield Line(
        row=ROW,
        what=what,
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("ledger", duel.our_rate, "events/s"),
        theirs=Side("eventsourcing 9.5, same Postgres", duel.their_rate, "events/s"),
    )
