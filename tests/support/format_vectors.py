"""Compute the test vectors of docs/reference/ledger-format.md, in the words of RFC 6962 and RFC 8032.

    python -m tests.support.format_vectors

It shares no code with the product: the recursive definitions of the RFC, and `cryptography`.
"""

import json
from base64 import b64encode
from hashlib import sha256
from struct import pack
from typing import Any
from zlib import crc32

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

ORIGIN = "ledger.example/children"
WITNESS = "witness.example/w1"
TIME = 1_522_324_802
DOCUMENTS = [
    f'{{"position":{nth},"specversion":"1.0","id":"{nth}","source":"/example","type":"Example"}}'
    for nth in range(1, 8)
] + ['{"position":8,"specversion":"1.0","id":"8","source":"/é","type":"Example"}']


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, of leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def consistency(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """PROOF of RFC 6962, 2.1.2: SUBPROOF with `whole` as its b."""
    if m == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*consistency(m, leaves[:k], whole=whole), tree_hash(leaves[k:])]
    return [*consistency(m - k, leaves[k:], whole=False), tree_hash(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def b64(raw: bytes) -> str:
    return b64encode(raw).decode()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def key_of(name: str, kind: int, seed: bytes) -> dict[str, str]:
    """The two spellings of a key."""
    key = MLDSA44PrivateKey.from_seed_bytes(seed) if kind == 6 else Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    head = f"{name}+{key_id(name, kind, public).hex()}+"
    return {
        "signing": f"PRIVATE+KEY+{head}{b64(bytes([kind]) + seed)}",
        "verifier": head + b64(bytes([kind]) + public),
    }


def line(name: str, kind: int, seed: bytes, message: str, before: bytes = b"") -> str:
    """A signature line by an Ed25519 key."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    made = key_id(name, kind, key.public_key().public_bytes_raw()) + before + key.sign(message.encode())
    return f"— {name} {b64(made)}"


def archive(members: dict[str, bytes]) -> bytes:
    """A zip archive of version 1.0, nothing compressed (APPNOTE.TXT, 4.3)."""
    local = central = b""
    for name, raw in members.items():
        said = pack("<5H3L2H", 10, 0, 0, 0, 0x21, crc32(raw), len(raw), len(raw), len(name), 0)
        central += b"PK\x01\x02" + pack("<H", 0x030A) + said + pack("<3H2L", 0, 0, 0, 0x81A40000, len(local))
        central += name.encode()
        local += b"PK\x03\x04" + said + name.encode() + raw
    count = len(members)
    return local + central + b"PK\x05\x06" + pack("<4H2LH", 0, 0, count, count, len(central), len(local), 0)


def bundle() -> dict[str, Any]:
    """The bundle of a case that has the first and the third document of a ledger of three."""
    texts = [
        f'{{"position":{at},"specversion":"1.0","id":"{at}","source":"/example","type":"Example",'
        f'"subject":"{case}","caseversion":{version}}}'
        for at, case, version in [(1, "case-1", 1), (2, "case-2", 1), (3, "case-1", 2)]
    ]
    leaves = [sha256(b"\x00" + text.encode()).digest() for text in texts]
    body = f"{ORIGIN}\n3\n{b64(tree_hash(leaves))}\n"
    seed, witness = bytes(range(32)), bytes(range(32, 64))
    cosigned = f"cosignature/v1\ntime {TIME}\n{body}"
    lines = [line(ORIGIN, 1, seed, body), line(WITNESS, 4, witness, cosigned, TIME.to_bytes(8, "big"))]
    checkpoint = "\n".join([body, *lines, ""])
    by = [key_of(ORIGIN, 1, seed)["verifier"], key_of(WITNESS, 4, witness)["verifier"], ""]
    pages = {"README.txt": "Read me.\n", "chronology.html": "<!doctype html>\n"}
    rest = {"checkpoint.txt": checkpoint, "keys.txt": "\n".join(by)}
    rest |= {f"documents/{at:010d}.json": texts[at - 1] for at in (1, 3)}
    for at in (1, 3):
        proof = ["c2sp.org/tlog-proof@v1", f"index {at - 1}", *map(b64, path(at - 1, leaves)), "", checkpoint]
        rest[f"proofs/{at:010d}.tlog-proof"] = "\n".join(proof)
    head = ["caseledger/bundle/v1", "case case-1", f"ledger {ORIGIN}", "size 3", "events 2", "writer vectors"]
    sums = [f"{sha256(text.encode()).hexdigest()}  {name}" for name, text in {**pages, **rest}.items()]
    manifest = "\n".join([*(f"# {each}" for each in head), *sums, ""])
    members = {**pages, "manifest.sha256": manifest, **rest}
    raw = archive({name: text.encode() for name, text in members.items()})
    return {"members": members, "length": len(raw), "sha256": sha256(raw).hexdigest()}


def vectors() -> dict[str, Any]:
    """All of them: hashes in hexadecimal where they stand alone, base64 where the format has base64."""
    seeds = {ORIGIN: bytes(range(32)), WITNESS: bytes(range(32, 64))}
    leaves = [sha256(b"\x00" + document.encode()).digest() for document in DOCUMENTS]
    body = f"{ORIGIN}\n8\n{b64(tree_hash(leaves))}\n"
    own = line(ORIGIN, 1, seeds[ORIGIN], body)
    cosigned = f"cosignature/v1\ntime {TIME}\n{body}"
    witness = line(WITNESS, 4, seeds[WITNESS], cosigned, TIME.to_bytes(8, "big"))
    subtree = b"".join(
        [
            *(b"subtree/v1\n\x00", bytes([len(ORIGIN)]), ORIGIN.encode(), TIME.to_bytes(8, "big")),
            *(bytes([len(ORIGIN)]), ORIGIN.encode(), bytes(8), (8).to_bytes(8, "big"), tree_hash(leaves)),
        ]
    )
    entries = [[1], [2, 3], [4]]
    said = [b"".join(p.to_bytes(8, "big") + leaves[p - 1] for p in positions) for positions in entries]
    small = [sha256(b"\x00" + each).digest() for each in said]
    receipts = f"caseledger/receipts/v1\n{ORIGIN}\n3\n{b64(tree_hash(small))}\n"
    return {
        "documents": DOCUMENTS,
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [tree_hash(leaves[:size]).hex() for size in range(9)],
        "inclusion": [
            {"index": m, "size": n, "path": [step.hex() for step in path(m, leaves[:n])]}
            for m, n in [(0, 1), (0, 8), (5, 8), (2, 3), (4, 5), (6, 7)]
        ],
        "consistency": [
            {"from": m, "to": n, "proof": [step.hex() for step in consistency(m, leaves[:n])]}
            for m, n in [(1, 1), (1, 8), (4, 8), (6, 8), (2, 5), (3, 7)]
        ],
        "tile": {"path": "tile/0/000.p/8", "sha256": sha256(b"".join(leaves)).hexdigest()},
        "keys": {
            "ed25519": key_of(ORIGIN, 1, seeds[ORIGIN]),
            "ml-dsa-44": {
                "signing": key_of(ORIGIN, 6, seeds[ORIGIN])["signing"],
                "verifier-sha256": sha256(key_of(ORIGIN, 6, seeds[ORIGIN])["verifier"].encode()).hexdigest(),
            },
            "witness": key_of(WITNESS, 4, seeds[WITNESS]),
        },
        "checkpoint": f"{body}\n{own}\n{witness}\n",
        "cosigned": cosigned,
        "ml-dsa-44-message": subtree.hex(),
        "receipts": {
            "text": receipts,
            "answers": [
                {
                    "positions": positions,
                    "said": said[nth].hex(),
                    "promise": {
                        "index": nth,
                        "size": 3,
                        "path": [b64(step) for step in path(nth, small)],
                        "signature": line(ORIGIN, 1, seeds[ORIGIN], receipts),
                    },
                }
                for nth, positions in enumerate(entries)
            ],
        },
        "bundle": bundle(),
    }


def block() -> str:
    """The vectors as the page has them."""
    return f"```json\n{json.dumps(vectors(), indent=1, ensure_ascii=False)}\n```\n"


if __name__ == "__main__":
    print(block(), end="")  # noqa: T201 - it is what the script is for
