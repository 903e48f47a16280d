"""A sealer killed before, during and after each of its steps leaves checkpoints that agree with all others.

One ledger grows through all of it, a new sealer process at a time. After each death every document, tile and
checkpoint, in the database and on NATS, is checked by the verifier that shares no code.
"""

import signal

import nats

from tests.integration.ledger import mortal_sealer, seals
from tests.integration.ledger.ledgers import connection
from tests.integration.ledger.seals import ORIGIN, fill
from tests.support import independent_verifier as independent
from tests.support.mortals import live, mortals

STREAM = "LEDGER_CHECKPOINTS"


async def test_a_sealer_killed_at_any_step_signs_nothing_that_another_contradicts(
    migrated: str, bus: str
) -> None:
    seen: list[int] = []
    async with mortals(mortal_sealer, migrated, bus) as process:
        await live(process, f"||{await fill(migrated, 250)}", 0)
        for step in mortal_sealer.STEPS:
            for when in ("before", "during", "after"):
                head = await fill(migrated, 3)
                await live(process, f"{step}|{when}|{head}", signal.SIGKILL)
                seen = await check(migrated, bus, seen)
        head = await fill(migrated, 3)
        await live(process, f"||{head}", 0)
    seen = await check(migrated, bus, seen)
    assert seen[-1] == head == (await announced(bus))[-1][0]


async def check(owner_url: str, nats_url: str, seen: list[int]) -> list[int]:
    """Check all that was ever signed; gives the sizes of the checkpoints, of which none has gone."""
    sizes = await seals.check(owner_url)
    assert sizes[: len(seen)] == seen
    async with connection(owner_url) as owner:
        rows = await owner.fetch("SELECT leaf FROM ledger.event ORDER BY position")
    leaves = [row["leaf"] for row in rows]
    for size, root in await announced(nats_url):
        assert size in sizes
        assert root == independent.root_over(leaves[:size])
    return sizes


async def announced(nats_url: str) -> list[tuple[int, bytes]]:
    """Every checkpoint that was published, in order."""
    client = await nats.connect(nats_url)
    try:
        js = client.jetstream()
        state = (await js.stream_info(STREAM)).state
        notes = [(await js.get_msg(STREAM, nth)).data or b"" for nth in range(1, state.last_seq + 1)]
    finally:
        await client.close()
    return [independent.check_checkpoint(note, ORIGIN, seals.KEYS) for note in notes]
