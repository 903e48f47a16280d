"""The event document: parsed once, composed once, and never encoded again after it is appended.

A submission is what a client posts; a document is the CloudEvents 1.0 JSON that the ledger keeps; a
recorded event is a document read back. A document is composed without its position, which the append
splices in front, under the lock that assigns it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, NewType, cast

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, ValidationError, field, json

from services.domain import personal
from services.domain.errors import Fault, MalformedJson, NotAnEvent, UnknownEventType
from services.domain.events import EVENT_TYPES, AnyEvent
from services.domain.events.shape import BEYOND, END, LINE, Event, is_beyond
from services.domain.faults import find
from services.domain.principal import Principal

Position = NewType("Position", int)  # in the ledger: 1, 2, 3 … in commit order
CaseVersion = NewType("CaseVersion", int)  # in one case: 1, 2, 3 …
NOT_APPENDED = Position(0)  # the position of what is decided, but not in the ledger yet

DEFAULT_SOURCE = "/api"
JSON_TYPE = "application/json"
SET_BY_THE_LEDGER = frozenset({"position", "caseversion", "recordedat", "flags", "sealed", "onbehalfof"})

Text = Annotated[str, Meta(pattern=LINE, max_length=200)]
UriReference = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+" + END, max_length=200)]
Instant = Annotated[datetime, Meta(tz=True)]


class Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The attributes that a client may set; CloudEvents 1.0 names, extensions in lower case."""

    type: Text
    data: Raw
    id: Text | None = None
    source: UriReference | None = None
    specversion: str = "1.0"
    subject: Text | None = None
    time: Instant | None = None
    dataschema: str | None = None
    datacontenttype: str = JSON_TYPE
    actor: Annotated[str, Meta(pattern=LINE, max_length=120)] | None = None
    actorrole: Annotated[str, Meta(pattern=LINE, max_length=64)] | None = None
    correlationid: Text | None = None
    causationid: Text | None = None


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


_envelopes = json.Decoder(Envelope)
_documents = json.Decoder(_Document)
_payloads: dict[str, json.Decoder[Any]] = {name: json.Decoder(shape) for name, shape in EVENT_TYPES.items()}
_encoder = json.Encoder()
_TWICE = Fault("", "has a member that stands twice, once as something that does not fit")


def schema_name(event: type[Event]) -> str:
    """The `dataschema` of an event type's present version."""
    return f"urn:caseledger:event:{event.TYPE}:{event.VERSION}"


_SCHEMA_NAMES = {name: schema_name(shape) for name, shape in EVENT_TYPES.items()}


def parse(body: bytes | Raw, stream: str, new_id: Callable[[], str]) -> Submission:
    """Read one posted event for `stream`; `new_id` gives an id to one that brings none.

    Raises `MalformedJson`, `UnknownEventType`, or `NotAnEvent` with every fault found.
    """
    try:
        envelope = _envelopes.decode(body)
        event = cast("AnyEvent", _payloads[envelope.type].decode(envelope.data))
    except (ValidationError, KeyError):
        raise _explain(body, stream) from None
    except (ValueError, RecursionError) as error:
        raise _malformed(body, error) from None
    if faults := _envelope_faults(envelope, stream) + _date_faults(event):
        raise NotAnEvent(faults)
    source = envelope.source or DEFAULT_SOURCE
    time = envelope.time.astimezone(UTC) if envelope.time else None
    return Submission(
        stream=stream,
        id=envelope.id or new_id(),
        source=source,
        time=time,
        event=event,
        actor=envelope.actor,
        actorrole=envelope.actorrole,
        correlationid=envelope.correlationid,
        causationid=envelope.causationid,
    )


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
            dataschema=_SCHEMA_NAMES[record.event.TYPE],
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
    payload = _payloads.get(kept.type)
    if payload is None or kept.dataschema != _SCHEMA_NAMES[kept.type]:
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


def _envelope_faults(envelope: Envelope, stream: str) -> list[Fault]:
    schema = _SCHEMA_NAMES.get(envelope.type, envelope.dataschema)
    expected = {
        "specversion": (envelope.specversion, "1.0"),
        "subject": (envelope.subject or stream, stream),
        "datacontenttype": (envelope.datacontenttype.partition(";")[0].strip().lower(), JSON_TYPE),
        "dataschema": (envelope.dataschema or schema, schema),
    }
    faults = [
        Fault(f"/{name}", f"is `{given}`, must be `{wanted}` here")
        for name, (given, wanted) in expected.items()
        if given != wanted
    ]
    return [*faults, Fault("/time", BEYOND)] if is_beyond(envelope.time) else faults


def _date_faults(event: Event) -> list[Fault]:
    names = zip(event.__struct_fields__, event.__struct_encode_fields__, strict=True)
    return [Fault(f"/data/{wire}", BEYOND) for name, wire in names if is_beyond(getattr(event, name))]


def _malformed(body: bytes | Raw, error: ValueError | RecursionError) -> MalformedJson:
    if not bytes(body).strip():
        return MalformedJson("the body is empty")
    if isinstance(error, UnicodeDecodeError):
        return MalformedJson("the body is not UTF-8")
    return MalformedJson("it is nested too deeply" if isinstance(error, RecursionError) else str(error))


def _explain(body: bytes | Raw, stream: str) -> NotAnEvent | UnknownEventType | MalformedJson:
    """What is wrong with a body that did not decode, with every fault found."""
    try:
        found = json.decode(body)
    except (ValueError, RecursionError) as error:
        return _malformed(body, error)
    if not isinstance(found, dict):
        return NotAnEvent([Fault("", "must be a JSON object")])
    faults = find(Envelope, found, "", reserved=SET_BY_THE_LEDGER)
    if not faults:
        try:
            faults = _envelope_faults(_envelopes.decode(body), stream)
        except ValidationError:
            return NotAnEvent([_TWICE])
    name = found.get("type")
    if isinstance(name, str) and name not in EVENT_TYPES:
        return (
            NotAnEvent([*faults, Fault("/type", f"`{name}` is not known")])
            if faults
            else UnknownEventType(name)
        )
    if isinstance(name, str) and name in EVENT_TYPES and "data" in found:
        faults += find(EVENT_TYPES[name], found["data"], "/data")
    return NotAnEvent(faults or [_TWICE])
