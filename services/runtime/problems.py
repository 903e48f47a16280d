"""Every error that leaves a service is RFC 9457 `application/problem+json`, the unexpected ones too.

A kind of problem is a constant: its type, its title and its status never vary; what varies is in `detail`
and in members of its own. A service declares its kinds beside its routes and raises `Problem(KIND, "…")`;
`failures` makes one of whatever else goes wrong.
"""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

import msgspec
from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import BeforeRequestHookHandler

from services.runtime.logs import REQUEST_ID

MEDIA_TYPE: Final = "application/problem+json"

AnyRequest = Request[Any, Any, Any]


class Kind(msgspec.Struct, frozen=True):
    """One kind of problem. `advice` is the detail where there is nothing more particular to say."""

    slug: str
    title: str
    status: int
    advice: str

    @property
    def type(self) -> str:
        """The URI that a program compares."""
        return f"urn:caseledger:problem:{self.slug}"


MALFORMED_JSON: Final = Kind(
    "malformed-json", "The body is not well-formed JSON", 400, "Send one JSON document, encoded as UTF-8."
)
INVALID_REQUEST: Final = Kind(
    "invalid-request", "The request does not fit this resource", 400, "Correct each fault that is named."
)
UNAUTHENTICATED: Final = Kind(
    "unauthenticated",
    "It is not known who asks",
    401,
    "Send `Authorization: Bearer` and a token that is neither revoked nor over.",
)
FORBIDDEN: Final = Kind(
    "forbidden", "Whoever asks may not do this", 403, "Ask with a token whose roles allow the action."
)
NOT_FOUND: Final = Kind(
    "not-found", "There is nothing here", 404, "Check the address and the identifier in it."
)
METHOD_NOT_ALLOWED: Final = Kind(
    "method-not-allowed", "This resource does not take that method", 405, "Use a method that `Allow` names."
)
UNSUPPORTED_MEDIA_TYPE: Final = Kind(
    "unsupported-media-type",
    "The content type is not taken here",
    415,
    "Send a content type that is documented.",
)
BODY_TOO_LARGE: Final = Kind(
    "body-too-large",
    "The body is over the limit",
    413,
    "Send less at once; several requests may follow another.",
)
INTERNAL_ERROR: Final = Kind(
    "internal-error",
    "The service failed",
    500,
    "Quote the instance when you report this; it is in the log.",
)
UNAVAILABLE: Final = Kind(
    "unavailable",
    "The service cannot answer at present",
    503,
    "Send the request again after `Retry-After` seconds.",
)
OVERLOADED: Final = Kind(
    "overloaded",
    "The service has more work than it can take",
    503,
    "Send it again after `Retry-After` seconds.",
)
RATE_LIMITED: Final = Kind(
    "rate-limited",
    "This client asks too often",
    429,
    "Send it again after `Retry-After` seconds; send several events in one request.",
)
CLOCK_IS_REAL: Final = Kind(
    "clock-is-real", "This service runs on the real clock", 409, "Start it with a test clock to move time."
)
CLOCK_GOES_BACK: Final = Kind(
    "clock-goes-back", "A test clock only moves forward", 409, "Choose an instant after the present one."
)
CLOCK_BEYOND_CALENDAR: Final = Kind(
    "clock-beyond-calendar",
    "No calendar reaches that instant",
    409,
    "Choose an instant that lies in the years 1 to 9999 in UTC too.",
)
REQUEST_FAILED: Final = Kind("request-failed", "The request cannot be answered", 400, "Correct the request.")

GENERIC: Final = (
    MALFORMED_JSON,
    INVALID_REQUEST,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    UNSUPPORTED_MEDIA_TYPE,
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    UNAVAILABLE,
    OVERLOADED,
    RATE_LIMITED,
    CLOCK_IS_REAL,
    CLOCK_GOES_BACK,
    CLOCK_BEYOND_CALENDAR,
    REQUEST_FAILED,
)
"""The kinds that any service may answer: for the reference."""


IN_ANY: Final = (INVALID_REQUEST, UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, INTERNAL_ERROR)
"""The kinds that every route may answer."""

_RETRY_LATER: Final = {"Retry-After": "1"}


class Fault(TypedDict, total=False):
    """One fault of a request: at a JSON `pointer` into its body, or in the `parameter` of that name."""

    message: str
    pointer: str
    parameter: str


class ProblemDocument(msgspec.Struct):
    """What a problem looks like on the wire. Kinds may have members beside these."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    faults: list[Fault] | msgspec.UnsetType = msgspec.UNSET
    rule: str | msgspec.UnsetType = msgspec.UNSET
    pointer: str | msgspec.UnsetType = msgspec.UNSET


class Problem(Exception):
    """Answer the request with a problem of this kind.

    `members` become members of the document (`rule=`, `pointer=`, `faults=`, `caseversion=` …); `headers`
    are sent with it. A 503 without a `Retry-After` gets one of a second.
    """

    def __init__(
        self, kind: Kind, detail: str = "", *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail or kind.advice
        self.headers = dict(headers or {})
        self.members = members

    @property
    def slug(self) -> str:
        """The last part of the type."""
        return self.kind.slug

    @property
    def title(self) -> str:
        """The kind's title, which never varies."""
        return self.kind.title

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    def document(self) -> dict[str, Any]:
        """The document, of the request at hand: `instance` is its id."""
        return {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{REQUEST_ID.get()}",
            **self.members,
        }


def responses(*kinds: Kind) -> dict[int, ResponseSpec]:
    """Document these answers on a route: `@get(…, responses=problems.responses(NOT_FOUND, UNAVAILABLE))`.

    What any route may answer (`IN_ANY`) is added.
    """
    by_status: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys((*kinds, *IN_ANY)):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: ResponseSpec(
            data_container=ProblemDocument,
            media_type=MEDIA_TYPE,
            generate_examples=False,
            description="; ".join(f"{kind.title} (`{kind.type}`)" for kind in same),
        )
        for status, same in sorted(by_status.items())
    }


def takes(*media_types: str) -> BeforeRequestHookHandler:
    """Refuse other content types with 415: `@post(…, before_request=problems.takes("application/json"))`."""

    async def check(request: AnyRequest) -> None:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent not in media_types:
            raise Problem(UNSUPPORTED_MEDIA_TYPE, f"Send {' or '.join(media_types)}.")

    return check


def too_large(limit: int) -> Problem:
    """The problem of a body of more than `limit` bytes."""
    return Problem(BODY_TOO_LARGE, f"The limit is {limit} bytes. {BODY_TOO_LARGE.advice}")


def answer(problem: Problem) -> Response[bytes]:
    """Make the HTTP answer for a problem."""
    return Response(
        msgspec.json.encode(problem.document()),
        status_code=problem.status,
        headers=_RETRY_LATER | problem.headers if problem.status == UNAVAILABLE.status else problem.headers,
        media_type=MEDIA_TYPE,
    )
