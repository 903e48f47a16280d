"""ledger-format.md says what is done: its vectors hold, and a verifier made from it alone agrees."""

import ast
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json, to_builtins

from services.evidence import checkpoint, keys, merkle, note, proofs, receipt, tiles
from services.evidence.errors import EvidenceError
from services.evidence.keys import Algorithm, Signer
from services.evidence.merkle import Frontier
from services.evidence.receipt import Entry, Promise
from services.evidence.treehead import TreeHead
from tests.support import format_vectors
from tests.support import independent_verifier as independent

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "ledger-format.md"
VECTORS = format_vectors.vectors()
ORIGIN = format_vectors.ORIGIN
NOW = format_vectors.TIME
DOCUMENTS = [b'{"position":%d,"id":"%x"}' % (nth + 1, nth * 7919) for nth in range(1_000)]
LEAVES = [merkle.leaf_hash(document) for document in DOCUMENTS]
LEVELS = Frontier().extend(LEAVES)
LOG = Signer(ORIGIN, Algorithm.ED25519, bytes(32))
SECOND = Signer(ORIGIN, Algorithm.ML_DSA_44, bytes(32))
WITNESSES = [
    Signer("witness.example/w1", Algorithm.COSIGNATURE, b"1" * 32),
    Signer("witness.example/w2", Algorithm.ML_DSA_44, b"2" * 32),
]
SIZES = st.integers(0, 1_000)


def read(nodes: Any) -> list[bytes]:
    return [LEVELS[node.level][node.at] for node in nodes]


def flip(raw: bytes, at: int, bit: int = 0) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]


def refused(check: Callable[..., object], *arguments: object) -> None:
    with pytest.raises((EvidenceError, ValueError)):
        check(*arguments)


def test_the_page_has_the_vectors_that_the_script_computes() -> None:
    assert PAGE.read_text().endswith(format_vectors.block())


@pytest.mark.parametrize("module", [independent, format_vectors])
def test_the_verifier_is_short_and_shares_no_code(module: Any) -> None:
    source = Path(module.__file__).read_text()
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
        )
    }
    assert names <= {*sys.stdlib_module_names, "cryptography"}
    if module is independent:
        assert len(source.splitlines()) < 150


def test_hashes_and_proofs_are_those_of_the_vectors() -> None:
    leaves = [merkle.leaf_hash(document.encode()) for document in VECTORS["documents"]]
    levels = Frontier().extend(leaves)
    assert [leaf.hex() for leaf in leaves] == VECTORS["leaves"]
    assert [merkle.root_of(leaves[:size]).hex() for size in range(9)] == VECTORS["roots"]
    for each in VECTORS["inclusion"]:
        path = proofs.inclusion(
            each["index"], each["size"], lambda nodes: [levels[n.level][n.at] for n in nodes]
        )
        assert [step.hex() for step in path] == each["path"]
    for each in VECTORS["consistency"]:
        proof = proofs.consistency(
            each["from"], each["to"], lambda nodes: [levels[n.level][n.at] for n in nodes]
        )
        assert [step.hex() for step in proof] == each["proof"]
    (tile,) = tiles.of_size(8)
    assert VECTORS["tile"] == {"path": tile.path, "sha256": sha256(tiles.encode(leaves)).hexdigest()}


def test_keys_and_checkpoint_are_those_of_the_vectors() -> None:
    own, second, witness = (
        keys.read_signer(VECTORS["keys"][name]["signing"]) for name in ("ed25519", "ml-dsa-44", "witness")
    )
    assert str(own.verifier) == VECTORS["keys"]["ed25519"]["verifier"]
    assert str(witness.verifier) == VECTORS["keys"]["witness"]["verifier"]
    digest = sha256(str(second.verifier).encode()).hexdigest()
    assert digest == VECTORS["keys"]["ml-dsa-44"]["verifier-sha256"]
    root = bytes.fromhex(VECTORS["roots"][8])
    made = checkpoint.sign(TreeHead(ORIGIN, 8, root), [own, witness], NOW)
    assert made.encode().decode() == VECTORS["checkpoint"]
    for algorithm, expected in [
        (Algorithm.COSIGNATURE, VECTORS["cosigned"].encode()),
        (Algorithm.ML_DSA_44, bytes.fromhex(VECTORS["ml-dsa-44-message"])),
    ]:
        assert keys.message(algorithm, ORIGIN, made.text, NOW) == expected


