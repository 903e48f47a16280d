"""A bundle: a case's documents, the proof of each against one checkpoint, and pages made of them.

Every byte of a bundle is determined by its parts, so `read` makes it again and compares: what it gives was in
the bundle, all of it, and nothing else was. Of the parts, the ledger's key proves the documents, their
positions and the checkpoint. What the pages say is proven by whoever makes them again from the documents.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from msgspec import Struct, json

from services.evidence import archive, keys, note, proofs, timestamp, treehead
from services.evidence.checkpoint import is_vouched_for
from services.evidence.errors import BadBundle, BadSignature, EvidenceError
from services.evidence.keys import Algorithm, Verifier
from services.evidence.merkle import leaf_hash
from services.evidence.note import Note, b64, decode_base64
from services.evidence.timestamp import Authority, BadStamp
from services.evidence.treehead import TreeHead

FORMAT: Final = "caseledger/bundle/v1"
PROOF: Final = "c2sp.org/tlog-proof@v1"
README: Final = "README.txt"
CHRONOLOGY: Final = "chronology.html"
MANIFEST: Final = "manifest.sha256"
CHECKPOINT: Final = "checkpoint.txt"
KEYS: Final = "keys.txt"
STAMP: Final = "timestamp.tsr"
TIMES_END: Final = 253_370_764_800  # POSIX seconds: the year 9999, the last that a date can show

_PAGES: Final = (README, CHRONOLOGY)
_WRITER: Final = re.compile("^# writer (.+)$", re.MULTILINE)
_POSITION: Final = re.compile(rb'\{"position":([1-9][0-9]{0,18}),')


class Document(Struct, frozen=True):
    """A stored document, byte for byte, its position, and the audit path of its leaf (hashes of 32 bytes)."""

    position: int
    raw: bytes
    path: tuple[bytes, ...]

    @property
    def name(self) -> str:
        """The member that holds the document."""
        return f"documents/{self.position:010d}.json"


class Parts(Struct, frozen=True):
    """What a bundle is made of: everything but its pages.

    `keys` made the lines of the checkpoint, one each, in their order. `stamp` is an RFC 3161 answer about
    the checkpoint, in DER. `writer` is the software that made the pages.
    """

    checkpoint: bytes
    keys: tuple[Verifier, ...]
    documents: tuple[Document, ...]
    writer: str
    stamp: bytes | None = None


class Signed(Struct, frozen=True):
    """A key that signed the checkpoint, and the POSIX time that its signature names; 0 if it names none."""

    key: Verifier
    time: int


class Proven(Struct, frozen=True):
    """What the parts of a bundle prove: these documents of a case are in the tree that these keys signed.

    `stamped_at` is what the time stamp says, in UTC: it proves it only to who trusts its authority.
    """

    case: str
    head: TreeHead
    ledger: tuple[Signed, ...]
    witnesses: tuple[Signed, ...]
    stamped_at: datetime | None
    parts: Parts


class _Said(Struct):
    """What is asked of a document: whose it is, and the which of that case."""

    subject: str
    caseversion: int


def arrange(checkpoint: Note, known: Sequence[Verifier]) -> tuple[Note, tuple[Verifier, ...]]:
    """A checkpoint with just the lines of known keys, in the order of a bundle, and those keys.

    The ledger's come first, as they stand in the note, then the witnesses' by name and key id.
    """
    origin = treehead.parse(checkpoint.text).origin
    pairs = {key: line for line in checkpoint.signatures for key in known if key.made(line)}
    ordered = sorted(pairs, key=lambda key: _place(origin, key))
    return Note(checkpoint.text, tuple(pairs[key] for key in ordered)), tuple(ordered)


def write(parts: Parts, pages: Mapping[str, bytes]) -> bytes:
    """The bundle of these parts and pages."""
    return archive.write(_members(prove(parts), pages))


def read(raw: bytes) -> tuple[Proven, dict[str, bytes]]:
    """What a bundle proves, and its pages as they are: `BadBundle` if one byte of it is another.

    A page that was changed together with its digest is given as it is: make it again and compare.
    """
    found = archive.read(raw)
    proven = prove(_parts(found))
    pages = {name: _member(found, name) for name in _PAGES}
    expected = _members(proven, pages)
    for name in [*expected, *found]:
        if name not in expected:
            raise BadBundle(name, "it is no part of a bundle")
        if expected[name] != found.get(name):
            raise BadBundle(name, "it is not what the other parts make it" if name in found else "missing")
    if list(expected) != list(found):
        raise BadBundle("", "its members are in another order")
    return proven, pages


def prove(parts: Parts) -> Proven:
    """See that each document is in the tree of the checkpoint, and who signed that; else `BadBundle`."""
    case = _case_of(parts.documents)
    try:
        checkpoint = note.parse(parts.checkpoint)
        head = treehead.parse(checkpoint.text)
        signed = _signed(checkpoint, head.origin, parts.keys)
    except EvidenceError as error:
        raise BadBundle(CHECKPOINT, str(error)) from None
    stamped_at = None if parts.stamp is None else _claimed(parts.stamp, checkpoint)
    for document in parts.documents:
        try:
            leaf = leaf_hash(document.raw)
            proofs.check_inclusion(leaf, document.position - 1, head.size, document.path, head.root)
        except EvidenceError as error:
            raise BadBundle(document.name, str(error)) from None
    return Proven(
        case=case,
        head=head,
        ledger=tuple(each for each in signed if each.key.name == head.origin),
        witnesses=tuple(each for each in signed if each.key.name != head.origin),
        stamped_at=stamped_at,
        parts=parts,
    )


def check_keys(proven: Proven, given: Sequence[Verifier]) -> None:
    """See that keys got from elsewhere signed the checkpoint: all, or of the ledger's own those of one time.

    Raises `BadSignature`.
    """
    signed = {each.key for each in (*proven.ledger, *proven.witnesses)}
    own = [key for key in given if key.name == proven.head.origin]
    enough = {*signed, *(own if is_vouched_for(signed, own) else ())}
    for key in given:
        if key not in enough:
            called = f"{key.name}+{key.key_id.hex()}"
            raise BadSignature(f"the checkpoint is not signed by the key {called} that was given")


def check_stamp(proven: Proven, authority: Authority) -> datetime:
    """When, in UTC, an authority stamped the checkpoint; `BadStamp` if it did not."""
    if proven.parts.stamp is None:
        raise BadStamp("there is no time stamp")
    return timestamp.check(
        proven.parts.stamp, timestamp.stamped_part(note.parse(proven.parts.checkpoint)), authority
    )


def _claimed(stamp: bytes, checkpoint: Note) -> datetime:
    try:
        return timestamp.claimed(stamp, timestamp.stamped_part(checkpoint))
    except BadStamp as error:
        raise BadBundle(STAMP, str(error)) from None


def _signed(checkpoint: Note, origin: str, by: Sequence[Verifier]) -> list[Signed]:
    if len(by) != len(checkpoint.signatures):
        raise BadSignature(f"{len(checkpoint.signatures)} have signed, and there are {len(by)} keys")
    signed = []
    for key, line in zip(by, checkpoint.signatures, strict=True):
        if not key.made(line):
            raise BadSignature(f"a line of {line.name} stands where one of {key.name} belongs")
        time = key.check(checkpoint.text, line)
        if time >= TIMES_END:
            raise BadSignature(f"the signature of {key.name} names no time that there will be")
        signed.append(Signed(key, time))
    in_order = sorted(by, key=lambda key: _place(origin, key))
    first = by[0].name == origin and by[0].algorithm is Algorithm.ED25519
    if not first or list(by) != in_order or len(set(by)) < len(by):
        raise BadSignature("the ledger's Ed25519 key is to sign first, the others in their order, each once")
    return signed


def _place(origin: str, key: Verifier) -> tuple[bool, str, bytes]:
    return (False, "", b"") if key.name == origin else (True, key.name, key.key_id)


def _case_of(documents: Sequence[Document]) -> str:
    case, after = "", 0
    for nth, document in enumerate(documents, 1):
        if not document.raw.startswith(b'{"position":%d,' % document.position) or b"\n" in document.raw:
            raise BadBundle(document.name, "it is no document of that position")
        try:
            said = json.decode(document.raw, type=_Said)
        except (ValueError, RecursionError) as error:
            raise BadBundle(document.name, f"it is no document: {error}") from None
        case = case or said.subject
        if said.subject != case:
            raise BadBundle(document.name, f"it is of {said.subject}, not of {case}")
        if said.caseversion != nth or document.position <= after:
            raise BadBundle(document.name, f"it is event {said.caseversion} of its case, where {nth} belongs")
        after = document.position
    if not case:
        raise BadBundle("", "it has no documents")
    return case


def _members(proven: Proven, pages: Mapping[str, bytes]) -> dict[str, bytes]:
    parts = proven.parts
    first = {name: pages[name] for name in _PAGES}
    rest = {CHECKPOINT: parts.checkpoint, KEYS: "".join(f"{key}\n" for key in parts.keys).encode()}
    if parts.stamp is not None:
        rest[STAMP] = parts.stamp
    rest |= {each.name: each.raw for each in parts.documents}
    rest |= {_proof_name(each.name): _proof(each, parts.checkpoint) for each in parts.documents}
    return {**first, MANIFEST: _manifest(proven, {**first, **rest}), **rest}


def _manifest(proven: Proven, members: Mapping[str, bytes]) -> bytes:
    said = {
        "case": proven.case,
        "ledger": proven.head.origin,
        "size": proven.head.size,
        "events": len(proven.parts.documents),
        "writer": proven.parts.writer,
    }
    lines = [f"# {FORMAT}", *(f"# {name} {value}" for name, value in said.items())]
    lines += [f"{sha256(content).hexdigest()}  {name}" for name, content in members.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _proof_name(document: str) -> str:
    return document.replace("documents/", "proofs/").replace(".json", ".tlog-proof")


def _proof(document: Document, checkpoint: bytes) -> bytes:
    lines = [PROOF, f"index {document.position - 1}", *map(b64, document.path)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + checkpoint


def _parts(found: Mapping[str, bytes]) -> Parts:
    documents = [
        _document(name, content, _member(found, _proof_name(name)))
        for name, content in found.items()
        if name.startswith("documents/")
    ]
    writer = _WRITER.search(_text(found, MANIFEST))
    if writer is None:
        raise BadBundle(MANIFEST, "it names no writer")
    try:
        by = tuple(keys.read_verifier(line) for line in _text(found, KEYS).splitlines())
    except EvidenceError as error:
        raise BadBundle(KEYS, str(error)) from None
    return Parts(_member(found, CHECKPOINT), by, tuple(documents), writer[1], found.get(STAMP))


def _document(name: str, raw: bytes, proof: bytes) -> Document:
    position = _POSITION.match(raw)
    if position is None:
        raise BadBundle(name, "it does not begin with its position")
    said, _, _ = proof.partition(b"\n\n")
    try:
        path = tuple(decode_base64(line) for line in said.decode().split("\n")[2:])
    except (EvidenceError, UnicodeDecodeError) as error:
        raise BadBundle(_proof_name(name), f"a hash of it cannot be read: {error}") from None
    return Document(int(position[1]), raw, path)


def _member(found: Mapping[str, bytes], name: str) -> bytes:
    if name not in found:
        raise BadBundle(name, "it is missing")
    return found[name]


def _text(found: Mapping[str, bytes], name: str) -> str:
    try:
        return _member(found, name).decode()
    except UnicodeDecodeError:
        raise BadBundle(name, "it is not UTF-8") from None
