"""A signed receipt holds the ledger to just what it said, and to nothing that it did not say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import DecodeError, json

from services.evidence import merkle, receipt, treehead
from services.evidence.errors import BadSignature, BadTreeHead
from services.evidence.keys import Algorithm, Signer
from services.evidence.receipt import Entry, Promise

LEDGER = Signer("ledger.example/children", Algorithm.ED25519, bytes(32))
OTHER = Signer("ledger.example/children", Algorithm.ED25519, b"o" * 32)
KEY = LEDGER.verifier
ENTRIES = st.lists(
    st.builds(Entry, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32)), min_size=1
)
# No two answers say the same: of two that did, either could be shown with the other's promise.
ANSWERS = st.lists(ENTRIES, min_size=1, max_size=20, unique_by=tuple)


@given(ANSWERS)
def test_every_answer_can_be_checked_on_its_own(answers: list[list[Entry]]) -> None:
    promises = receipt.promise(answers, LEDGER)
    assert len({each.signature for each in promises}) == 1
    for entries, promised in zip(answers, promises, strict=True):
        sent = json.decode(json.encode(promised), type=Promise)
        receipt.check(entries, sent, KEY)


@settings(max_examples=100)
@given(ANSWERS, st.data())
def test_a_receipt_with_anything_other_is_refused(answers: list[list[Entry]], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(answers) - 1))
    entries, promised = answers[which], receipt.promise(answers, LEDGER)[which]
    first, *rest = entries
    others = [
        [Entry(first.position ^ 1, first.leaf), *rest],
        [Entry(first.position, merkle.leaf_hash(first.leaf)), *rest],
        [*entries, first],
        rest,
    ]
    for bad in others:
        with pytest.raises(BadSignature):
            receipt.check(bad, promised, KEY)
    raw = json.encode(promised)
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:at] + bytes([raw[at] ^ 1 << data.draw(st.integers(0, 6))]) + raw[at + 1 :]
    with pytest.raises((BadSignature, DecodeError, UnicodeDecodeError)):
        receipt.check(entries, json.decode(damaged, type=Promise), KEY)


def test_another_keys_receipt_is_refused() -> None:
    entries = [Entry(1, bytes(32))]
    (promised,) = receipt.promise([entries], OTHER)
    with pytest.raises(BadSignature, match="not by the key of"):
        receipt.check(entries, promised, KEY)


def test_a_receipt_is_no_checkpoint() -> None:
    for size in (1, 7):
        with pytest.raises(BadTreeHead):
            treehead.parse(receipt.text("5", size, bytes(32)))
