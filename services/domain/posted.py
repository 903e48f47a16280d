"""What a client posts: one event, read once, refused with every fault found."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, cast

from msgspec import Meta, Raw, Struct, ValidationError, json

from services.domain.errors import Fault, MalformedJson, NotAnEvent, UnknownEventType
from services.domain.event import JSON_TYPE, PAYLOADS, SCHEMA_NAMES, Submission
from services.domain.events import EVENT_TYPES, AnyEvent
from services.domain.events.shape import BEYOND, END, LINE, Event, is_beyond
from services.domain.faults import find

DEFAULT_SOURCE = "/api"
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


_envelopes = json.Decoder(Envelope)
_TWICE = Fault("", "has a member that stands twice, once as something that does not fit")


def parse(body: bytes | Raw, stream: str, new_id: Callable[[], str]) -> Submission:
    """Read one posted event for `stream`; `new_id` gives an id to one that brings none.

    Raises `MalformedJson`, `UnknownEventType`, or `NotAnEvent` with every fault found.
    """
    try:
        envelope = _envelopes.decode(body)
        event = cast("AnyEvent", PAYLOADS[envelope.type].decode(envelope.data))
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


def _envelope_faults(envelope: Envelope, stream: str) -> list[Fault]:
    schema = SCHEMA_NAMES.get(envelope.type, envelope.dataschema)
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
