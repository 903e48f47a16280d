"""What a client asks of the ledger, and every answer that it may get."""

from asyncio import Future
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, json, structs

from services.domain.attribution import Denial
from services.domain.event import Submission
from services.evidence.merkle import leaf_hash
from services.evidence.note import b64
from services.evidence.receipt import Promise


class Condition(Struct, frozen=True):
    """What must be true of the case's version: one of `versions`, and whether the case exists."""

    versions: frozenset[int] | None = None
    exists: bool | None = None

    def holds(self, version: int) -> bool:
        """Whether the condition is met by a case at `version`."""
        if self.exists is not None and self.exists != (version > 0):
            return False
        return self.versions is None or version in self.versions


UNCONDITIONAL = Condition()


class Receipt(Struct, frozen=True):
    """Where an event stands in the ledger.

    `flags` are space-separated, as in the document; `leaf` is the document's leaf hash, in base64.
    """

    id: str
    position: int
    caseversion: int
    recordedat: datetime
    flags: str = ""
    leaf: str = ""


class Appended(Struct, frozen=True):
    """The events are on disk. `fresh` is false where an earlier request had put them there.

    `promise` is the ledger's signature over the receipts, if it has a signing key.
    """

    receipts: tuple[Receipt, ...]
    fresh: bool
    promise: Promise | UnsetType = UNSET


class Reused(Struct, frozen=True):
    """These ids are known, with other content or without the request's other ids. Nothing was done."""

    ids: tuple[str, ...]


class MovedOn(Struct, frozen=True):
    """The condition does not hold: the case is at `version`. Nothing was done."""

    version: int


class Refusal(Struct, frozen=True):
    """Event number `index` of the request cannot be true. Nothing was done."""

    rule: str
    reason: str
    at: str
    index: int


class Away(Struct, frozen=True):
    """The database did not answer. Nothing was done if `certain`; else the same ids sent again tell."""

    certain: bool


class Broken(Struct, frozen=True):
    """The database refuses what it was given, or a case cannot be read: a defect. Nothing was done."""

    error: str


class Locked(Struct, frozen=True):
    """The data key that personal fields are to be sealed with cannot be had now. Nothing was done."""


class Erased(Struct, frozen=True):
    """What was personal in the case was erased then, and no more of it is taken. Nothing was done."""

    at: datetime


class Barred(Struct, frozen=True):
    """Whoever posts may not post event number `index` so. Nothing was done."""

    denial: Denial
    reason: str
    at: str
    index: int


Answer = Barred | Appended | Reused | MovedOn | Refusal | Away | Broken | Locked | Erased


class Request(Struct, eq=False):
    """One to many events of one stream, appended together or not at all."""

    stream: str
    submissions: tuple[Submission, ...]
    condition: Condition
    answer: "Future[Answer]"

    def settle(self, answer: Answer) -> None:
        """Give the answer, unless one was given or nobody waits any more."""
        if not self.answer.done():
            self.answer.set_result(answer)


_receipts = json.Decoder(Receipt)


def receipt_of(document: str) -> Receipt:
    """The receipt that was given for a stored document."""
    return structs.replace(_receipts.decode(document), leaf=leaf_of(document.encode()))


def leaf_of(document: bytes) -> str:
    """The leaf hash of a stored document, as a receipt has it."""
    return b64(leaf_hash(document))
