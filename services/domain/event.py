"""The event document: composed once, and never encoded again after it is appended.

A submission is what a client posted, as `posted` reads it; a document is the CloudEvents 1.0 JSON that the
ledger keeps; a recorded event is a document read back. A document is composed without its position, which
the append splices in front, under the lock that assigns it.
"""

from datetime import UTC, datetime
from typing import Any, NewType

from msgspec import UNSET, Raw, Struct, UnsetType, field, json

from services.domain import personal
from services.domain.errors import UnknownEventType
from services.domain.events import EVENT_TYPES, AnyEvent
from services.domain.events.shape import Event
from services.domain.principal import Principal

Position = NewType("Position", int)  # in the ledger: 1, 2, 3 … in commit order
CaseVersion = NewType("CaseVersion", int)  # in one case: 1, 2, 3 …
NOT_APPENDED = Position(0)  # the position of what is decided, but not in the ledger yet

JSON_TYPE = "application/json"


class Submission(Struct, frozen=True, kw_only=True):
    """One event that a client asks to have recorded in a stream, valid in itself and whole.

    The ledger seals it before it is decided: `sealed` then holds what is personal in `event`, and `content`
    is a hash of everything the client said: the same id with the same content is the same event.
    """

    stream: str
    id: str
    source: str
    time: datetime | None
    event: AnyEvent
    actor: str | None
    actorrole: str | None
    correlationid: str | None
    causationid: str | None
    sealed: str | None = None
    content: bytes = b""
    onbehalfof: str | None = None
    by_system: bool = False  # `actor` is a client system, which is nobody's name
    poster: Principal | None = None  # None: the ledger itself, or nobody was asked who they are

    @property
    def author(self) -> str | None:
        """Who says so: the one on whose behalf it was posted, otherwise who posted it."""
        return self.onbehalfof or self.actor

    @property
    def person(self) -> str | None:
        """The person who says so, None where a client system does not tell."""
        return self.onbehalfof or (None if self.by_system else self.actor)


class Recorded(Struct, frozen=True, kw_only=True):
    """One event as the ledger has it: `time` is when it happened, `recordedat` when it was written.

    `event` is without what is personal, which is in `sealed`, for the ledger alone to open.
    """

    position: Position
    stream: str
    caseversion: CaseVersion
    id: str
    source: str
    time: datetime
    recordedat: datetime
    event: AnyEvent
    actor: str | None = None
    actorrole: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    flags: tuple[str, ...] = ()
    onbehalfof: str | None = None
    sealed: str | None = None

    @property
    def author(self) -> str | None:
        """Who said so: the one on whose behalf it was posted, otherwise who posted it."""
        return self.onbehalfof or self.actor


class _Document(Struct, frozen=True, kw_only=True):
    """The stored document; the order of the fields is the order on disk."""

    position: int | UnsetType = UNSET
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    datacontenttype: str
    caseversion: int
    recordedat: datetime
    actor: str | UnsetType = UNSET
    onbehalfof: str | UnsetType = UNSET
    actorrole: str | UnsetType = UNSET
    correlationid: str | UnsetType = UNSET
    causationid: str | UnsetType = UNSET
    flags: str | UnsetType = UNSET
    data: Raw = field()
    sealed: str | UnsetType = UNSET


_documents = json.Decoder(_Document)
PAYLOADS: dict[str, json.Decoder[Any]] = {name: json.Decoder(shape) for name, shape in EVENT_TYPES.items()}
"""What reads the `data` of an event, by its type."""
_encoder = json.Encoder()


def schema_name(event: type[Event]) -> str:
    """The `dataschema` of an event type's present version."""
    return f"urn:caseledger:event:{event.TYPE}:{event.VERSION}"


SCHEMA_NAMES = {name: schema_name(shape) for name, shape in EVENT_TYPES.items()}


def said(submission: Submission) -> bytes:
    """Everything the client said but the id, in one spelling: tells a repeat from an id used twice."""
    by = (submission.actor, submission.onbehalfof, submission.actorrole)
    links = (submission.correlationid, submission.causationid)
    name = submission.event.TYPE
    about = (submission.stream, submission.source, name, submission.time, *by)
    return _encoder.encode((about, links, submission.event))


def write(
    submission: Submission,
    event: AnyEvent,
    flags: tuple[str, ...],
    caseversion: CaseVersion,
    recordedat: datetime,
) -> Recorded:
    """What is to be recorded of a submission: `event` is the one admitted, with the ledger's own fields.

    What is personal in it is left to `sealed`.
    """
    return Recorded(
        position=NOT_APPENDED,
        stream=submission.stream,
        caseversion=caseversion,
        id=submission.id,
        source=submission.source,
        time=submission.time or recordedat,
        recordedat=recordedat,
        event=personal.clear(event),
        actor=submission.actor,
        onbehalfof=submission.onbehalfof,
        actorrole=submission.actorrole,
        correlationid=submission.correlationid,
        causationid=submission.causationid,
        flags=flags,
        sealed=submission.sealed,
    )


def compose(record: Recorded) -> bytes:
    """The document to append: complete but for `position`, which the append splices in front."""
    return _encoder.encode(
        _Document(
            specversion="1.0",
            id=record.id,
            source=record.source,
            type=record.event.TYPE,
            subject=record.stream,
            time=record.time,
            dataschema=SCHEMA_NAMES[record.event.TYPE],
            datacontenttype=JSON_TYPE,
            caseversion=record.caseversion,
            recordedat=record.recordedat,
            actor=record.actor or UNSET,
            onbehalfof=record.onbehalfof or UNSET,
            actorrole=record.actorrole or UNSET,
            correlationid=record.correlationid or UNSET,
            causationid=record.causationid or UNSET,
            flags=" ".join(record.flags) or UNSET,
            data=Raw(_encoder.encode(record.event)),
            sealed=record.sealed or UNSET,
        )
    )


def decode(document: bytes | str) -> Recorded:
    """Read a stored document back. Raises `UnknownEventType` when a newer release wrote it."""
    kept = _documents.decode(document)
    payload = PAYLOADS.get(kept.type)
    if payload is None or kept.dataschema != SCHEMA_NAMES[kept.type]:
        raise UnknownEventType(kept.type, kept.dataschema)
    return Recorded(
        position=Position(kept.position) if kept.position else NOT_APPENDED,
        stream=kept.subject,
        caseversion=CaseVersion(kept.caseversion),
        id=kept.id,
        source=kept.source,
        time=kept.time,
        recordedat=kept.recordedat,
        event=payload.decode(kept.data),
        actor=kept.actor or None,
        onbehalfof=kept.onbehalfof or None,
        actorrole=kept.actorrole or None,
        correlationid=kept.correlationid or None,
        causationid=kept.causationid or None,
        flags=tuple(kept.flags.split()) if kept.flags else (),
        sealed=kept.sealed or None,
    )


def whole(document: bytes | str, said_in_sealed: bytes) -> bytes:
    """A stored document with what was sealed back in its `data`, and without `sealed`: never to be stored."""
    kept: dict[str, Any] = json.decode(document)
    opened: dict[str, Any] = json.decode(said_in_sealed)
    kept["data"] = kept["data"] | opened
    kept.pop("sealed", None)
    return _encoder.encode(kept)


def to_the_millisecond(instant: datetime) -> datetime:
    """`instant` in UTC, as `recordedat` states it."""
    return instant.astimezone(UTC).replace(microsecond=instant.microsecond // 1000 * 1000)
