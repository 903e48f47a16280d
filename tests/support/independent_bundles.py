"""Check a bundle, from docs/reference/ledger-format.md alone. What is wrong is a ValueError."""

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from struct import pack
from typing import NamedTuple
from zlib import crc32

from tests.support import independent_verifier as ledger
from tests.support.independent_verifier import Key, need

PAGES = ("README.txt", "chronology.html")
MOST_BYTES = 268_435_456


class Checked(NamedTuple):
    """What stands when a bundle is right. The keys are the bundle's own, but for those that were given."""

    case: str
    documents: list[bytes]
    signed_by: list[Key]
    pages: dict[str, bytes]  # not verified: only what made them can make them again


def archive(members: Mapping[str, bytes]) -> bytes:
    parts, directory, offset = b"", b"", 0
    for name, raw in members.items():
        common = pack("<5H3L2H", 10, 0, 0, 0, 0x21, crc32(raw), len(raw), len(raw), len(name), 0)
        parts += b"PK\x03\x04" + common + name.encode() + raw
        directory += b"PK\x01\x02" + pack("<H", 0x030A) + common
        directory += pack("<3H2L", 0, 0, 0, 0x81A40000, offset) + name.encode()
        offset = len(parts)
    count = len(members)
    return parts + directory + b"PK\x05\x06" + pack("<4H2LH", 0, 0, count, count, len(directory), offset, 0)


def unpack(raw: bytes) -> dict[str, bytes]:
    need(len(raw) <= MOST_BYTES, "too long")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as opened:
            stored = all(each.compress_type == zipfile.ZIP_STORED for each in opened.infolist())
            need(stored, "something is compressed")
            members = {each.filename: opened.read(each) for each in opened.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(f"no archive: {error}") from None
    need(archive(members) == raw, "not the archive that its members make")
    return members


def signers(checkpoint: bytes, keys: Sequence[Key]) -> str:
    """The origin of a checkpoint, each line of which is by the key in its place."""
    text, _, lines = checkpoint.decode().rpartition("\n\n")
    origin = text.split("\n")[0]
    written = lines[:-1].split("\n")
    need(len(written) == len(keys) == len(set(keys)), "another number of keys than of signatures")
    for line, key in zip(written, keys, strict=True):
        need(ledger.check_line(line, f"{text}\n", key), "a line is by another key")
    need((keys[0].name, keys[0].algorithm) == (origin, 1), "the ledger's key is not first")
    order = [(key.name != origin, *((key.name, key.id) if key.name != origin else ())) for key in keys]
    need(order == sorted(order), "the keys are in another order")
    return origin


def check_documents(documents: Mapping[str, bytes]) -> str:
    """The case of some documents; none of it is missing between the first and the last."""
    need(documents, "there are no documents")
    said = [json.loads(raw) for raw in documents.values()]
    for each in said:
        need(isinstance(each, dict) and type(each.get("position")) is int, "no document")
        need(isinstance(each.get("subject"), str) and "caseversion" in each, "no document of a case")
    need(len({each["subject"] for each in said}) == 1, "two cases")
    need([each["caseversion"] for each in said] == list(range(1, len(said) + 1)), "an event is missing")
    positions = [each["position"] for each in said]
    need(positions == sorted(set(positions)), "not in ascending order")
    need([f"documents/{at:010d}.json" for at in positions] == list(documents), "another name")
    return str(said[0]["subject"])


def proof_of(position: int, path: Sequence[str], checkpoint: bytes) -> bytes:
    lines = ["c2sp.org/tlog-proof@v1", f"index {position - 1}", *path]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + checkpoint


def check_bundle(raw: bytes, given: Sequence[Key] = ()) -> Checked:
    """What a bundle proves; `given` keys, from elsewhere, must have signed its checkpoint."""
    members = unpack(raw)
    need(members.keys() >= {*PAGES, "manifest.sha256", "checkpoint.txt", "keys.txt"}, "a member is missing")
    keys = [ledger.read_key(line) for line in members["keys.txt"].decode()[:-1].split("\n")]
    need(set(given) <= set(keys), "a key that was given has not signed")
    checkpoint = members["checkpoint.txt"]
    origin = signers(checkpoint, keys)
    size, root = ledger.check_checkpoint(checkpoint, origin, keys)
    documents = {name: raw for name, raw in members.items() if name.startswith("documents/")}
    case = check_documents(documents)
    proofs = {}
    for name, document in documents.items():
        position = int(name[10:-5])
        proof = f"proofs/{name[10:-5]}.tlog-proof"
        path = members.get(proof, b"").partition(b"\n\n")[0].decode().split("\n")[2:]
        leaf = ledger.leaf_of(position, document)
        hashes = [ledger.unbase64(line) for line in path]
        need(ledger.root_by_path(leaf, position - 1, size, hashes) == root, f"{name} is not in the tree")
        proofs[proof] = proof_of(position, path, checkpoint)
    pages = {name: members[name] for name in PAGES}
    stamp = {name: members[name] for name in ("timestamp.tsr",) if name in members}
    if stamp:
        text, _, signatures = checkpoint.decode().rpartition("\n\n")
        own = "".join(f"{each}\n" for each in signatures[:-1].split("\n") if each.split(" ")[1] == origin)
        imprint = sha256(f"{text}\n\n{own}".encode()).digest()
        need(imprint in stamp["timestamp.tsr"], "the time stamp is of something else")
    written = "".join(
        f"{key.name}+{key.id.hex()}+{b64encode(bytes([key.algorithm]) + key.public).decode()}\n"
        for key in keys
    ).encode()
    rest = {"checkpoint.txt": checkpoint, "keys.txt": written, **stamp, **documents, **proofs}
    writer = [*members["manifest.sha256"].decode().split("\n"), *[""] * 6][5]
    head = ["caseledger/bundle/v1", f"case {case}", f"ledger {origin}", f"size {size}"]
    lines = [*(f"# {line}" for line in [*head, f"events {len(documents)}"]), writer]
    lines += [f"{sha256(each).hexdigest()}  {name}" for name, each in {**pages, **rest}.items()]
    need(writer.startswith("# writer "), "no writer")
    manifest = "".join(f"{line}\n" for line in lines).encode()
    expected = {**pages, "manifest.sha256": manifest, **rest}
    need(list(expected.items()) == list(members.items()), "not what its parts make")
    return Checked(case, list(documents.values()), keys, pages)
