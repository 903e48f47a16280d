"""The ledger on HTTP: append, and be told where it stands. What each outcome is, `answers` says."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from services.domain.event import Submission
from services.domain.office import OFFICE
from services.domain.policy import Action
from services.ledger import answers, posting
from services.ledger.answers import CASE_MOVED_ON, ERASED, ID_REUSED, NOT_YOURS, REFUSED, Groups, Receipts
from services.ledger.appends import Appends
from services.ledger.conditions import condition_of, idempotency_key_of
from services.ledger.documentation import AppendToMany, AppendToStream
from services.ledger.posting import (
    CASE_ID,
    CLOUDEVENT,
    CLOUDEVENTS,
    INVALID_EVENT,
    JSON,
    NDJSON,
    UNKNOWN_EVENT_TYPE,
)
from services.ledger.ready import Ready
from services.ledger.request import UNCONDITIONAL, Answer, Appended, Request
from services.ledger.taking import Http, Taken
from services.runtime import problems
from services.runtime.bounds import JSON_TOO_LARGE
from services.runtime.identity.gate import principal_of
from services.runtime.problems import (
    BODY_TOO_LARGE,
    MALFORMED_JSON,
    OVERLOADED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
)

CaseId = Annotated[str, Parameter(pattern=CASE_ID, description="The case: letters, digits, `_` and `-`.")]

PLAIN_ID: Final = re.compile(CASE_ID)

IN_ANY_APPEND: Final = (
    MALFORMED_JSON,
    JSON_TOO_LARGE,
    INVALID_EVENT,
    UNKNOWN_EVENT_TYPE,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    OVERLOADED,
    UNAVAILABLE,
)
STREAM_RESPONSES: Final = {
    **problems.responses(*IN_ANY_APPEND, *NOT_YOURS, ID_REUSED, CASE_MOVED_ON, ERASED, REFUSED),
    201: ResponseSpec(Receipts, generate_examples=False, description="Appended, and on disk"),
    200: ResponseSpec(
        Receipts, generate_examples=False, description="Appended before: the original receipts"
    ),
}
MANY_RESPONSES: Final = {
    **problems.responses(*IN_ANY_APPEND),
    200: ResponseSpec(
        Groups, generate_examples=False, description="Not all cases' events were newly appended"
    ),
}


def routes(appends: Appends) -> list[ControllerRouterHandler]:
    """The routes that append."""

    @post(
        "/v1/cases/{case_id:str}/events",
        opt={"action": Action.POST_EVENTS},
        operation_class=AppendToStream,
        responses=STREAM_RESPONSES,
        middleware=[_short_cut(appends)],
    )
    async def append_to_case(request: Http, case_id: CaseId) -> Ready:
        """Append one event to a case, or several, all or none. A 201 means that they are on disk."""
        return await _append_to_stream(appends, request.scope, request.receive, case_id)

    @post(
        "/v1/office/events",
        opt={"action": Action.POST_OFFICE},
        operation_class=AppendToStream,
        responses=STREAM_RESPONSES,
    )
    async def append_to_office(request: Http) -> Ready:
        """Append to the office's stream: who holds which rung of the ladder."""
        return await _append_to_stream(appends, request.scope, request.receive, OFFICE)

    @post(
        "/v1/events",
        opt={"action": Action.POST_EVENTS},
        operation_class=AppendToMany,
        responses=MANY_RESPONSES,
    )
    async def append_to_many(request: Http) -> Response[Groups]:
        """Append events of many cases: those of one case all or none, and no case's failing another's."""
        requests = await _requests_of_many(request)
        return _groups(requests, await appends.ask(requests, principal_of(request.scope)))

    return [append_to_case, append_to_office, append_to_many]


def _short_cut(appends: Appends) -> Callable[[ASGIApp], ASGIApp]:
    """Append before Litestar takes the request apart, which costs a seventh of a busy process.

    What the short cut cannot take, a case whose id is not plain, goes the usual way and is told so there.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def append(scope: Scope, receive: Receive, send: Send) -> None:
            case_id = scope["path_params"]["case_id"]
            if PLAIN_ID.match(case_id):
                ready = await _append_to_stream(appends, scope, receive, case_id)
                await ready(scope, receive, send)
            else:
                await app(scope, receive, send)

        return append

    return around


async def _append_to_stream(appends: Appends, scope: Scope, receive: Receive, stream: str) -> Ready:
    taken = Taken(scope, receive)
    condition = condition_of(taken.header(b"if-match"), taken.header(b"if-none-match"))
    submissions = await _submissions(taken, stream)
    request = Request(stream, submissions, condition, asyncio.get_running_loop().create_future())
    (answer,) = await appends.ask([request], principal_of(scope))
    if not isinstance(answer, Appended):
        raise answers.problem_of(request, answer, key=_key_of(taken, request))
    return answers.of_appended(answer)


def _key_of(taken: Taken, request: Request) -> str | None:
    """The `Idempotency-Key` that the event's id was made of, if it was."""
    key = taken.header(b"idempotency-key")
    return key if key and request.submissions[0].id == posting.id_of(request.stream, key) else None


async def _submissions(taken: Taken, stream: str) -> tuple[Submission, ...]:
    match taken.content_type:
        case posting.JSON:
            key = idempotency_key_of(taken.header(b"idempotency-key"))
            return (posting.read_plain(await taken.body(), stream, key),)
        case posting.CLOUDEVENT:
            return (posting.read_cloudevent(await taken.body(), stream),)
        case posting.CLOUDEVENTS:
            return tuple(posting.read_batch(await taken.body(), stream))
        case _:
            raise Problem(UNSUPPORTED_MEDIA_TYPE, f"Send {JSON}, {CLOUDEVENT} or {CLOUDEVENTS}.")


async def _requests_of_many(http: Http) -> list[Request]:
    taken = Taken(http.scope, http.receive)
    content_type = taken.content_type
    if content_type not in {CLOUDEVENTS, NDJSON}:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, f"Send {CLOUDEVENTS} or {NDJSON}.")
    groups: dict[str, list[Submission]] = {}
    for submission in posting.read_many(await taken.body(), lines=content_type == NDJSON):
        groups.setdefault(submission.stream, []).append(submission)
    loop = asyncio.get_running_loop()
    return [
        Request(stream, tuple(group), UNCONDITIONAL, loop.create_future()) for stream, group in groups.items()
    ]


def _groups(requests: Sequence[Request], found: Sequence[Answer]) -> Response[Any]:
    groups = [answers.group_of(request, answer) for request, answer in zip(requests, found, strict=True)]
    status = answers.CREATED if all(group.status == answers.CREATED for group in groups) else answers.OK
    return Response(Groups(groups), status_code=status)
