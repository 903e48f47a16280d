"""A small case in a ledger of its own, from which bundles are made without any server."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import json

from services.cli import version
from services.cli.evidence import checking
from services.domain.event import CaseVersion, compose, write
from services.domain.posted import parse
from services.evidence import bundle, checkpoint, merkle, proofs, timestamp
from services.evidence.bundle import Document, Parts
from services.evidence.keys import Algorithm, Signer
from services.evidence.merkle import Frontier
from services.evidence.treehead import TreeHead
from tests.support.time_authority import TimeAuthority

ORIGIN: Final = "ledger.example/children"
LEDGER: Final = Signer(ORIGIN, Algorithm.ED25519, bytes(32))
SECOND: Final = Signer(ORIGIN, Algorithm.ML_DSA_44, bytes(32))
WITNESS: Final = Signer("witness.example/w1", Algorithm.COSIGNATURE, b"1" * 32)
SEEN_AT: Final = 1_522_324_802  # 29 March 2018, 13:00:02 in London
SAID: Final[list[tuple[str, dict[str, Any]]]] = [
    ("ContactReceived", {"contact_id": "contact-1", "channel": "phone", "summary": "<b>Jamie</b>"}),
    ("ContactReceived", {"contact_id": "contact-2"}),
    ("EventVoided", {"target_event_id": "said-1"}),
]


def stored(nth: int, position: int, *, case: str = "case-1") -> bytes:
    """The nth event of a case as the ledger keeps it at a position."""
    kind, data = SAID[nth]
    posted = {
        "id": f"said-{nth}",
        "type": kind,
        "data": data,
        "actor": "worker:1",
        "time": "2018-03-29T11:00:00Z",
    }
    recorded = write(
        (said := parse(json.encode(posted), case, str)),
        said.event,
        (),
        CaseVersion(nth + 1),
        datetime(2018, 3, 29, 11, nth, tzinfo=UTC),
    )
    return b'{"position":%d,' % position + compose(recorded)[1:]


def parts(signers: Sequence[Signer] = (LEDGER, WITNESS), authority: TimeAuthority | None = None) -> Parts:
    """What a bundle of the case is made of, in a ledger of seven documents; stamped, if by somebody."""
    documents = {position: stored(nth, position) for nth, position in enumerate((2, 3, 6))}
    leaves = [merkle.leaf_hash(documents.get(at, b'{"position":%d}' % at)) for at in range(1, 8)]
    levels = Frontier().extend(leaves)
    note = checkpoint.sign(TreeHead(ORIGIN, 7, merkle.root_of(leaves)), signers, SEEN_AT)
    arranged, keys = bundle.arrange(note, [signer.verifier for signer in signers])
    query = timestamp.query(timestamp.stamped_part(arranged))
    return Parts(
        arranged.encode(),
        keys,
        tuple(
            Document(
                at,
                raw,
                tuple(proofs.inclusion(at - 1, 7, lambda nodes: [levels[n.level][n.at] for n in nodes])),
            )
            for at, raw in documents.items()
        ),
        version.named(),
        None if authority is None else authority.answer(query.body),
    )


def made() -> bytes:
    """A bundle."""
    return checking.make(parts())
