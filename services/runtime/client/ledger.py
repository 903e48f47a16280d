"""Speak to the ledger over HTTP: append so that a retry changes nothing, and read exact stored bytes."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec

from services.runtime.backoff import Backoff
from services.runtime.client.answered import GroupResult, Groups, Head, Receipt, Receipts, result_of
from services.runtime.client.errors import Declined, declined, declined_by
from services.runtime.client.patience import retry
from services.runtime.clock import Clock, text
from services.runtime.identity.bearer import bearer
from services.runtime.logs import REQUEST_ID
from services.runtime.tls import authorities_for

OFFICE: Final = "office"
PATIENCE: Final = 30.0
SILENCE: Final = 30.0
"""Seconds without a byte after which a connection is given up."""
PROBLEM: Final = b'{"type":"urn:caseledger:problem:'
"""How the last line of a replay begins whose reader may read no more; every document begins otherwise."""
POSITION: Final = re.compile(rb'\{\s*"position"\s*:\s*(\d+)')


class LedgerClient:
    """`async with LedgerClient(url, source="/notifier") as ledger:` speaks to one ledger.

    `source` is given to events that name none; `token` says who asks. A connection error, a time-out, a
    status of 429 or of 500 or more is tried again, with back-off or after the `Retry-After` that was asked
    for, until `patience` seconds have passed since the first of them; then `LedgerAway` is raised. No single
    answer is waited for longer than that. `patience=None` waits for ever. With a `clock`, an event without a
    `time` gets the clock's; else the ledger's moment of recording.
    """

    def __init__(
        self,
        url: str,
        *,
        source: str,
        token: str = "",
        clock: Clock | None = None,
        patience: float | None = PATIENCE,
    ) -> None:
        self._source = source
        self._clock = clock
        self._patience = patience
        seconds = SILENCE if patience is None else min(patience, SILENCE)
        timeout = httpx.Timeout(seconds, connect=min(seconds, 2.0))
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=timeout,
            verify=authorities_for(url),
            trust_env=False,
            follow_redirects=False,
            headers=bearer(token),
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
        return msgspec.json.decode(answer.content, type=Receipts).receipts[0]

    async def append_many(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> list[GroupResult]:
        """Append events of many cases, `(case_id, event)` each; those of a case together or not at all.

        The answer has a result for each group, in the ledger's order; one that was declined does not fail the
        others. Raises `Declined` for the request as a whole, `LedgerAway`.
        """
        body = msgspec.json.encode([self._complete(case_id, event) for case_id, event in events])
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        answer = await self._ask("POST", "/v1/events", content=body, headers=headers)
        return [result_of(group) for group in msgspec.json.decode(answer.content, type=Groups).results]

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
                await retry(wait, error)
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
                await retry(wait, error)
                continue
            if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                await retry(wait, answer)
                continue
            if answer.is_success:
                return answer
            raise declined(answer.status_code, answer.content)

    async def _lines(self, path: str, params: Mapping[str, int]) -> AsyncGenerator[bytes, None]:
        headers = {"Accept": "application/x-ndjson", **_request_id_header()}
        async with self._http.stream("GET", path, params=params, headers=headers) as answer:
            if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise httpx.ReadError(f"{answer.status_code}")
            if not answer.is_success:
                raise declined(answer.status_code, await answer.aread())
            rest = b""
            async for chunk in answer.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line.startswith(PROBLEM):
                        problem = msgspec.json.decode(line)
                        raise declined_by(problem["status"], problem)
                    yield line
            if rest:  # half a document, if a proxy took a broken connection for the end
                raise httpx.ReadError("the last line has no end")


def position_of(document: bytes) -> int:
    """Read the position off a stored document, which begins with it. Raises `ValueError`."""
    if found := POSITION.match(document):
        return int(found[1])
    raise ValueError("A stored document begins with its position.")


def _events_path(case_id: str) -> str:
    return "/v1/office/events" if case_id == OFFICE else f"/v1/cases/{quote(case_id, safe='')}/events"


def _request_id_header() -> dict[str, str]:
    request_id = REQUEST_ID.get()
    return {"X-Request-ID": request_id} if request_id else {}
