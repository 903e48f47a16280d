"""A witness cosigns what grew from the tree that it cosigned last, and says by name why it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence import witnessing
from services.evidence.errors import EvidenceError
from services.evidence.treehead import TreeHead
from services.evidence.witnessing import (
    Forked,
    Inconsistent,
    Malformed,
    NotSigned,
    OtherSize,
    UnknownOrigin,
)
from tests.support.trees import LEDGER, ORIGIN, OTHERS, STRANGER, ask, head, proof

KEYS = {ORIGIN: [LEDGER.verifier]}


def judge(body: bytes, last: TreeHead | None) -> None:
    witnessing.judge(witnessing.read(body), KEYS, last)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_tree_that_grew_is_cosigned(first: int, second: int) -> None:
    first, second = sorted((first, second))
    judge(ask(first, head(second), proof(first, second)), head(first) if first else None)


def test_everything_else_is_refused_by_its_name() -> None:
    grown = ask(10, head(20), proof(10, 20))
    with pytest.raises(OtherSize) as other:
        judge(grown, head(12))
    assert other.value.size == 12
    with pytest.raises(OtherSize) as never:
        judge(grown, None)
    assert never.value.size == 0
    with pytest.raises(Inconsistent):
        judge(ask(10, head(20, OTHERS), proof(10, 20, OTHERS)), head(10))
    with pytest.raises(Inconsistent):
        judge(ask(10, head(20)), head(10))
    with pytest.raises(Forked):
        judge(ask(10, head(10, OTHERS)), head(10))
    with pytest.raises(Malformed, match="cannot begin"):
        judge(ask(10, head(9)), head(10))
    with pytest.raises(NotSigned):
        judge(ask(10, head(20), proof(10, 20), STRANGER), head(10))
    with pytest.raises(UnknownOrigin):
        judge(ask(0, head(1, origin="ledger.example/adults")), None)


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        (b"old 10", b"old 010"),
        (b"old 10", b"new 10"),
        (b"\n\n", b"\n"),
        (b"old 10\n", b"old 10\n" + b"AAAA\n"),
        (b"old 10\n", b"old 10\n" + b"!\n" * 2),
        (b"old 10\n", b"old 10\n" + (b"A" * 43 + b"=\n") * 64),
        (b"ledger.example", b"\xff"),
    ],
)
def test_what_is_no_request_is_refused(was: bytes, is_now: bytes) -> None:
    with pytest.raises(EvidenceError):
        judge(ask(10, head(20), proof(10, 20)).replace(was, is_now, 1), head(10))
