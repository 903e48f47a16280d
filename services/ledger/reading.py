"""The ledger read back on HTTP: one stream's history, the whole replay, the live tail, the head."""

from asyncio import Event
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler, ExceptionHandlersMap
from msgspec import Raw, Struct
from msgspec.structs import replace

from services.domain.as_at import AsAt
from services.domain.office import OFFICE
from services.domain.policy import Action
from services.domain.principal import Principal
from services.ledger.absence import AWAY
from services.ledger.answers import ERASED, RETRY_AFTER, etag_of
from services.ledger.api import CaseId
from services.ledger.commits import Commits
from services.ledger.conditions import last_event_id_of
from services.ledger.documentation import EVENT_STREAM, ReadAll, ReadStream
from services.ledger.live import tail
from services.ledger.looks import LOOK_NOT_RECORDED
from services.ledger.posting import JSON, NDJSON
from services.ledger.relay import Relay
from services.ledger.replay import Replay
from services.ledger.restrictions import Restrictions
from services.ledger.store import Store
from services.ledger.taking import Http
from services.ledger.unsealing import Unsealing
from services.ledger.viewer import Purpose, Viewer, viewer_of
from services.runtime import problems
from services.runtime.identity.gate import principal_of
from services.runtime.instants import instant_parameter, read_instant
from services.runtime.limits import TOO_MANY_STREAMS
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem
from services.runtime.streams import SSE_PING, ByteStream

MOST: Final = 2**53 - 1  # what every JSON reader can count to

RecordedUntil = Annotated[
    str | None,
    instant_parameter("As it was known at this instant, this one included: RFC 3339, with an offset."),
]
OccurredUntil = Annotated[
    str | None,
    instant_parameter("What had happened by this instant, this one included, and what voids any of it."),
]
AfterVersion = Annotated[int, Parameter(ge=0, le=MOST, description="Only what came after this version.")]
Unseal = Annotated[
    bool,
    Parameter(description="Give personal fields in `data`; such a look is recorded."),
]
OnBehalfOf = Annotated[
    str | None,
    Parameter(
        pattern=r"^[^\x00-\x1f\x7f]{1,120}$",
        description="The account of the person to whom a client system shows it.",
    ),
]
ForWhat = Annotated[Purpose | None, Parameter(description="What the personal fields are looked at for.")]
After = Annotated[int, Parameter(ge=0, le=MOST, description="Only what came after this position.")]
Limit = Annotated[int | None, Parameter(ge=1, le=MOST, description="At most so many documents.")]


class History(Struct):
    """The stored documents of one stream, in order."""

    case_id: str
    caseversion: int
    events: list[Raw]


class Head(Struct):
    """The last position in the ledger, and the last on the stream."""

    position: int
    published: int


HISTORY_RESPONSES: Final = {
    **problems.responses(NOT_FOUND, LOOK_NOT_RECORDED, ERASED, UNAVAILABLE),
    200: ResponseSpec(
        History, generate_examples=False, description=f"As {JSON}, or as {NDJSON} if asked for"
    ),
}
REPLAY_RESPONSES: Final = {
    **problems.responses(UNAVAILABLE, TOO_MANY_STREAMS),
    200: ResponseSpec(
        str,
        media_type=NDJSON,
        generate_examples=False,
        description=f"One document a line; {EVENT_STREAM} if asked for",
    ),
}


def _on_away(_request: Http, _error: Any) -> Response[Any]:
    return problems.answer(Problem(UNAVAILABLE, "The database is away.", headers=RETRY_AFTER))


ON_AWAY: Final[ExceptionHandlersMap] = dict.fromkeys(AWAY, _on_away)


