"""Read the bodies that clients post: every fault is found before anything is asked of the ledger."""

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Final
from uuid import UUID, uuid4, uuid5

from msgspec import UNSET, Raw, Struct, UnsetType, ValidationError, json

from services.domain.erasure import BY_THE_LEDGER
from services.domain.errors import CaseworkError, Fault, MalformedJson, NotAnEvent, UnknownEventType
from services.domain.event import Submission
from services.domain.events import EVENT_TYPES
from services.domain.posted import parse
from services.runtime import bounds
from services.runtime.problems import BODY_TOO_LARGE, MALFORMED_JSON, Kind, Problem

JSON: Final = "application/json"
CLOUDEVENT: Final = "application/cloudevents+json"
CLOUDEVENTS: Final = "application/cloudevents-batch+json"
NDJSON: Final = "application/x-ndjson"

INVALID_EVENT: Final = Kind(
    "invalid-event", "The event is not valid", 400, "Correct each fault that is named."
)
UNKNOWN_EVENT_TYPE: Final = Kind(
    "unknown-event-type",
    "There is no event of that type",
    400,
    "The types are listed in docs/reference/events.md.",
)

MOST_EVENTS: Final = 10_000  # a request
MOST_BYTES: Final = 256 * 1024  # an event: a message on the stream may have four times that
IDEMPOTENCY: Final = UUID("6b0e1a52-3f0c-5c7e-9a53-0f6a3b6d1c11")  # names ids made of an Idempotency-Key

CASE_ID: Final = r"^(?!office$)[A-Za-z0-9_-]{1,64}$(?!\n)"
STREAM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a case, or `office`

BY_THE_LEDGER_ALONE: Final = "is recorded by the ledger alone: ask for it with POST /v1/cases/…/erasure"

NewId = Callable[[], str]


class _Attributes(Struct):
    """What CloudEvents 1.0 requires, and the ledger does not ask of plain JSON."""

    specversion: Raw | UnsetType = UNSET
    id: Raw | UnsetType = UNSET
    source: Raw | UnsetType = UNSET


class _Subject(Struct):
    subject: str | UnsetType = UNSET


_attributes = json.Decoder(_Attributes)
_subjects = json.Decoder(_Subject)
_arrays = json.Decoder(list[Raw])


def read_plain(body: bytes, stream: str, idempotency_key: str | None) -> Submission:
    """One event as plain JSON: an id that is missing is made of the key, or of nothing."""
    return _all([_Item(body, stream)], _ids(stream, idempotency_key), strict=False)[0]


def read_cloudevent(body: bytes, stream: str) -> Submission:
    """One event as a CloudEvent, which has an id and a source."""
    return _all([_Item(body, stream)], _no_id, strict=True)[0]


def read_batch(body: bytes, stream: str) -> list[Submission]:
    """Several events of one stream as a CloudEvents batch."""
    return _all([_Item(raw, stream, f"/{nth}") for nth, raw in enumerate(_array(body))], _no_id, strict=True)


def read_many(body: bytes, *, lines: bool) -> list[Submission]:
    """Events of many streams, each naming its own as `subject`: a CloudEvents batch, or NDJSON."""
    bounds.check_values(body)
    raws = [line for line in body.split(b"\n") if line.strip()] if lines else _array(body)
    items = [_Item(raw, None, f"/{nth}") for nth, raw in enumerate(raws)]
    return _all(items, lambda: str(uuid4()), strict=not lines)


def id_of(stream: str, idempotency_key: str) -> str:
    """The id that an event of a stream gets of its `Idempotency-Key`, if it brings none."""
    return str(uuid5(IDEMPOTENCY, f"{stream} {idempotency_key}"))


class _Item(Struct):
    """One event as it was posted: for which stream, and where it stands in the body."""

    raw: bytes | Raw
    stream: str | None
    at: str = ""