def test_receipts_are_those_of_the_vectors() -> None:
    said = VECTORS["receipts"]["answers"]
    answers = [
        [Entry(position, bytes.fromhex(VECTORS["leaves"][position - 1])) for position in each["positions"]]
        for each in said
    ]
    signer = keys.read_signer(VECTORS["keys"]["ed25519"]["signing"])
    for entries, each, promised in zip(answers, said, receipt.promise(answers, signer), strict=True):
        assert receipt.entry_bytes(entries).hex() == each["said"]
        assert json.decode(json.encode(each["promise"]), type=Promise) == promised


@settings(max_examples=50)
@given(SIZES, st.data())
def test_the_independent_verifier_takes_every_proof_and_none_with_a_byte_other(
    size: int, data: st.DataObject
) -> None:
    root = merkle.root_of(LEAVES[:size])
    assert independent.root_over(LEAVES[:size]) == root
    first = data.draw(st.integers(0, size))
    was, proof = merkle.root_of(LEAVES[:first]), proofs.consistency(first, size, read)
    both = (independent.check_consistency, proofs.check_consistency)
    for check in both:
        check(first, size, was, root, proof)
        refused(check, first, size, was, root, [*proof, root])
        if proof:
            bad = damaged(data, proof)
            refused(check, first, size, was, root, bad)
    if size:
        index = data.draw(st.integers(0, size - 1))
        path = proofs.inclusion(index, size, read)
        assert independent.leaf_of(index + 1, DOCUMENTS[index]) == LEAVES[index]
        assert independent.root_by_path(LEAVES[index], index, size, path) == root
        refused(independent.root_by_path, LEAVES[index], index, size, [*path, root])
        if path:
            assert independent.root_by_path(LEAVES[index], index, size, damaged(data, path)) != root


def damaged(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    which, at = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 31))
    return [*proof[:which], flip(proof[which], at), *proof[which + 1 :]]


@settings(max_examples=20)
@given(SIZES, st.data())
def test_the_independent_verifier_finds_just_our_tiles(size: int, data: st.DataObject) -> None:
    made = {
        tile.path: tiles.encode(LEVELS[tile.level * 8][tile.at * 256 :][: tile.width])
        for tile in tiles.of_size(size)
    }
    independent.check_tiles(made, LEAVES[:size])
    if made:
        path = data.draw(st.sampled_from(sorted(made)))
        bad = flip(made[path], data.draw(st.integers(0, len(made[path]) - 1)))
        refused(independent.check_tiles, {**made, path: bad}, LEAVES[:size])
        refused(independent.check_tiles, {k: v for k, v in made.items() if k != path}, LEAVES[:size])


def test_the_independent_verifier_takes_our_checkpoints_and_none_with_a_byte_other() -> None:
    signers = [LOG, SECOND, *WITNESSES]
    raw = checkpoint.sign(TreeHead(ORIGIN, 1_000, merkle.root_of(LEAVES)), signers, NOW).encode()
    known = [independent.read_key(str(signer.verifier)) for signer in signers]
    assert independent.check_checkpoint(raw, ORIGIN, known) == (1_000, merkle.root_of(LEAVES))
    for at in range(0, len(raw), 7):
        refused(independent.check_checkpoint, flip(raw, at), ORIGIN, known)
    stranger = Signer("stranger.example", Algorithm.ED25519, b"s" * 32)
    also = note.parse(raw).and_signed([stranger.sign(note.parse(raw).text)])
    assert independent.check_checkpoint(also.encode(), ORIGIN, known)


def test_the_independent_verifier_takes_our_receipts_and_none_with_a_byte_other() -> None:
    answers = [[Entry(nth + 1, LEAVES[nth])] for nth in range(4)] + [
        [Entry(5, LEAVES[4]), Entry(6, LEAVES[5])]
    ]
    key = independent.read_key(str(LOG.verifier))
    for entries, promised in zip(answers, receipt.promise(answers, LOG), strict=True):
        independent.check_receipt(entries, to_builtins(promised), key)
        raw = json.encode(promised)
        for at in range(len(raw)):
            refused(read_receipt, entries, flip(raw, at), key)


def read_receipt(entries: list[Entry], raw: bytes, key: independent.Key) -> None:
    """As a client reads one off the wire; msgspec's errors are ValueErrors."""
    independent.check_receipt(entries, json.decode(raw), key)


def test_a_document_at_another_position_is_refused() -> None:
    refused(independent.leaf_of, 2, DOCUMENTS[0])
