"""The tree grows, proves and is checked as RFC 6962 says: against its own words, and against pymerkle."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise, zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from services.evidence import merkle, proofs
from services.evidence.errors import BadProof
from services.evidence.merkle import EMPTY_ROOT, Frontier, Node
from tests.support import format_vectors as rfc

MOST = 1_000
LEAVES = [merkle.leaf_hash(b"document %d" % nth) for nth in range(MOST)]
SIZES = st.integers(1, MOST)


def read(nodes: Sequence[Node]) -> list[bytes]:
    """Nodes straight from the leaves, by RFC 6962's own definition."""
    return [subtree(node.at << node.level, (node.at + 1) << node.level) for node in nodes]


@cache
def subtree(start: int, end: int) -> bytes:
    """What RFC 6962 says of the leaves [start, end), each part of them worked out once."""
    if end - start < 2:
        return rfc.tree_hash(LEAVES[start:end])
    middle = start + rfc.split(end - start)
    return sha256(b"\x01" + subtree(start, middle) + subtree(middle, end)).digest()


def test_a_tree_of_every_size_has_the_root_of_the_rfc_whichever_way_it_grew() -> None:
    one_by_one = Frontier()
    roots = dict(merkle.roots_at(range(MOST + 1), [LEAVES[:300], [], LEAVES[300:777], LEAVES[777:]]))
    for size in range(MOST + 1):
        expected = subtree(0, size)
        assert one_by_one.root() == expected == merkle.root_of(LEAVES[:size]) == roots[size]
        assert Frontier(size, one_by_one.hashes).root() == expected
        if size < MOST:
            one_by_one.extend([LEAVES[size]])


def path(index: int, start: int, end: int) -> list[bytes]:
    """What RFC 6962 says of the path to one of the leaves [start, end)."""
    if end - start == 1:
        return []
    middle = start + rfc.split(end - start)
    if index < middle:
        return [*path(index, start, middle), subtree(middle, end)]
    return [*path(index, middle, end), subtree(start, middle)]


