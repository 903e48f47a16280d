"""Speak to the ledger over HTTP: append so that a retry changes nothing, and read exact stored bytes."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
import structlog

from services.runtime.backoff import Backoff
from services.runtime.clock import Clock, text
from services.runtime.logs import REQUEST_ID, named
from services.runtime.tls import authorities

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

OFFICE: Final = "office"
PATIENCE: Final = 30.0
LONGEST_RETRY_AFTER: Final = 60.0
SILENCE: Final = 30.0
"""Seconds without a byte after which a connection is given up."""
POSITION: Final = re.compile(rb'\{\s*"position"\s*:\s*(\d+)')


class LedgerError(Exception):
    """The ledger did not do what was asked."""


class LedgerAway(LedgerError):
    """No answer within the caller's patience. Whether an append took effect is unknown: append it again."""


class Declined(LedgerError):
    """The ledger said no, and would again: the request is at fault. Base of the more particular ones."""

    def __init__(self, status: int, slug: str, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.members = members


class Refused(Declined):
    """The event cannot be true of its case; `rule` names why, `pointer` where."""

    @property
    def rule(self) -> str:
        """The rule that refused it."""
        return str(self.members.get("rule", ""))

    @property
    def pointer(self) -> str:
        """A JSON pointer to the field at fault, or nothing."""
        return str(self.members.get("pointer", ""))


class IdReused(Declined):
    """Another event has this id and source. An id is never used for other content."""


class CaseMovedOn(Declined):
    """Another writer appended first; read the case again and decide again."""


class Receipt(msgspec.Struct, frozen=True):
    """Proof of an append: it is on disk. The same for every retry of it."""

    id: str
    position: int
    caseversion: int
    recordedat: datetime
    flags: str = ""


class Head(msgspec.Struct, frozen=True):
    """The ledger's last position, and the last that is on the stream."""

    position: int
    published: int


class GroupResult(msgspec.Struct, frozen=True):
    """What became of one case's events in a batch: receipts, or the error that `append` would have raised.

    `fresh` is false where the events were in the ledger before.
    """

    case_id: str
    receipts: tuple[Receipt, ...] = ()
    error: Declined | LedgerAway | None = None
    fresh: bool = True


class _Receipts(msgspec.Struct):
    receipts: tuple[Receipt, ...]


class _Group(msgspec.Struct):
    case_id: str
    status: int
    receipts: tuple[Receipt, ...] = ()
    problem: dict[str, Any] = {}


class _Groups(msgspec.Struct):
    results: list[_Group]


class LedgerClient:
    """`async with LedgerClient(url, source="/notifier") as ledger:` speaks to one ledger.

    `source` is given to events that name none. A connection error, a time-out or a status of 500 or more is
    tried again, with back-off or after the `Retry-After` that was asked for, until `patience` seconds have
    passed since the first of them; then `LedgerAway` is raised. No single answer is waited for longer than
    that. `patience=None` waits for ever. With a `clock`, an event without a `time` gets the clock's; else
    the ledger's moment of recording.
    """

    def __init__(
        self, url: str, *, source: str, clock: Clock | None = None, patience: float | None = PATIENCE
    ) -> None:
        self._source = source
        self._clock = clock
        self._patience = patience
        seconds = SILENCE if patience is None else min(patience, SILENCE)
        timeout = httpx.Timeout(seconds, connect=min(seconds, 2.0))
        self._http = httpx.AsyncClient(
            base_url=url, timeout=timeout, verify=authorities(), trust_env=False, follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def append(
        self, case_id: str, event: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Receipt:
        """Append one event to a case, or to the office stream (`OFFICE`), and return its receipt.

        `event` has at least `type` and `data`; an `id` is made if it has none. `expected_version` sends
        `If-Match`. Raises `Refused`, `IdReused`, `CaseMovedOn`, `Declined`, `LedgerAway`.
        """
        headers = {"Content-Type": "application/cloudevents+json"}
        if expected_version is not None:
            headers["If-Match"] = f'"{expected_version}"'
        body = msgspec.json.encode(self._complete(case_id, event))
        answer = await self._ask("POST", _events_path(case_id), content=body, headers=headers)
        return msgspec.json.decode(answer.content, type=_Receipts).receipts[0]

    async def append_many(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> list[GroupResult]:
        """Append events of many cases, `(case_id, event)` each; those of a case together or not at all.

        The answer has a result for each group, in the ledger's order; one that was declined does not fail the
        others. Raises `Declined` for the request as a whole, `LedgerAway`.
        """
        body = msgspec.json.encode([self._complete(case_id, event) for case_id, event in events])
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        answer = await self._ask("POST", "/v1/events", content=body, headers=headers)
        return [_result_of(group) for group in msgspec.json.decode(answer.content, type=_Groups).results]

    async def events_after(
        self, position: int, *, limit: int | None = None, patiently: bool = True
    ) -> AsyncGenerator[bytes, None]:
        """Give the stored documents after `position`, in order, up to the head or `limit`: their exact bytes.

        A connection that breaks is taken up again after the last document given, or, if not `patiently`,
        ends in `LedgerAway` at once. Raises `Declined`, `LedgerAway`. Close it (`contextlib.aclosing`) if
        you stop early.
        """
        given, wait = 0, Backoff(self._patience if patiently else 0.0)
        while True:
            params = {"after": position} if limit is None else {"after": position, "limit": limit - given}
            try:
                async with aclosing(self._lines("/v1/events", params)) as lines:
                    async for line in lines:
                        yield line
                        position, given = position_of(line), given + 1
                        wait.reset()
            except httpx.TransportError as error:
                if given == limit:
                    return
                await _retry(wait, error)
            else:
                return

    async def case_events(self, case_id: str, **query: str | int) -> list[bytes]:
        """Give a case's stored documents, in order: their exact bytes.

        `query` is `recorded_until=`, `occurred_until=`, `after_version=`. A case that does not exist has
        none. Raises `Declined`, `LedgerAway`.
        """
        headers = {"Accept": "application/x-ndjson"}
        found = await self._find(_events_path(case_id), params=query, headers=headers)
        return [line for line in (found or b"").split(b"\n") if line]

    async def evidence(self, path: str) -> bytes | None:
        """Give what is under `/v1/<path>`, such as `checkpoint` or a tile's path; None if nothing is there.

        Raises `Declined`, `LedgerAway`.
        """
        return await self._find(f"/v1/{path}")

    async def head(self) -> Head:
        """Ask how far the ledger and its stream have come. Raises `LedgerAway`."""
        return msgspec.json.decode((await self._ask("GET", "/v1/head")).content, type=Head)

    def _complete(self, case_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": self._source,
            "subject": case_id,
        }
        if self._clock is not None:
            made["time"] = text(self._clock.now())
        return made | dict(event)

    async def _find(self, path: str, **request: Any) -> bytes | None:
        try:
            return (await self._ask("GET", path, **request)).content
        except Declined as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        wait = Backoff(self._patience)
        headers = {**request.pop("headers", {}), **_request_id_header()}
        while True:
            try:
                answer = await self._http.request(method, path, headers=headers, **request)
            except httpx.TransportError as error:
                await _retry(wait, error)
                continue
            if answer.is_server_error:
                await _retry(wait, answer)
                continue
            if answer.is_success:
                return answer
            raise _declined(answer.status_code, _problem_in(answer.content))

    async def _lines(self, path: str, params: Mapping[str, int]) -> AsyncGenerator[bytes, None]:
        headers = {"Accept": "application/x-ndjson", **_request_id_header()}
        async with self._http.stream("GET", path, params=params, headers=headers) as answer:
            if answer.is_server_error:
                raise httpx.ReadError(f"{answer.status_code}")
            if not answer.is_success:
                raise _declined(answer.status_code, _problem_in(await answer.aread()))
            rest = b""
            async for chunk in answer.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
            if rest:  # half a document, if a proxy took a broken connection for the end
                raise httpx.ReadError("the last line has no end")


def position_of(document: bytes) -> int:
    """Read the position off a stored document, which begins with it. Raises `ValueError`."""
    if found := POSITION.match(document):
        return int(found[1])
    raise ValueError("A stored document begins with its position.")


async def _retry(wait: Backoff, cause: httpx.Response | Exception) -> None:
    if isinstance(cause, httpx.Response):
        asked, reason = _seconds(cause.headers.get("Retry-After", "")), str(cause.status_code)
    else:
        asked, reason = 0.0, named(cause)
    log.warning("ledger.away", reason=reason)
    if not await wait.pause(at_least=asked):
        raise LedgerAway(reason) from (cause if isinstance(cause, Exception) else None)


def _seconds(retry_after: str) -> float:
    """What was asked for, within reason: a proxy that says a day is not obeyed for a day."""
    return min(float(retry_after), LONGEST_RETRY_AFTER) if retry_after.isdecimal() else 0.0


def _events_path(case_id: str) -> str:
    return "/v1/office/events" if case_id == OFFICE else f"/v1/cases/{quote(case_id, safe='')}/events"


def _request_id_header() -> dict[str, str]:
    request_id = REQUEST_ID.get()
    return {"X-Request-ID": request_id} if request_id else {}


def _problem_in(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _declined(status: int, problem: Mapping[str, Any]) -> Declined:
    slug = str(problem.get("type", "")).rpartition(":")[2]
    kinds = {"refused": Refused, "id-reused": IdReused, "case-moved-on": CaseMovedOn}
    return kinds.get(slug, Declined)(status, slug, str(problem.get("detail", "")), problem)


def _result_of(group: _Group) -> GroupResult:
    if group.receipts:
        fresh = group.status == httpx.codes.CREATED
        return GroupResult(group.case_id, receipts=group.receipts, fresh=fresh)
    if group.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return GroupResult(group.case_id, error=LedgerAway(str(group.status)))
    return GroupResult(group.case_id, error=_declined(group.status, group.problem))
