"""Row 13: what it costs to seal what is personal: contacts with 400 characters of it, against none."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from tests.bench import ground
from tests.bench.drivers import Driver
from tests.bench.duel import alternate
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 13
CLIENTS = 32
WORDS = 400


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line; the first post of a case makes its key."""
    async with ground.ledger(path / "ledger") as ledger, Driver("load") as driver:
        # Twice the rounds, half as long: what else the machine does falls on both sides alike.
        ours, theirs = (
            partial(ledger.posts, driver, clients=CLIENTS, size=1, seconds=scale.seconds / 2, words=words)
            for words in (WORDS, 0)
        )
        duel = await alternate(ours, theirs, scale.rounds * 2)
    yield Line(
        row=ROW,
        what=f"posts of 1 event, {CLIENTS} clients, with personal fields",
        value=duel.ratio,
        spread=duel.spread,
        ours=Side(f"{WORDS} characters sealed", duel.our_rate, "posts/s"),
        theirs=Side("nothing personal", duel.their_rate, "posts/s"),
        note="a new case, which needs a new key, with every few posts",
    )
