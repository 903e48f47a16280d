"""Make inputs that are nearly right: valid ones, with a few bytes or a few values of another kind in them.

The same seed makes the same inputs, on every machine.
"""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

PIECES: Final = (
    *(
        b"",
        b"\0",
        b"\n",
        b"\r\n",
        b"\\",
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b" ",
        b"+",
        b"-",
        b"=",
        b"%",
    ),
    *(
        b"null",
        b"true",
        b"0",
        b"-1",
        b"1e309",
        b"9" * 40,
        b"-0.0",
        b"NaN",
        b"\\u0000",
        b"\\ud800",
        b"\xff\xfe",
    ),
    *(
        "ß".encode(),
        "\u2028".encode(),
        "😀".encode(),
        b"\xed\xa0\x80",
        b"0001-01-01",
        b"9999-12-31T23:59:60Z",
    ),
    *(b"[" * 40, b'{"a":' * 40, b"A" * 300, b"PK\x03\x04", b"-----BEGIN", b"PRIVATE+KEY+", b"\xe2\x80\x94 "),
)
"""What decoders have stumbled over."""

VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.5, 1e308),
    *("", " ", "\0", "x" * 5000, "office", "case-1", "ß", "\u2028", "a\nb", "é", "../..", "%00"),
    *("2018-02-30", "2018-03-29T11:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *([], {}, [[]], [None], {"": None}, {"__proto__": 1}),
)
"""What takes the place of a value of JSON."""


def inputs(seeds: Sequence[bytes], seed: int | str, count: int) -> Iterator[bytes]:
    """`count` inputs made of `seeds`, of which the first are these themselves."""
    dice = Random(seed)
    yield from seeds[:count]
    for _ in range(count - len(seeds)):
        whole = dice.choice(seeds)
        if whole[:1] in {b"{", b"["} and dice.random() < 0.5:
            yield _other_value(whole, dice)
        else:
            yield _other_bytes(whole, seeds, dice)


def _other_bytes(whole: bytes, seeds: Sequence[bytes], dice: Random) -> bytes:
    made = bytearray(whole)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        at, upto = sorted((dice.randrange(len(made) + 1), dice.randrange(len(made) + 1)))
        match dice.randrange(7):
            case 0 if made:
                made[min(at, len(made) - 1)] ^= 1 << dice.randrange(8)
            case 1:
                made[at:at] = dice.choice(PIECES)
            case 2:
                del made[at : min(upto, at + 20)]
            case 3:
                made[at : at + 4] = dice.choice(PIECES)
            case 4:
                made[at:at] = made[at : min(upto, at + 200)]
            case 5:
                other = dice.choice(seeds)
                made[at:] = other[dice.randrange(len(other) + 1) :]
            case _:
                del made[at:]
    return bytes(made)


def _other_value(whole: bytes, dice: Random) -> bytes:
    said = json.loads(whole)
    for _ in range(dice.choice((1, 1, 2, 4))):
        said = _changed(said, dice)
    return json.dumps(said, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")


def _changed(node: Any, dice: Random) -> Any:
    if isinstance(node, dict) and node and dice.random() < 0.9:
        key = dice.choice(list(node))
        match dice.randrange(8):
            case 0:
                return {other: value for other, value in node.items() if other != key}
            case 1:
                return {
                    **node,
                    dice.choice(("id", "type", "data", "time", key + "x", "")): dice.choice(VALUES),
                }
        return {**node, key: _changed(node[key], dice)}
    if isinstance(node, list) and node and dice.random() < 0.9:
        at = dice.randrange(len(node))
        more = [_changed(node[at], dice)] * dice.choice((0, 1, 1, 1, 2))
        return [*node[:at], *more, *node[at + 1 :]]
    return dice.choice(VALUES)
