"""What each outcome of an append is on HTTP: the one table of transport codes."""

from typing import Final, assert_never

from msgspec import UNSET, Struct, UnsetType, json

from services.evidence.receipt import Promise
from services.ledger.ready import Ready
from services.ledger.request import (
    Answer,
    Appended,
    Away,
    Broken,
    Erased,
    Locked,
    MovedOn,
    Receipt,
    Refusal,
    Request,
    Reused,
)
from services.runtime.problems import INTERNAL_ERROR, UNAVAILABLE, Kind, Problem

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


def problem_of(request: Request, answer: Answer) -> Problem:
    """The problem that an answer is; what is no problem is not asked for."""
    match answer:
        case Reused(ids=ids):
            return Problem(
                ID_REUSED, f"In use, with other content or by another request: {', '.join(ids)}.", ids=ids
            )
        case MovedOn(version=version):
            detail = f"The case is at version {version}." if version else "The case does not exist."
            return Problem(CASE_MOVED_ON, detail, headers={"ETag": etag_of(version)}, caseversion=version)
        case Refusal(rule=rule, reason=reason, at=at, index=index):
            pointer = f"/{index}{at}" if len(request.submissions) > 1 else at
            return Problem(REFUSED, reason, rule=rule, pointer=pointer)
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


def group_of(request: Request, answer: Answer) -> Group:
    """What became of one case's events in a request over many."""
    if isinstance(answer, Appended):
        return Group(request.stream, status_of(answer), receipts=answer.receipts, promise=answer.promise)
    problem = problem_of(request, answer)
    return Group(request.stream, problem.status, problem=problem.document())