def _all(items: Sequence[_Item], new_id: NewId, *, strict: bool) -> list[Submission]:
    if not items:
        raise Problem(INVALID_EVENT, "There is no event in the body.", faults=[Fault("", "holds no event")])
    if len(items) > MOST_EVENTS:
        raise Problem(BODY_TOO_LARGE, f"Send at most {MOST_EVENTS} events at once.")
    submissions: list[Submission] = []
    errors: list[tuple[_Item, CaseworkError]] = []
    for item in items:
        try:
            submissions.append(_one(item, new_id, strict=strict))
        except CaseworkError as error:
            errors.append((item, error))
    if errors:
        raise _problem(errors)
    return submissions


def _one(item: _Item, new_id: NewId, *, strict: bool) -> Submission:
    raw = item.raw
    if len(memoryview(raw)) > MOST_BYTES:
        raise Problem(BODY_TOO_LARGE, f"An event has at most {MOST_BYTES} bytes; see {item.at or '/'}.")
    bounds.check_depth(bytes(raw))
    try:
        if strict and (missing := _missing(raw)):
            raise NotAnEvent(missing)
        submission = parse(raw, item.stream or _stream_of(raw), new_id)
    except RecursionError:
        raise MalformedJson("it is nested too deeply") from None
    except OverflowError:
        raise NotAnEvent([Fault("/time", "is outside the calendar")]) from None
    if submission.event.TYPE in BY_THE_LEDGER:
        raise NotAnEvent([Fault("/type", BY_THE_LEDGER_ALONE)])
    if "\0" in submission.id or "\0" in submission.source:
        raise NotAnEvent([Fault("/id", "and /source hold no NUL")])
    return submission


def _missing(raw: bytes | Raw) -> list[Fault]:
    try:
        found = _attributes.decode(raw)
    except ValueError:
        return []  # parse says what is wrong with it
    given = {"specversion": found.specversion, "id": found.id, "source": found.source}
    return [
        Fault(f"/{name}", "is required of a CloudEvent") for name, value in given.items() if value is UNSET
    ]


def _stream_of(raw: bytes | Raw) -> str:
    try:
        subject = _subjects.decode(raw).subject
    except ValidationError as error:
        raise NotAnEvent([Fault("/subject", str(error))]) from None
    except ValueError as error:
        raise MalformedJson(str(error)) from None
    if subject is UNSET:
        raise NotAnEvent([Fault("/subject", "is required: the case that the event belongs to")])
    if not STREAM.fullmatch(subject):
        raise NotAnEvent([Fault("/subject", f"must match `{STREAM.pattern}`")])
    return subject


def _array(body: bytes) -> list[Raw]:
    bounds.check_values(body)
    try:
        return _arrays.decode(body)
    except ValidationError:
        raise Problem(INVALID_EVENT, faults=[Fault("", "must be an array of events")]) from None
    except (ValueError, RecursionError) as error:
        raise Problem(MALFORMED_JSON, str(error)) from None


def _ids(stream: str, idempotency_key: str | None) -> NewId:
    if idempotency_key is None:
        return lambda: str(uuid4())
    return lambda: id_of(stream, idempotency_key)


def _no_id() -> str:
    raise NotAnEvent([Fault("/id", "is required of a CloudEvent")])


def _nearest(name: str) -> str:
    near = get_close_matches(name, EVENT_TYPES, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _problem(errors: Iterable[tuple[_Item, CaseworkError]]) -> Problem:
    faults: list[Fault] = []
    kinds: set[Kind] = set()
    for item, error in errors:
        match error:
            case MalformedJson():
                return Problem(MALFORMED_JSON, f"At {item.at}: {error}" if item.at else str(error))
            case NotAnEvent(faults=found):
                kinds.add(INVALID_EVENT)
                faults += [Fault(item.at + fault.pointer, fault.message) for fault in found]
            case UnknownEventType(name=name):
                kinds.add(UNKNOWN_EVENT_TYPE)
                faults.append(Fault(f"{item.at}/type", f"`{name}` is not a known type{_nearest(name)}"))
    return Problem(kinds.pop() if len(kinds) == 1 else INVALID_EVENT, faults=faults)
