"""What each outcome of an append is on HTTP: the one table of transport codes."""

from typing import Final, assert_never

from msgspec import UNSET, Struct, UnsetType, json

from services.domain.attribution import Denial
from services.evidence.receipt import Promise
from services.ledger.ready import Ready
from services.ledger.request import (
    Answer,
    Appended,
    Away,
    Barred,
    Broken,
    Erased,
    Locked,
    MovedOn,
    Receipt,
    Refusal,
    Request,
    Reused,
)
from services.runtime.problems import FORBIDDEN, INTERNAL_ERROR, UNAVAILABLE, Kind, Problem

ID_REUSED: Final = Kind(
    "id-reused", "An event's id was used before", 409, "Give a new id to an event that says something else."
)
CASE_MOVED_ON: Final = Kind(
    "case-moved-on", "The case is not at the version asked for", 412, "Read the case again and decide again."
)
ERASED: Final = Kind(
    "erased", "The case was erased", 410, "Its key is destroyed: nothing personal of it can be read or added."
)
REFUSED: Final = Kind("refused", "The event cannot be true", 422, "The rule says what the event breaks.")
TYPE_NOT_YOURS: Final = Kind(
    "type-not-yours",
    "Whoever posts may not post events of this type",
    403,
    "Post it with a key that has the role, and is bound to no other types.",
)
SOURCE_NOT_YOURS: Final = Kind(
    "source-not-yours",
    "The source is another's",
    403,
    "Leave `source` out, or give the one that your key is bound to.",
)
NOT_YOUR_NAME: Final = Kind(
    "not-your-name", "The actor is another's name", 403, "Leave `actor` out: you are known by your token."
)
NOT_YOURS: Final = (TYPE_NOT_YOURS, SOURCE_NOT_YOURS, NOT_YOUR_NAME)

CREATED: Final = 201
OK: Final = 200
RETRY_AFTER: Final = {"Retry-After": "1"}
NOTHING_DONE: Final = "The database is away; nothing was appended."
LOCKED: Final = "The keys that personal fields are sealed with cannot be had; nothing was appended."
UNKNOWN: Final = "It is not known whether this was appended: send it again with the same ids to learn it."


class Receipts(Struct):
    """Where the events stand in the ledger; the receipts are the same for every repeat of the request."""

    receipts: tuple[Receipt, ...]
    promise: Promise | UnsetType = UNSET


class Group(Struct):
    """What became of the events of one case: receipts, or a problem document."""

    case_id: str
    status: int
    receipts: tuple[Receipt, ...] | UnsetType = UNSET
    promise: Promise | UnsetType = UNSET
    problem: dict[str, object] | UnsetType = UNSET


class Groups(Struct):
    """The results by case, in the order in which the cases first stand in the body."""

    results: list[Group]


_KINDS: Final = {
    Denial.FORBIDDEN: FORBIDDEN,
    Denial.TYPE_NOT_YOURS: TYPE_NOT_YOURS,
    Denial.SOURCE_NOT_YOURS: SOURCE_NOT_YOURS,
    Denial.NOT_YOUR_NAME: NOT_YOUR_NAME,
}
_encoder = json.Encoder()


def status_of(answer: Appended) -> int:
    """201 for what is newly on disk, 200 for what already was."""
    return CREATED if answer.fresh else OK


def etag_of(version: int) -> str:
    """The entity tag of a case at `version`."""
    return f'"{version}"'


def of_appended(answer: Appended) -> Ready:
    """The receipts, and the version of the case as its entity tag."""
    etag = etag_of(answer.receipts[-1].caseversion).encode()
    return Ready(
        status_of(answer), _encoder.encode(Receipts(answer.receipts, answer.promise)), (b"etag", etag)
    )


def problem_of(request: Request, answer: Answer, *, key: str | None = None) -> Problem:
    """The problem that an answer is; what is no problem is not asked for.

    `key` is the `Idempotency-Key` that the id of the request's one event was made of.
    """
    match answer:
        case Reused(ids=ids):
            made = f", made of the Idempotency-Key `{key}`" if key else ""
            detail = f"In use, with other content or by another request: {', '.join(ids)}{made}."
            return Problem(ID_REUSED, detail, ids=ids)
        case MovedOn(version=version):
            detail = f"The case is at version {version}." if version else "The case does not exist."
            return Problem(CASE_MOVED_ON, detail, headers={"ETag": etag_of(version)}, caseversion=version)
        case Barred() | Refusal():
            return _of_one_event(request, answer)
        case Away() | Locked():
            return Problem(UNAVAILABLE, _why(answer), headers=RETRY_AFTER)
        case Erased(at=at):
            return Problem(ERASED, erased_at=at)
        case Broken() | Appended():
            return Problem(INTERNAL_ERROR)
        case _:
            assert_never(answer)


def _why(answer: Away | Locked) -> str:
    if isinstance(answer, Locked):
        return LOCKED
    return NOTHING_DONE if answer.certain else UNKNOWN


def _of_one_event(request: Request, answer: Barred | Refusal) -> Problem:
    """What is wrong with one event of the request, and where that is in the body that was posted."""
    pointer = f"/{answer.index}{answer.at}" if len(request.submissions) > 1 else answer.at
    if isinstance(answer, Barred):
        return Problem(_KINDS[answer.denial], answer.reason, pointer=pointer)
    return Problem(REFUSED, answer.reason, rule=answer.rule, pointer=pointer)


def group_of(request: Request, answer: Answer) -> Group:
    """What became of one case's events in a request over many."""
    if isinstance(answer, Appended):
        return Group(request.stream, status_of(answer), receipts=answer.receipts, promise=answer.promise)
    problem = problem_of(request, answer)
    return Group(request.stream, problem.status, problem=problem.document())