def test_the_words_of_the_rfc_are_the_same_with_each_part_worked_out_once() -> None:
    for size in [*range(70), 255, 256, 257, MOST]:
        assert subtree(0, size) == rfc.tree_hash(LEAVES[:size])
        for index in {0, size // 3, size - 1} & set(range(size)):
            assert path(index, 0, size) == rfc.path(index, LEAVES[:size])


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


def test_pymerkle_gives_the_same_roots_and_takes_our_proofs() -> None:
    oracle = InmemoryTree(algorithm="sha256")
    roots = dict(merkle.roots_at(range(MOST + 1), [LEAVES]))
    for nth in range(MOST):
        oracle.append_entry(b"document %d" % nth)
        assert oracle.get_root() == roots[nth + 1]
    for size in (1, 2, 3, 255, 256, 257, 513, 999, 1_000):
        for index in {0, size // 3, size - 2, size - 1} & set(range(size)):
            theirs = oracle.prove_inclusion(index + 1, size).serialize()["path"]
            assert [step.hex() for step in [LEAVES[index], *proofs.inclusion(index, size, read)]] == theirs


@given(st.lists(st.integers(0, 70), max_size=30))
def test_growing_in_any_steps_gives_each_new_subtree_once_and_in_its_place(steps: list[int]) -> None:
    frontier, levels = Frontier(), dict[int, list[bytes]]()
    for step in steps:
        size = frontier.size
        for level, hashes in enumerate(frontier.extend(LEAVES[size : size + step])):
            assert len(levels.setdefault(level, [])) == size >> level
            levels[level] += hashes
    size = min(sum(steps), MOST)
    for level, hashes in levels.items():
        assert hashes == read([Node(level, at) for at in range(size >> level)])


def test_every_leaf_of_trees_of_every_size_is_proved_and_no_other() -> None:
    for size in [*range(1, 130), 255, 256, 257, 1_000]:
        root = subtree(0, size)
        for index in range(size) if size < 130 else (0, 1, 127, 128, size - 2, size - 1):
            proved = proofs.inclusion(index, size, read)
            assert proved == path(index, 0, size)
            proofs.check_inclusion(LEAVES[index], index, size, proved, root)


def test_every_tree_is_proved_to_begin_every_later_one() -> None:
    for second in [*range(1, 70), 255, 256, 257, 511, 1_000]:
        for first in range(second + 1) if second < 70 else (0, 1, 64, 128, second // 2, second - 1, second):
            proof = proofs.consistency(first, second, read)
            if first not in (0, second):
                assert proof == rfc.consistency(first, LEAVES[:second])
            proofs.check_consistency(first, second, subtree(0, first), subtree(0, second), proof)


def test_trees_of_every_size_prove_their_edges_and_that_they_grew() -> None:
    roots = dict(merkle.roots_at(range(MOST + 1), [LEAVES]))
    for size in range(1, MOST + 1):
        largest_power = 1 << size.bit_length() - 1
        for index in {0, size // 3, largest_power - 1, largest_power % size, size - 1}:
            path = proofs.inclusion(index, size, read)
            proofs.check_inclusion(LEAVES[index], index, size, path, roots[size])
            if index != size - 1:
                with pytest.raises(BadProof):
                    proofs.check_inclusion(LEAVES[size - 1], index, size, path, roots[size])
        for first in {1, size // 2, largest_power, size - 1} - {0}:
            proof = proofs.consistency(first, size, read)
            proofs.check_consistency(first, size, roots[first], roots[size], proof)
            if first != size:
                with pytest.raises(BadProof):
                    proofs.check_consistency(first, size, roots[first], roots[first], proof)


@settings(max_examples=150)
@given(st.data())
def test_a_proof_of_inclusion_proves_nothing_else(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    root, path = subtree(0, size), proofs.inclusion(index, size, read)
    for other in data.draw(st.sets(st.integers(0, size - 1), max_size=3)) - {index}:
        with pytest.raises(BadProof):
            proofs.check_inclusion(LEAVES[other], index, size, path, root)
        with pytest.raises(BadProof):
            proofs.check_inclusion(LEAVES[index], other, size, path, root)
    for bad in damaged(data, path):
        with pytest.raises(BadProof):
            proofs.check_inclusion(LEAVES[index], index, size, bad, root)
    with pytest.raises(BadProof):
        proofs.check_inclusion(flipped(data, LEAVES[index]), index, size, path, root)
    with pytest.raises(BadProof):
        proofs.check_inclusion(LEAVES[index], index, size, path, flipped(data, root))


@settings(max_examples=150)
@given(st.data())
def test_a_proof_of_consistency_proves_nothing_else(data: st.DataObject) -> None:
    second = data.draw(st.integers(2, MOST))
    first = data.draw(st.integers(1, second - 1))
    was, now = subtree(0, first), subtree(0, second)
    proof = proofs.consistency(first, second, read)
    for bad in damaged(data, proof):
        with pytest.raises(BadProof):
            proofs.check_consistency(first, second, was, now, bad)
    with pytest.raises(BadProof):
        proofs.check_consistency(first, second, flipped(data, was), now, proof)
    with pytest.raises(BadProof):
        proofs.check_consistency(first, second, was, flipped(data, now), proof)
    with pytest.raises(BadProof):
        proofs.check_consistency(second, first, now, was, proof)


@given(st.data())
def test_trees_of_one_size_or_none_need_no_proof_and_take_none(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, MOST))
    root = subtree(0, size)
    proofs.check_consistency(size, size, root, root, [])
    for first, was, proof in [(size, flipped(data, root), []), (size, root, [root]), (0, root, [root])]:
        with pytest.raises(BadProof):
            proofs.check_consistency(first, size, was, root, proof)
    with pytest.raises(BadProof):
        proofs.check_consistency(0, size, flipped(data, EMPTY_ROOT), root, [])


def test_what_no_tree_has_is_not_proved() -> None:
    for index, size in [(0, 0), (5, 5), (-1, 3)]:
        with pytest.raises(BadProof, match=f"a tree of {size} leaves has no leaf {index}"):
            proofs.inclusion(index, size, read)
    for first, second in [(3, 2), (-1, 2)]:
        with pytest.raises(BadProof, match="cannot begin"):
            proofs.consistency(first, second, read)


@settings(max_examples=3, deadline=None)
@given(st.sets(st.integers(1_001, 300_000), min_size=7, max_size=9), st.data())
def test_larger_trees_are_proved_too(sizes: set[int], data: st.DataObject) -> None:
    frontier, levels = Frontier(), list[list[bytes]]()

    def from_levels(nodes: Sequence[Node]) -> list[bytes]:
        return [levels[node.level][node.at] for node in nodes]

    for size in sorted(sizes):
        grown = frontier.extend([b"%032d" % nth for nth in range(frontier.size, size)])
        levels = [known + new for known, new in zip_longest(levels, grown, fillvalue=list[bytes]())]
        root = frontier.root()
        index = data.draw(st.integers(0, size - 1))
        proved = proofs.inclusion(index, size, from_levels)
        proofs.check_inclusion(levels[0][index], index, size, proved, root)
        earlier = sorted({0, *data.draw(st.sets(st.integers(1, size), max_size=4)), size})
        for first, second in pairwise(earlier):
            was, now = (proofs.root(each, from_levels) for each in (first, second))
            proved = proofs.consistency(first, second, from_levels)
            proofs.check_consistency(first, second, was, now, proved)
        assert proofs.root(size, from_levels) == root


def flipped(data: st.DataObject, raw: bytes) -> bytes:
    at = data.draw(st.integers(0, len(raw) - 1))
    return raw[:at] + bytes([raw[at] ^ 1 << data.draw(st.integers(0, 7))]) + raw[at + 1 :]


def damaged(data: st.DataObject, proof: list[bytes]) -> list[list[bytes]]:
    """A proof with one hash more, one less, one cut, two swapped, one bit other."""
    bad = [[*proof, bytes(32)], [bytes(32), *proof]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bad += [proof[:at] + proof[at + 1 :], [*proof[:at], proof[at][:31], *proof[at + 1 :]]]
        bad.append([*proof[:at], flipped(data, proof[at]), *proof[at + 1 :]])
    if len(proof) > 1:
        bad.append([proof[1], proof[0], *proof[2:]])
    return bad
