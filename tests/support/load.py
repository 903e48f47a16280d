"""Writers that post as a well-behaved integrator does: each event has an id, and is sent until receipted.

They keep every receipt, to be held against the ledger afterwards.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self
from uuid import uuid4

import httpx
from msgspec import Struct, json

from services.runtime.moment import Watermark
from services.runtime.tls import authorities
from tests.support.tokens import BEARER

SOURCE: Final = "/load"
PACE: Final = 0.02  # seconds between a receipt and the same hand's next event while somebody waits for more
LEISURE: Final = 0.25  # and while nobody does: what takes a while is not to be drowned
PATIENCE: Final = 90.0  # seconds in which every event is to be receipted, whatever happens
_PAUSE: Final = 0.1
_PASSING: Final = frozenset({502, 503, 504})


class Receipt(Struct, frozen=True):
    """What the ledger said that it has."""

    id: str
    position: int
    caseversion: int
    recordedat: str
    flags: str = ""


class Acknowledged(Struct, frozen=True):
    """An event that the ledger acknowledged: its case, what was sent, and the receipt."""

    case_id: str
    event: dict[str, Any]
    status: int
    receipt: Receipt


class _Receipts(Struct):
    receipts: list[Receipt]


class Writer:
    """Posts to one ledger. `answers` are all the statuses that came back, refusals to serve included."""

    def __init__(self, url: str) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.answers: list[int] = []
        self.count = Watermark()
        self._hurry = asyncio.Event()
        self._http = httpx.AsyncClient(
            headers=BEARER,
            base_url=url,
            trust_env=False,
            verify=authorities(),
            timeout=httpx.Timeout(20, connect=2),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def post(self, case_id: str, *events: Mapping[str, Any]) -> list[Acknowledged]:
        """Post events of one case, together, until they are receipted. Fails on any other final answer."""
        batch = [complete(event) for event in events]
        async with asyncio.timeout(PATIENCE):
            answer = await self._until_answered(case_id, batch)
        assert answer.status_code in {200, 201}, f"{answer.status_code}: {answer.text} to {batch}"
        receipts = json.decode(answer.content, type=_Receipts).receipts
        found = [
            Acknowledged(case_id, event, answer.status_code, receipt)
            for event, receipt in zip(batch, receipts, strict=True)
        ]
        self.acknowledged += found
        self.count.advance(len(self.acknowledged))
        return found

    async def more(self, count: int) -> None:
        """Return when so many more events than now are acknowledged, others being under way."""
        self._hurry.set()
        try:
            await self.count.wait_for(self.count.value + count, timeout=PATIENCE)
        finally:
            self._hurry.clear()

    async def pause(self) -> None:
        """What lies between two events of one hand."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), LEISURE)
        await asyncio.sleep(PACE)

    async def _until_answered(self, case_id: str, batch: list[dict[str, Any]]) -> httpx.Response:
        path = "/v1/office/events" if case_id == "office" else f"/v1/cases/{case_id}/events"
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        body = json.encode(batch)
        while True:
            try:
                answer = await self._http.post(path, content=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(_PAUSE)
                continue
            self.answers.append(answer.status_code)
            if answer.status_code not in _PASSING:
                return answer
            assert "Retry-After" in answer.headers, answer.text
            await asyncio.sleep(min(float(answer.headers["Retry-After"]), 1.0))


def complete(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event as a CloudEvent, with an id of its own if it has none."""
    return {"specversion": "1.0", "id": str(uuid4()), "source": SOURCE, **event}


def contact() -> dict[str, Any]:
    return {"type": "ContactReceived", "data": {"contact_id": str(uuid4())}}


def strategy() -> dict[str, Any]:
    return {"type": "StrategyHeld", "data": {"strategy_id": str(uuid4()), "decision": "S47_SINGLE"}}


def plan() -> dict[str, Any]:
    return {"type": "PlanMade", "data": {"plan_id": str(uuid4()), "plan_kind": "CIN"}}


def alert(alert_id: str = "", issue_code: str = "CARE_PLAN_DRIFT") -> dict[str, Any]:
    data = {"alert_id": alert_id or str(uuid4()), "issue_code": issue_code, "raised_by": "iro:17"}
    return {"type": "PracticeAlertRaised", "data": data}


def resolved(alert_id: str) -> dict[str, Any]:
    data = {"alert_id": alert_id, "resolution": "ACTION_TAKEN"}
    return {"type": "PracticeAlertResolved", "data": data}


HOLDERS: Final = {
    "TEAM_MANAGER": "tm:1",
    "SERVICE_MANAGER": "sm:1",
    "HEAD_OF_SERVICE": "hos:1",
    "DIRECTOR_OF_CHILDRENS_SERVICES": "dcs:1",
    "LSCB_CHAIR": "chair:1",
    "IRO": "iro:17",
}


def address_of(holder: str) -> str:
    return f"{holder.replace(':', '.')}@council.example"


def appointments() -> list[dict[str, Any]]:
    """Somebody on every rung, and the raiser, each to be reached by e-mail."""
    return [
        {
            "type": "RungHolderAppointed",
            "data": {
                "rung": rung,
                "holder": holder,
                "channels": [{"kind": "EMAIL", "address": address_of(holder)}],
                "from": "2017-04-01",
            },
        }
        for rung, holder in HOLDERS.items()
    ]


@asynccontextmanager
async def writing(url: str, *, cases: Sequence[str] = ()) -> AsyncIterator[Writer]:
    """Post to `cases`, or to some of this load's own, within: from several hands at once, two to a case.

    Leaving it lets every event that was begun be receipted, and resolves the alerts that were raised: they
    do not climb on through what follows. Fails if the ledger refuses any.
    """
    prefix = uuid4().hex[:8]
    cases = cases or [f"{prefix}-{nth}" for nth in range(3)]
    enough = asyncio.Event()
    async with Writer(url) as writer, asyncio.TaskGroup() as hands:
        for case_id in cases:
            hands.create_task(_write(writer, case_id, enough))
            hands.create_task(_raise_and_write(writer, case_id, enough))
        try:
            yield writer
        finally:
            enough.set()


async def _write(writer: Writer, case_id: str, enough: asyncio.Event) -> None:
    await writer.post(case_id, contact(), strategy(), plan())
    while not enough.is_set():
        await writer.pause()
        await writer.post(case_id, contact())


async def _raise_and_write(writer: Writer, case_id: str, enough: asyncio.Event) -> None:
    raised = alert()
    await writer.post(case_id, raised)
    await _write(writer, case_id, enough)
    await writer.post(case_id, resolved(raised["data"]["alert_id"]))
