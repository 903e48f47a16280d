"""What a ledger answers to appends, as a program reads it."""

from datetime import datetime
from typing import Any

import httpx
import msgspec

from services.runtime.client.errors import Declined, LedgerAway, declined_by


class Receipt(msgspec.Struct, frozen=True):
    """Proof of an append: it is on disk. The same for every retry of it."""

    id: str
    position: int
    caseversion: int
    recordedat: datetime
    flags: str = ""


class Head(msgspec.Struct, frozen=True):
    """The ledger's last position, and the last that is on the stream."""

    position: int
    published: int


class GroupResult(msgspec.Struct, frozen=True):
    """What became of one case's events in a batch: receipts, or the error that `append` would have raised.

    `fresh` is false where the events were in the ledger before.
    """

    case_id: str
    receipts: tuple[Receipt, ...] = ()
    error: Declined | LedgerAway | None = None
    fresh: bool = True


class Receipts(msgspec.Struct):
    """The answer to an append."""

    receipts: tuple[Receipt, ...]


class Group(msgspec.Struct):
    """What became of one case's events, as the ledger answers it."""

    case_id: str
    status: int
    receipts: tuple[Receipt, ...] = ()
    problem: dict[str, Any] = {}


class Groups(msgspec.Struct):
    """The answer to an append to many cases."""

    results: list[Group]


def result_of(group: Group) -> GroupResult:
    """The same, with the error that `append` would have raised."""
    if group.receipts:
        fresh = group.status == httpx.codes.CREATED
        return GroupResult(group.case_id, receipts=group.receipts, fresh=fresh)
    if group.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return GroupResult(group.case_id, error=LedgerAway(str(group.status)))
    return GroupResult(group.case_id, error=declined_by(group.status, group.problem))
