"""Keys, notes and checkpoints: read as written, signed as specified, and refused with one byte other."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence import checkpoint, keys, merkle, note, treehead
from services.evidence.errors import BadKey, BadNote, BadSignature, BadTreeHead, EvidenceError
from services.evidence.keys import Algorithm, Signer, Verifier
from services.evidence.note import Note
from services.evidence.treehead import TreeHead

ORIGIN = "ledger.example/children"
NOW = 1_522_324_802
LOG = Signer(ORIGIN, Algorithm.ED25519, bytes(32))
SECOND = Signer(ORIGIN, Algorithm.ML_DSA_44, bytes(32))
WITNESS = Signer("witness.example/w1", Algorithm.COSIGNATURE, b"w" * 32)
WITNESS_TOO = Signer("witness.example/w1", Algorithm.ML_DSA_44, b"w" * 32)
STRANGER = Signer("stranger.example", Algorithm.ED25519, b"s" * 32)
OWN = [LOG.verifier, SECOND.verifier]
HEAD = TreeHead(ORIGIN, 8, merkle.root_of([bytes([nth]) * 32 for nth in range(8)]))

# From the documentation of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SIGNING_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


def signed(*signers: Signer) -> bytes:
    return checkpoint.sign(HEAD, signers, NOW).encode()


def test_a_note_of_another_implementation_is_read_and_made_again() -> None:
    key, signer = keys.read_verifier(GO_KEY), keys.read_signer(GO_SIGNING_KEY)
    parsed = note.parse(GO_NOTE.encode())
    assert checkpoint.check_signatures(parsed, [key]) == {key: 0}
    assert (signer.verifier, signer.written(), str(key)) == (key, GO_SIGNING_KEY, GO_KEY)
    assert Note(parsed.text, (signer.sign(parsed.text),)).encode() == GO_NOTE.encode()


@pytest.mark.parametrize("signer", [LOG, SECOND, WITNESS, WITNESS_TOO], ids=repr)
def test_a_key_is_read_as_it_was_written(signer: Signer) -> None:
    assert keys.read_verifier(str(signer.verifier)) == signer.verifier
    assert keys.read_signer(signer.written() + "\n").secret == signer.secret
    assert b64encode(signer.secret).decode() not in repr(signer)


@pytest.mark.parametrize(
    "written", [str(LOG.verifier), str(SECOND.verifier), LOG.written()], ids=["1", "6", "s"]
)
@given(data=st.data())
def test_a_key_with_one_character_other_is_refused(written: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(written) - 1))
    other = data.draw(
        st.characters(codec="ascii").filter(lambda one: one != written[at] and not one.isspace())
    )
    bad = written[:at] + other + written[at + 1 :]
    with pytest.raises(BadKey):
        (keys.read_signer if written.startswith("PRIVATE") else keys.read_verifier)(bad)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "no verifier key"),
        (LOG.written(), "no verifier key"),
        ("a b+00000000+AQ==", "has no spaces"),
        ("a+00000000+AQ==", "has 0 bytes"),
        ("a+00000000+Ag==", "algorithm that is not known"),
        ("a+00000000+AR==", "is not base64 as it is written"),
        (str(LOG.verifier).replace("+" + LOG.verifier.key_id.hex(), "+00000000"), "is damaged"),
    ],
)
def test_a_bad_key_is_told_what_is_wrong_with_it(written: str, why: str) -> None:
    with pytest.raises(BadKey, match=why):
        keys.read_verifier(written)


def test_a_bad_signing_key_is_refused_without_being_shown() -> None:
    written = LOG.written()
    for bad in (
        str(LOG.verifier),
        written[:-8] + "AAA=",
        written.replace(LOG.verifier.key_id.hex(), "0" * 8),
    ):
        with pytest.raises(BadKey) as refusal:
            keys.read_signer(bad)
        assert bad.rsplit("+", 1)[1] not in str(refusal.value)


def test_a_checkpoint_is_read_as_it_was_signed() -> None:
    raw = signed(LOG, SECOND, WITNESS, WITNESS_TOO)
    read = checkpoint.read(raw, ORIGIN, OWN, witnesses=[WITNESS.verifier, WITNESS_TOO.verifier], quorum=1)
    assert (read.head, read.note.encode()) == (HEAD, raw)
    assert read.signed_by[LOG.verifier] == 0
    assert read.signed_by[SECOND.verifier] == read.signed_by[WITNESS.verifier] == NOW


def test_every_key_of_the_ledger_must_have_signed_and_enough_witnesses() -> None:
    with pytest.raises(BadSignature, match=r"is not signed by ledger.example/children \(ML_DSA_44"):
        checkpoint.read(signed(LOG), ORIGIN, OWN)
    both = [WITNESS.verifier, WITNESS_TOO.verifier]
    with pytest.raises(BadSignature, match="is cosigned by 0 witnesses; 1 are asked"):
        checkpoint.read(signed(LOG), ORIGIN, [LOG.verifier], witnesses=both, quorum=1)
    with pytest.raises(
        BadSignature, match="is cosigned by 1 witnesses; 2 are asked"
    ):  # two keys, one witness
        checkpoint.read(signed(LOG, WITNESS, WITNESS_TOO), ORIGIN, [LOG.verifier], witnesses=both, quorum=2)
    with pytest.raises(BadSignature, match="no key"):
        checkpoint.read(signed(LOG), ORIGIN, [])


def test_another_ledgers_checkpoint_is_refused() -> None:
    with pytest.raises(BadTreeHead, match=r"of ledger.example/children, not of ledger.example/adults"):
        checkpoint.read(signed(LOG), "ledger.example/adults", [LOG.verifier])


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    namesake = Signer(ORIGIN, Algorithm.ED25519, b"n" * 32)
    read = checkpoint.read(signed(STRANGER, namesake, LOG), ORIGIN, [LOG.verifier])
    assert read.signed_by == {LOG.verifier: 0}
    with pytest.raises(BadSignature, match="is not signed by"):
        checkpoint.read(signed(STRANGER, namesake), ORIGIN, [LOG.verifier])


def test_a_wrong_signature_of_a_known_key_is_refused_though_another_is_right() -> None:
    other = TreeHead(ORIGIN, 9, HEAD.root)
    forged = Note(HEAD.text, (LOG.sign(HEAD.text), WITNESS.sign(other.text, NOW)))
    with pytest.raises(BadSignature, match=r"of witness.example/w1 is not one over this text"):
        checkpoint.read(forged.encode(), ORIGIN, [LOG.verifier], witnesses=[WITNESS.verifier])


ALL_SIGNED = signed(LOG, SECOND, WITNESS)


@given(st.integers(0, len(ALL_SIGNED) - 1), st.integers(1, 255))
def test_a_checkpoint_with_one_byte_other_is_refused(at: int, change: int) -> None:
    bad = ALL_SIGNED[:at] + bytes([ALL_SIGNED[at] ^ change]) + ALL_SIGNED[at + 1 :]
    with pytest.raises(EvidenceError):
        checkpoint.read(bad, ORIGIN, OWN, witnesses=[WITNESS.verifier], quorum=1)


def test_every_byte_of_a_checkpoint_counts() -> None:
    raw = signed(LOG, WITNESS)
    for at in range(len(raw)):
        for bad in (raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], raw[:at] + raw[at + 1 :], raw[:at]):
            with pytest.raises(EvidenceError):
                checkpoint.read(bad, ORIGIN, [LOG.verifier], witnesses=[WITNESS.verifier], quorum=1)


def test_signers_that_name_a_time_sign_tree_heads_only() -> None:
    for signer in (SECOND, WITNESS):
        with pytest.raises(BadTreeHead):
            signer.sign("a text\n", NOW)
        with pytest.raises(BadTreeHead, match="cannot name the time"):
            signer.sign(HEAD.text, -1)
    with pytest.raises(BadTreeHead, match="300 bytes"):
        SECOND.sign(TreeHead("o" * 300, 8, HEAD.root).text, NOW)


def test_a_signature_counts_for_its_algorithm_only() -> None:
    seed = b"w" * 32
    as_log = Signer("witness.example/w1", Algorithm.ED25519, seed)
    moved = note.Signature(
        as_log.verifier.name, as_log.verifier.key_id, WITNESS.sign(HEAD.text, NOW).signature[8:]
    )
    with pytest.raises(BadSignature):
        as_log.verifier.check(HEAD.text, moved)


@given(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60),
    st.lists(
        st.tuples(st.sampled_from(["a", "é/b"]), st.binary(min_size=4, max_size=4), st.binary(min_size=1)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_note_is_read_as_it_was_written(text: str, lines: list[tuple[str, bytes, bytes]]) -> None:
    written = Note(text + "\n", tuple(note.Signature(*line) for line in lines))
    assert note.parse(written.encode()) == written


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no blank line"),
        (b"text\n", "no blank line"),
        (b"text\n\n", "last signature line has no newline"),
        (b"te\rxt\n\n\xe2\x80\x94 a AAAAAAA=\n", "control character"),
        (b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n", "not UTF-8 at byte 2"),
        (b"text\n\n- a AAAAAAA=\n", "line 1 does not start with an em dash"),
        (b"text\n\n\xe2\x80\x94 a AAAAAAA\n", "line 1: is not base64"),
        (b"text\n\n\xe2\x80\x94 a AAAAAAB=\n", "line 1: is not base64 as it is written"),
        (b"text\n\n\xe2\x80\x94 a AAAAAA==\n", "line 1: holds no signature"),
        (b"text\n\n\xe2\x80\x94  AAAAAAA=\n", "line 1: a key's name is not empty"),
        (b"text\n\n\xe2\x80\x94 a+b AAAAAAA=\n", "no spaces and no plus"),
        (b"text\n\n\xe2\x80\x94 a AAAAAAA=", "no newline"),
        (b"text\n\n" + b"\xe2\x80\x94 a AAAAAAA=\n" * 65, "more than 64 signatures"),
        (b"t" * 1_000_001, "longer than"),
    ],
)
def test_what_is_no_note_is_told_why(raw: bytes, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        note.parse(raw)


def test_a_note_that_cannot_be_read_is_not_written() -> None:
    signature = LOG.sign("text\n")
    for bad in (Note("text", (signature,)), Note("te\txt\n", (signature,)), Note("text\n", ())):
        with pytest.raises(BadNote):
            bad.encode()


def test_a_signature_is_added_once() -> None:
    first = checkpoint.sign(HEAD, [LOG], NOW)
    more = [WITNESS.sign(HEAD.text, NOW)]
    assert first.and_signed(more).and_signed(more).signatures == (*first.signatures, *more)


ROOT = b64encode(HEAD.root).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{ORIGIN}\n8\n", "three lines or more"),
        (f"{ORIGIN}\n8\n{ROOT}", "three lines or more"),
        (f"{ORIGIN}\n8\n{ROOT}\n\n", "none of them empty"),
        (f"\n8\n{ROOT}\n", "none of them empty"),
        (f"{ORIGIN}\n08\n{ROOT}\n", "no decimal number: '08'"),
        (f"{ORIGIN}\n-8\n{ROOT}\n", "no decimal number"),
        (f"{ORIGIN}\n\u0668\n{ROOT}\n", "no decimal number"),
        (f"{ORIGIN}\n9999999999999999999\n{ROOT}\n", "no decimal number"),
        (f"{ORIGIN}\n8\n{ROOT[:-4]}\n", "has 30 bytes"),
        (f"{ORIGIN}\n8\nroot\n", "has 3 bytes"),
        (f"{ORIGIN}\n8\n{ROOT[:-1]}\n", "the root is not base64"),
        (f"{ORIGIN}\n0\n{ROOT}\n", "the tree is empty"),
    ],
)
def test_what_is_no_tree_head_is_told_why(text: str, why: str) -> None:
    with pytest.raises(BadTreeHead, match=why):
        treehead.parse(text)


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(st.just("x y"), max_size=2))
def test_a_tree_head_is_read_as_it_was_written(size: int, root: bytes, extensions: list[str]) -> None:
    head = TreeHead(ORIGIN, size, root, tuple(extensions))
    assert treehead.parse(head.text) == head


def test_verifiers_with_a_key_that_is_none_say_no() -> None:
    bad = Verifier(ORIGIN, Algorithm.ED25519, b"\xff" * 32)
    with pytest.raises(BadSignature):
        bad.check("text\n", note.Signature(ORIGIN, bad.key_id, b64decode("AAAA")))
