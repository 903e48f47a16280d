"""Verify every time stamp that the ledger keeps: each is over its checkpoint, and by the authority."""

from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from services.evidence import note, timestamp
from services.evidence.errors import EvidenceError
from services.evidence.timestamp import Authority
from services.ledger.verification import Wrong
from services.runtime.postgres import Statements

AT_ONCE: Final = 1_000


class Stamps(NamedTuple):
    """How many checkpoints were found to be time-stamped, and from when to when."""

    number: int
    first: datetime
    last: datetime


async def verify(connection: asyncpg.Connection, statements: Statements, authority: Authority) -> Stamps:
    """Verify all of them; raises `Wrong` at the first that does not hold, and if there are none."""
    number, size, times = 0, 0, list[datetime]()
    while rows := await connection.fetch(statements["time_stamps_to_verify"], size, AT_ONCE):
        for size, reply, signed in rows:
            times = [*times[:1], _checked(size, reply, signed, authority)]
        number += len(rows)
    if not times:
        raise Wrong(0, "missing", "no checkpoint is time-stamped")
    return Stamps(number, times[0], times[-1])


def _checked(size: int, reply: bytes, signed: str | None, authority: Authority) -> datetime:
    if signed is None:
        raise Wrong(0, "missing", f"a checkpoint of {size} was time-stamped, and it is not there")
    try:
        return timestamp.check(reply, timestamp.stamped_part(note.parse(signed.encode())), authority)
    except EvidenceError as error:
        raise Wrong(0, "changed", f"the checkpoint of {size}: {error}") from None
