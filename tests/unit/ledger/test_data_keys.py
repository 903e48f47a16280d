"""A data key seals for one document alone, tells repeats, and is wrapped under keys that are never shown."""

from base64 import b64decode, b64encode

import pytest

from services.ledger import wrapping
from services.ledger.datakey import DataKey, Unopenable, bound
from services.ledger.wrapping import BadKeyEncryptionKey, CannotUnwrap, Wrapped

KEY = DataKey(bytes(range(32)))
HERE = bound("case-1", "/front-door", "event-1", "ContactReceived")
ONE, OTHER = (b64encode(bytes([nth] * 32)).decode() for nth in (1, 2))


def test_what_is_sealed_opens_beside_its_own_document_alone() -> None:
    sealed = KEY.seal(b"words", HERE)
    assert KEY.open(sealed, HERE) == b"words"
    assert b"words" not in b64decode(sealed)
    for elsewhere in (
        bound("case-2", "/front-door", "event-1", "ContactReceived"),
        bound("case-1", "/portal", "event-1", "ContactReceived"),
        bound("case-1", "/front-door", "event-2", "ContactReceived"),
        bound("case-1", "/front-door", "event-1", "ContactTriaged"),
    ):
        with pytest.raises(Unopenable):
            KEY.open(sealed, elsewhere)
    with pytest.raises(Unopenable):
        DataKey.new().open(sealed, HERE)


def test_no_two_seals_are_the_same() -> None:
    assert KEY.seal(b"words", HERE) != KEY.seal(b"words", HERE)


@pytest.mark.parametrize("at", [0, 1, 13, -1])
def test_a_damaged_seal_does_not_open(at: int) -> None:
    raw = bytearray(b64decode(KEY.seal(b"words", HERE)))
    raw[at] ^= 1
    with pytest.raises(Unopenable):
        KEY.open(b64encode(raw).decode(), HERE)


@pytest.mark.parametrize("sealed", ["", "AQ==", "not base64", "é"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(Unopenable):
        KEY.open(sealed, HERE)


def test_a_repeat_is_told_by_who_has_the_key_and_by_nobody_else() -> None:
    assert KEY.content(b"said") == DataKey(bytes(range(32))).content(b"said")
    assert KEY.content(b"said") != KEY.content(b"said otherwise")
    assert KEY.content(b"said") != DataKey.new().content(b"said")


def test_a_key_shows_nothing_of_itself() -> None:
    assert "00" not in repr(KEY)


async def test_the_first_key_wraps_and_each_unwraps_what_it_wrapped() -> None:
    before = wrapping.parse(f"# since January\nold {ONE}\n")
    after = wrapping.parse(f"new {OTHER}\nold {ONE}\n")
    (old,), (new,) = await before.wrap({"case-1": KEY}), await after.wrap({"case-1": KEY})
    assert (old.kek_id, new.kek_id) == ("old", "new")
    for wrapped in (old, new):
        assert (await after.unwrap([wrapped]))["case-1"].raw == KEY.raw
        assert KEY.raw not in wrapped.wrapped
    with pytest.raises(CannotUnwrap, match="no key-encryption key `new`"):
        await before.unwrap([new])


async def test_a_wrapped_key_is_of_no_use_to_another_stream() -> None:
    keys = wrapping.parse(f"one {ONE}")
    (wrapped,) = await keys.wrap({"case-1": KEY})
    with pytest.raises(CannotUnwrap):
        await keys.unwrap([Wrapped("case-2", wrapped.kek_id, wrapped.wrapped)])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "there is none"),
        ("# nothing\n\n", "there is none"),
        (ONE, "line 1 is not an id"),
        (f"one {ONE}\ntwo short", "line 2 is not an id"),
        (f"vault:v1 {ONE}", "line 1 is not an id"),
        (f"one {ONE}\none {OTHER}", "two of them have the id `one`"),
    ],
)
def test_what_is_no_key_encryption_key_is_refused_without_being_shown(written: str, why: str) -> None:
    with pytest.raises(BadKeyEncryptionKey) as refused:
        wrapping.parse(written)
    assert why in str(refused.value)
    assert ONE not in str(refused.value)