class Reader:
    """What the reading routes read from."""

    def __init__(  # noqa: PLR0913 - what it reads with, by keyword
        self,
        *,
        store: Store,
        replay: Replay,
        commits: Commits,
        relay: Relay,
        unsealing: Unsealing,
        restrictions: Restrictions,
        stopping: Event,
    ) -> None:
        self._store = store
        self._unsealing = unsealing
        self._restrictions = restrictions
        self._replay = replay
        self._commits = commits
        self._relay = relay
        self._stopping = stopping

    async def history(
        self, http: Http, stream: str, after: int, asked: AsAt, viewer: Viewer | None
    ) -> Response[Any]:
        """One stream's documents, opened for a viewer; one of which nothing is recorded is not there."""
        await self._admit(principal_of(http.scope), stream, viewer)
        # Read before the documents: a tag that is too old fails an `If-Match`, one too new would let it pass.
        version = (await self._store.versions([stream]))[stream]
        if not version:
            raise Problem(NOT_FOUND, "Nothing is recorded of it.")
        documents = await self._store.case_events(stream, after_version=after, asked=asked)
        headers = {"ETag": etag_of(version), "Vary": "Accept"}
        if viewer:
            headers["Cache-Control"] = "no-store"
            documents = await self._unsealing.open(stream, documents, viewer)
        if NDJSON in http.headers.get("accept", ""):
            return Response(
                "".join(f"{line}\n" for line in documents).encode(), media_type=NDJSON, headers=headers
            )
        body = f'{{"case_id":"{stream}","caseversion":{version},"events":[{",".join(documents)}]}}'
        return Response(body.encode(), media_type=JSON, headers=headers)

    async def _admit(self, principal: Principal, stream: str, viewer: Viewer | None) -> None:
        """Raise `Problem`, as of a case that never was, unless the case exists for who asks.

        And for whom a client system shows it to.
        """
        shown_to = (
            replace(principal, who=viewer.on_behalf_of) if viewer and viewer.on_behalf_of else principal
        )
        for who in {principal, shown_to}:
            hidden = await self._restrictions.hidden_from(who, stream)
            if hidden.hides(stream):
                raise Problem(NOT_FOUND, "Nothing is recorded of it.")

    async def events(self, http: Http, after: int, limit: int | None) -> ByteStream:
        """The documents after a position, up to the head; or, as server-sent events, for ever."""
        principal = principal_of(http.scope)
        head = (
            await self._store.head()
        )  # before the answer begins, so that an absence of the database is a 503
        if EVENT_STREAM in http.headers.get("accept", ""):
            resumed = last_event_id_of(http.headers.get("last-event-id"))
            hidden = await self._restrictions.hidden_from(principal)
            events = tail(self._commits, after if resumed is None else resumed, hidden)
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            return ByteStream(
                events, media_type=EVENT_STREAM, headers=headers, stop=self._stopping, ping=SSE_PING
            )
        through = head if limit is None else min(head, after + limit)

        async def without() -> list[str]:
            return (await self._restrictions.hidden_from(principal)).streams()

        lines = self._replay.lines(after, through, without)
        return ByteStream(lines, media_type=NDJSON, headers={"Vary": "Accept"})

    async def head(self) -> Head:
        """How far the ledger and the stream have come."""
        published = self._relay.published.value
        return Head(await self._store.head(), published)


def routes(reader: Reader) -> list[ControllerRouterHandler]:
    """The routes that read."""

    @get(
        "/v1/cases/{case_id:str}/events",
        opt={"action": Action.READ_HISTORY},
        operation_class=ReadStream,
        responses=HISTORY_RESPONSES,
        exception_handlers=ON_AWAY,
    )
    async def read_case(  # noqa: PLR0913 -- what may be asked
        *,
        request: Http,
        case_id: CaseId,
        after_version: AfterVersion = 0,
        recorded_until: RecordedUntil = None,
        occurred_until: OccurredUntil = None,
        unseal: Unseal = False,
        purpose: ForWhat = None,
        on_behalf_of: OnBehalfOf = None,
    ) -> Response[Any]:
        """Read a case's history, as it is, or as it was known at an instant; whole, if it is unsealed."""
        asked = _asked(recorded_until, occurred_until)
        viewer = viewer_of(request.scope, purpose, on_behalf_of, unseal=unseal)
        return await reader.history(request, case_id, after_version, asked, viewer)

    @get(
        "/v1/office/events",
        opt={"action": Action.READ_OFFICE},
        operation_class=ReadStream,
        responses=HISTORY_RESPONSES,
        exception_handlers=ON_AWAY,
    )
    async def read_office(  # noqa: PLR0913 -- what may be asked
        *,
        request: Http,
        after_version: AfterVersion = 0,
        recorded_until: RecordedUntil = None,
        occurred_until: OccurredUntil = None,
        unseal: Unseal = False,
        purpose: ForWhat = None,
        on_behalf_of: OnBehalfOf = None,
    ) -> Response[Any]:
        """Read the office's history; whole, if it is unsealed."""
        asked = _asked(recorded_until, occurred_until)
        viewer = viewer_of(request.scope, purpose, on_behalf_of, unseal=unseal)
        return await reader.history(request, OFFICE, after_version, asked, viewer)

    @get(
        "/v1/events",
        opt={"action": Action.REPLAY},
        operation_class=ReadAll,
        responses=REPLAY_RESPONSES,
        exception_handlers=ON_AWAY,
    )
    async def read_all(request: Http, after: After = 0, limit: Limit = None) -> ByteStream:
        """Replay every document after a position; ask for `text/event-stream` to follow them live."""
        return await reader.events(request, after, limit)

    @get(
        "/v1/head",
        opt={"action": Action.READ_HEAD},
        responses=problems.responses(UNAVAILABLE),
        exception_handlers=ON_AWAY,
    )
    async def read_head() -> Head:
        """Say how far the ledger and the stream have come."""
        return await reader.head()

    return [read_case, read_office, read_all, read_head]


def _asked(recorded: str | None, occurred: str | None) -> AsAt:
    recorded_until = read_instant("recorded_until", recorded)
    return AsAt(recorded_until=recorded_until, occurred_until=read_instant("occurred_until", occurred))
