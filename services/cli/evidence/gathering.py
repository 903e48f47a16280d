"""Gather a case's documents and their proof from a ledger, over HTTP; what comes is proven, not believed."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from msgspec import Struct, json

from services.cli import version
from services.evidence import bundle, keys, note, proofs, tiles, treehead
from services.evidence.bundle import Document, Parts
from services.evidence.keys import Algorithm, Verifier
from services.evidence.treehead import TreeHead
from services.runtime.backoff import Backoff
from services.runtime.client import LedgerClient, position_of


class NothingToProve(Exception):
    """There is nothing that a bundle could hold yet; the message says why, and what to do."""


class _Stamped(Struct):
    size: int


class _Stamps(Struct):
    timestamps: list[_Stamped] = []


class Gathered(NamedTuple):
    """The parts of a bundle, how many events of the case no checkpoint covers yet, and who else signed it.

    `unknown` are the names of those whose signatures were left out, because their keys were not given.
    `passed_over` says that a checkpoint of which others say more was not taken: a former key signed it.
    """

    parts: Parts
    uncovered: int
    unknown: tuple[str, ...]
    passed_over: bool = False


class _Choice(NamedTuple):
    """A checkpoint, its time stamp, and whether others say more of one that a former key signed."""

    checkpoint: bytes
    stamp: bytes | None
    passed_over: bool


async def gather(ledger: LedgerClient, case: str, witnesses: Sequence[Verifier], patience: float) -> Gathered:
    """What a bundle of the case is made of; waits at most `patience` seconds for the sealer.

    Lines of the checkpoint by keys other than the ledger's and the witnesses' are left out. Raises
    `NothingToProve`, `EvidenceError`, and what `LedgerClient` raises.
    """
    documents = await ledger.case_events(case)
    if not documents:
        raise NothingToProve(f"The ledger knows no event of the case {case!r}.")
    own = [keys.read_verifier(line) for line in (await ledger.evidence("key") or b"").decode().splitlines()]
    known = [*own, *witnesses]
    chosen = await _best(ledger, position_of(documents[-1]), patience, known)
    whole = note.parse(chosen.checkpoint)
    arranged, signers = bundle.arrange(whole, known)
    head = treehead.parse(arranged.text)
    covered = [document for document in documents if position_of(document) <= head.size]
    if not covered:
        raise NothingToProve("No checkpoint covers any of the events yet: try again in a moment.")
    proven = await _with_paths(ledger, covered, head)
    parts = Parts(arranged.encode(), signers, proven, version.named(), chosen.stamp)
    unknown = tuple(line.name for line in whole.signatures if line not in arranged.signatures)
    return Gathered(parts, len(documents) - len(covered), unknown, chosen.passed_over)


async def _best(ledger: LedgerClient, position: int, patience: float, known: Sequence[Verifier]) -> _Choice:
    """The first candidate that a known key of the ledger signed."""
    passed_over = False
    async for checkpoint, stamp in _candidates(ledger, position, patience):
        if _is_signed(checkpoint, known):
            return _Choice(checkpoint, stamp, passed_over)
        passed_over = True
    raise NothingToProve(
        "A former key of the ledger signed the last checkpoint: give its verifier key with --key."
    )


async def _candidates(
    ledger: LedgerClient, position: int, patience: float
) -> AsyncIterator[tuple[bytes, bytes | None]]:
    """The checkpoints to choose from, each with its time stamp, that first of which others say most.

    The first that is stamped; then the last that a witness cosigned; then the last, even if it covers less.
    """
    last = await _covering(ledger, position, patience)
    listed = json.decode(await ledger.evidence(f"timestamps?after={position - 1}") or b"{}", type=_Stamps)
    for stamped in listed.timestamps[:1]:
        checkpoint = await ledger.evidence(f"checkpoints/{stamped.size}")
        stamp = await ledger.evidence(f"timestamps/{stamped.size}")
        if checkpoint and stamp:
            yield checkpoint, stamp
    cosigned = await ledger.evidence("checkpoint?witnesses=1")
    if cosigned and _size(cosigned) >= position:
        yield cosigned, None
    yield last, None


def _is_signed(checkpoint: bytes, known: Sequence[Verifier]) -> bool:
    """Whether one of the keys signed it as the ledger does: without that line it is in no bundle."""
    signed = note.parse(checkpoint)
    origin = treehead.parse(signed.text).origin
    own = [key for key in known if (key.name, key.algorithm) == (origin, Algorithm.ED25519)]
    return any(key.made(line) for key in own for line in signed.signatures)


async def _covering(ledger: LedgerClient, position: int, patience: float) -> bytes:
    """The last checkpoint, once it covers a position or the patience is at its end."""
    wait = Backoff(patience)
    while True:
        checkpoint = await ledger.evidence("checkpoint")
        if checkpoint is not None and _size(checkpoint) >= position:
            return checkpoint
        if not await wait.pause():
            if checkpoint is None:
                raise NothingToProve("Nothing is sealed: has the ledger a signing key, and is it ready?")
            return checkpoint


def _size(checkpoint: bytes) -> int:
    return treehead.parse(note.parse(checkpoint).text).size


async def _with_paths(
    ledger: LedgerClient, documents: Sequence[bytes], head: TreeHead
) -> tuple[Document, ...]:
    """Each document with its audit path, from as few tiles as hold them all."""
    positions = [position_of(document) for document in documents]
    nodes = {
        node
        for position in positions
        for node in proofs.nodes_in(proofs.inclusion_spans(position - 1, head.size))
    }
    wanted = tiles.covering(nodes, head.size)
    read = tiles.reader({tile: await ledger.evidence(tile.path) or b"" for tile in wanted})
    return tuple(
        Document(position, document, tuple(proofs.inclusion(position - 1, head.size, read)))
        for position, document in zip(positions, documents, strict=True)
    )
