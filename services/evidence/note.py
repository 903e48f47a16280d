"""Signed notes, as C2SP signed-note writes them: a text, a blank line, and one line for each signature.

    text, of lines that end in a newline
    <blank line>
    — <key name> <base64 of: key id (4 bytes), signature>

A note says who signed it; whether that is so is for `keys` to check.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from services.evidence.errors import BadNote

DASH: Final = "\N{EM DASH}"
KEY_ID_BYTES: Final = 4
MOST_SIGNATURES: Final = 64
MOST_BYTES: Final = 1_000_000

_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")


class Signature(Struct, frozen=True):
    """A signature line: the name of a key, its id of 4 bytes, and what the key made of the text."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{DASH} {self.name} {b64(self.key_id + self.signature)}\n"


class Note(Struct, frozen=True):
    """A text, which ends in a newline, and its signatures in the order of their lines."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The bytes of the note; `BadNote` for a text that none can have."""
        _check_text(self.text)
        if not self.signatures:
            raise BadNote("a note has at least one signature")
        return "".join([self.text, "\n", *(each.line for each in self.signatures)]).encode()

    def and_signed(self, more: Iterable[Signature]) -> "Note":
        """The note with further signatures; one that it has already is not added again."""
        return Note(self.text, tuple(dict.fromkeys([*self.signatures, *more])))


def parse(raw: bytes) -> Note:
    """Read a note. `BadNote` says what is wrong; `parse(raw).encode() == raw` for whatever is accepted."""
    if len(raw) > MOST_BYTES:
        raise BadNote(f"the note is longer than {MOST_BYTES} bytes")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise BadNote(f"the note is not UTF-8 at byte {error.start}") from None
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank:
        raise BadNote("the note has no blank line between its text and its signatures")
    _check_text(text + "\n")
    return Note(text + "\n", parse_lines(signatures))


def parse_lines(lines: str) -> tuple[Signature, ...]:
    """Read signature lines, one or more, such as a witness answers with; else `BadNote`."""
    if not lines.endswith("\n"):
        raise BadNote("the last signature line has no newline")
    found = lines[:-1].split("\n")
    if len(found) > MOST_SIGNATURES:
        raise BadNote(f"the note has more than {MOST_SIGNATURES} signatures")
    return tuple(_parse_line(nth, line) for nth, line in enumerate(found, 1))


def b64(raw: bytes) -> str:
    """Base64 (RFC 4648, 4), with padding."""
    return base64.b64encode(raw).decode()


def decode_base64(text: str) -> bytes:
    """Undo base64 (RFC 4648, 4), taking only the spelling that encoding gives; `BadNote` for any other."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("is not base64") from None
    if b64(decoded) != text:
        raise BadNote("is not base64 as it is written")
    return decoded


def check_name(name: str) -> str:
    """Give the name back if a key can have it; `BadNote` if not."""
    if not name or "+" in name or any(map(str.isspace, name)) or _CONTROL.search(name):
        raise BadNote(f"a key's name is not empty and has no spaces and no plus: {name!r}")
    return name


def _parse_line(nth: int, line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != DASH:
        raise BadNote(f"signature line {nth} does not start with an em dash and a space")
    try:
        check_name(name)
        decoded = decode_base64(encoded)
    except BadNote as error:
        raise BadNote(f"signature line {nth}: {error}") from None
    if len(decoded) <= KEY_ID_BYTES:
        raise BadNote(f"signature line {nth}: holds no signature")
    return Signature(name, decoded[:KEY_ID_BYTES], decoded[KEY_ID_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise BadNote("a note's text ends in a newline")
    if control := _CONTROL.search(text):
        raise BadNote(f"a note's text has no control character, and this has {control.group()!r}")
