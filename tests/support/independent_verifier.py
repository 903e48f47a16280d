"""Check a ledger's evidence, from docs/reference/ledger-format.md alone. What is wrong is a ValueError."""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey


class Key(NamedTuple):
    name: str
    id: bytes
    algorithm: int
    public: bytes


def need(good: object, wrong: str) -> None:
    if not good:
        raise ValueError(wrong)


def unbase64(text: str) -> bytes:
    raw = b64decode(text, validate=True)
    need(b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def leaf_of(position: int, document: bytes) -> bytes:
    need(
        document.startswith(b'{"position":%d,' % position),
        f"the document at {position} names another position",
    )
    return sha256(b"\x00" + document).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_over(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_over(hashes[:k]), root_over(hashes[k:]))


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """RFC 6962's recursion, undone: the last hash of the path is the sibling nearest to the root."""
    need(0 <= index < size, "no such leaf")
    if size == 1 and not path:
        return leaf
    need(size > 1 and path and len(path[-1]) == 32, "the path is of another length, or has what is no hash")
    k = 1 << (size - 1).bit_length() - 1
    if index < k:
        return node(root_by_path(leaf, index, k, path[:-1]), path[-1])
    return node(path[-1], root_by_path(leaf, index - k, size - k, path[:-1]))


def check_consistency(m: int, n: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> None:
    need(0 <= m <= n, "the later tree is smaller")
    if m in (0, n):
        need(not proof and (old == new if m else old == sha256(b"").digest()), "not the same tree")
        return
    need(roots_by_proof(m, n, old, proof, whole=True) == (old, new), "the trees are not consistent")


def roots_by_proof(m: int, n: int, old: bytes, proof: Sequence[bytes], *, whole: bool) -> tuple[bytes, ...]:
    if m == n:
        given = [old] if whole else proof
        need(len(given) == 1 and not (whole and proof), "the proof is of another length")
        return given[0], given[0]
    need(proof and len(proof[-1]) == 32, "the proof is of another length, or has what is no hash")
    k = 1 << (n - 1).bit_length() - 1
    if m <= k:
        was, now = roots_by_proof(m, k, old, proof[:-1], whole=whole)
        return was, node(now, proof[-1])
    was, now = roots_by_proof(m - k, n - k, old, proof[:-1], whole=False)
    return node(proof[-1], was), node(proof[-1], now)


def check_tiles(tiles: Mapping[str, bytes], leaves: Sequence[bytes]) -> None:
    expected, level, hashes = {}, 0, list(leaves)
    while hashes:
        for number in range(-(-len(hashes) // 256)):
            tile = hashes[number * 256 : number * 256 + 256]
            *groups, last = [group.zfill(3) for group in f"{number:,}".split(",")]
            name = "/".join([*(f"x{group}" for group in groups), last])
            partial = f".p/{len(tile)}" if len(tile) < 256 else ""
            expected[f"tile/{level}/{name}{partial}"] = b"".join(tile)
        hashes = [root_over(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
        level += 1
    for path in expected.keys() | tiles.keys():
        need(expected.get(path) == tiles.get(path), f"{path} is not the tree's")


def read_key(written: str) -> Key:
    name, key_id, key = written.split("+", 2)
    raw = unbase64(key)
    expected = sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(expected.hex() == key_id and raw[0] in (1, 4, 6), "the key is damaged or unknown")
    return Key(name, expected, raw[0], raw[1:])


def check_line(line: str, text: str, key: Key) -> bool:
    dash, name, encoded = line.split(" ")
    raw = unbase64(encoded)
    need(dash == "—" and name and not re.search(r"[\s+]", name), "no signature line")
    if (name, raw[:4]) != (key.name, key.id):
        return False
    time, signature = (b"", raw[4:]) if key.algorithm == 1 else (raw[4:12], raw[12:])
    timed = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n" if key.algorithm == 4 else ""
    message = f"{timed}{text}".encode()
    public: Any = MLDSA44PublicKey if key.algorithm == 6 else Ed25519PublicKey
    if key.algorithm == 6:
        origin, size, root = text.split("\n")[:3]
        names = [bytes([len(name.encode())]) + name.encode() for name in (key.name, origin)]
        message = b"subtree/v1\n\x00" + names[0] + time + names[1] + bytes(8)
        message += int(size).to_bytes(8, "big") + unbase64(root)
    try:
        public.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        raise ValueError(f"the signature of {key.name} is wrong") from None
    return True


def check_checkpoint(note: bytes, origin: str, keys: Sequence[Key]) -> tuple[int, bytes]:
    """The size and root of a checkpoint that every one of the keys has signed."""
    text, blank, lines = note.decode().rpartition("\n\n")
    text += "\n"
    need(blank and lines.endswith("\n") and not re.search("[\x00-\x09\x0b-\x1f]", text), "no note")
    signed = [key for line in lines[:-1].split("\n") for key in keys if check_line(line, text, key)]
    need(keys and set(signed) == set(keys), "a key has not signed")
    said = text[:-1].split("\n")
    need(len(said) >= 3 and all(said) and said[0] == origin, "no checkpoint of this origin")
    need(str(int(said[1])) == said[1] and len(unbase64(said[2])) == 32, "no checkpoint")
    return int(said[1]), unbase64(said[2])


def check_receipt(events: Sequence[tuple[int, bytes]], promise: Mapping[str, Any], key: Key) -> None:
    need(promise.keys() == {"index", "size", "path", "signature"}, "no promise")
    said = b"".join(position.to_bytes(8, "big") + leaf for position, leaf in events)
    path = [unbase64(step) for step in promise["path"]]
    root = root_by_path(sha256(b"\x00" + said).digest(), promise["index"], promise["size"], path)
    text = f"caseledger/receipts/v1\n{key.name}\n{promise['size']}\n{b64encode(root).decode()}\n"
    need(check_line(promise["signature"], text, key), "the receipt is signed by another key")
