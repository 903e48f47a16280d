"""One row of the ledger against itself: is it whole, and does all beside the document agree with it?"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from msgspec import DecodeError, Struct, json

from services.evidence.merkle import leaf_hash


class StoredEvent(NamedTuple):
    """A row as `events_to_verify` reads it."""

    position: int
    document: str
    leaf: bytes
    case_id: str
    case_version: int
    source: str
    event_id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime


class _Attributes(Struct):
    position: int
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    caseversion: int
    recordedat: datetime


_attributes = json.Decoder(_Attributes)
_COLUMNS: Final = StoredEvent._fields[3:]
_BEGIN: Final = re.compile(rb'\{"position":([0-9]{1,19}),')
_RECORDED: Final = re.compile(rb'"recordedat":"([^"]*)"')


def hashed(row: Mapping[Any, Any], expected: int) -> bytes | None:
    """The leaf hash of a row's document, or None if the row is not at its place or does not agree with it."""
    position, text, leaf, *columns = row
    document = text.encode()
    computed = leaf_hash(document)
    if position != expected or computed != leaf:
        return None
    try:
        said = _attributes.decode(document)
    except DecodeError:
        return None
    named = [said.subject, said.caseversion, said.source, said.id, said.type, said.time, said.recordedat]
    return computed if columns == named and said.position == position else None


def disagreement(row: StoredEvent) -> str:
    """What beside a document does not agree with it, in words; empty if all does."""
    document = row.document.encode()
    try:
        said = _attributes.decode(document)
    except DecodeError as error:
        return f"the document there is none: {error}"
    if leaf_hash(document) != row.leaf:
        return "the document does not hash to the leaf beside it"
    named = (said.subject, said.caseversion, said.source, said.id, said.type, said.time, said.recordedat)
    for column, is_there, should_be in zip(_COLUMNS, row[3:], named, strict=True):
        if is_there != should_be:
            return f"the column {column} beside the document says {is_there}, and the document {should_be}"
    return ""


def position_in(document: bytes) -> int | None:
    """The position that a document begins with; None if it begins otherwise."""
    found = _BEGIN.match(document)
    return int(found[1]) if found else None


def put_at(document: bytes, position: int) -> bytes:
    """The document as it would be at another position."""
    return _BEGIN.sub(b'{"position":%d,' % position, document, count=1)


def recorded_at(document: bytes, instant: datetime) -> bytes:
    """The document as it would be if it had been recorded then."""
    return _RECORDED.sub(b'"recordedat":"' + written(instant) + b'"', document, count=1)


def written(instant: datetime) -> bytes:
    """An instant as documents write it."""
    return json.encode(instant.astimezone(UTC)).strip(b'"')
