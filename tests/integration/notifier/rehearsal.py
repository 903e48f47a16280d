"""A real ledger on a test clock, a notifier beside it, and the people of an office with real mailboxes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import asyncpg
import httpx
import msgspec

from services.domain.calendar import london_date
from services.ledger import service as ledger_service
from services.ledger.settings import Settings as LedgerSettings
from services.notifier import service as notifier_service
from services.notifier.settings import Settings
from services.runtime.client import LedgerClient
from services.runtime.migrations import migrate
from services.runtime.tls import authorities
from tests.support.backing import Database
from tests.support.casework import CASE, HANA, IRIS, SAM, TOM, Post, event, instant
from tests.support.inbox import Inbox
from tests.support.secrets import KEY_ENCRYPTION_KEY

OPENING: Final = "2017-10-02T08:00:00Z"  # Monday 2 October 2017, 09:00 in London
DORA: Final = "manager:1"  # Director of Children's Services
CHAIM: Final = "chair:1"  # Chair of the LSCB
SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OUTCOMES: Final = ("NotificationSent", "NotificationFailed")

OFFICE: Final = {
    "IRO": IRIS,
    "TEAM_MANAGER": TOM,
    "SERVICE_MANAGER": SAM,
    "HEAD_OF_SERVICE": HANA,
    "DIRECTOR_OF_CHILDRENS_SERVICES": DORA,
    "LSCB_CHAIR": CHAIM,
}


def mailbox(holder: str) -> str:
    """The address of somebody of the office."""
    return f"{holder.replace(':', '-')}@council.example"


def appointed(
    role: str,
    holder: str,
    *,
    channels: list[dict[str, str]] | None = None,
    since: str = "2017-10-02",
    name: str | None = None,
) -> Post:
    """Somebody holds a role from Monday 2 October 2017, and is reached by e-mail unless told otherwise."""
    by_mail = [{"kind": "EMAIL", "address": mailbox(holder)}]
    reached = by_mail if channels is None else channels
    given = {"rung": role, "holder": holder, "channels": reached, "from": since, "name": name}
    return Post(type="RungHolderAppointed", data=given, attributes={})


def stood_down(role: str, holder: str, on: str) -> Post:
    """Somebody holds a role no longer."""
    return event("RungHolderStoodDown", rung=role, holder=holder, on=on)


@dataclass(frozen=True, slots=True)
class Notifier:
    """A notifier as its clients see it."""

    http: httpx.AsyncClient

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The body of a 200."""
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def deliveries(self, **query: Any) -> list[dict[str, Any]]:
        """Deliveries, oldest first."""
        items: list[dict[str, Any]] = (await self.get("/v1/deliveries", **query))["items"]
        return items[::-1]

    async def windows(self, **query: Any) -> list[dict[str, Any]]:
        """Open alerts."""
        items: list[dict[str, Any]] = (await self.get("/v1/windows", **query))["items"]
        return items

    async def check(self, name: str) -> dict[str, Any]:
        """One check of `/readyz`."""
        found: dict[str, Any] = (await self.http.get("/readyz")).json()["checks"][name]
        return found


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A ledger, its clock, and where a notifier sends its mail."""

    database: Database
    bus: str
    smtp: str | None
    inbox: Inbox
    ledger_url: str
    ledger: LedgerClient
    http: httpx.AsyncClient

    def settings(self, **changes: Any) -> Settings:
        """Those of a notifier on a port of its own, at the ledger's time."""
        given: dict[str, Any] = {
            "database_url": self.database.as_role("caseledger_notifier"),
            "nats_url": self.bus,
            "ledger_url": self.ledger_url,
            "public_url": "https://cases.council.example",
            "smtp_url": self.smtp,
            "mail_from": "caseledger@council.example",
            "webhook_secret": SECRET,
            "port": 0,
            "authentication": "off",
            "clock": OPENING,
        }
        return Settings(**{**given, **changes})

    @asynccontextmanager
    async def notifier(self, **changes: Any) -> AsyncIterator[Notifier]:
        """A notifier at work within, at the time that the ledger has by now."""
        now = (await self.http.get("/v1/clock")).json()["now"]
        async with (
            notifier_service.serve(self.settings(**{"clock": now, **changes})) as url,
            httpx.AsyncClient(base_url=url, timeout=90, trust_env=False, verify=authorities()) as http,
        ):
            yield Notifier(http)

    async def open_office(self, *vacant: str) -> None:
        """Appoint somebody to every role but those."""
        await self.post("office", *(appointed(*each) for each in OFFICE.items() if each[0] not in vacant))

    async def post(self, case_id: str, *posts: Post) -> int:
        """Append events of one case, one after the other; gives the position of the last."""
        position = 0
        for post in posts:
            given = {**post.attributes, "type": post.type, "data": post.data}
            position = (await self.ledger.append(case_id, given)).position
        return position

    async def move(self, notifier: Notifier, moment: str | datetime) -> dict[str, Any]:
        """Set the ledger's clock, then the notifier's, which has acted on it when this returns."""
        now = moment if isinstance(moment, datetime) else instant(moment)
        await self.set_ledger(now)
        answer = await notifier.http.put("/v1/clock", json={"now": now.isoformat()})
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def set_ledger(self, now: str | datetime) -> None:
        """Set the ledger's clock alone."""
        at = now if isinstance(now, datetime) else instant(now)
        answer = await self.http.put("/v1/clock", json={"now": at.isoformat()})
        assert answer.status_code == 200, answer.text

    async def advance(self, notifier: Notifier, moment: str) -> None:
        """Let time pass: through every instant at which the notifier has something to do."""
        target = instant(moment)
        state = await notifier.get("/v1/clock")
        while True:
            due = state["next_due"] and instant(state["next_due"])
            step = min(target, due) if due else target
            state = await self.move(notifier, max(step, instant(state["now"])))
            due = state["next_due"] and instant(state["next_due"])
            if step == target and (due is None or due > target):
                return

    async def settle(self, notifier: Notifier) -> None:
        """Return once the notifier has acted on everything that is in the ledger by now."""
        now = (await notifier.get("/v1/clock"))["now"]
        await self.move(notifier, str(now))

    async def documents(self, case_id: str = CASE) -> list[dict[str, Any]]:
        """A case's events."""
        return [msgspec.json.decode(line) for line in await self.ledger.case_events(case_id)]

    async def steps(self, case_id: str = CASE) -> list[str]:
        """The types of a case's events, but for the outcomes of messages."""
        return [each["type"] for each in await self.documents(case_id) if each["type"] not in OUTCOMES]

    async def ladder(self, case_id: str = CASE) -> list[tuple[str, date, date]]:
        """Each window of a case's alert: the event that opened it, its day 0, and its due date."""
        return [
            (
                each["type"],
                date.fromisoformat(each["data"]["day0"]),
                date.fromisoformat(each["data"]["due_on"]),
            )
            for each in await self.documents(case_id)
            if "day0" in each["data"]
        ]

    async def outcomes(self, case_id: str = CASE) -> list[tuple[str, str, str, str]]:
        """Each outcome: the London date, SENT or the error, what was said, to whom."""
        return [
            (
                str(london_date(datetime.fromisoformat(each["recordedat"]))),
                each["data"].get("error", "SENT"),
                each["data"]["kind"],
                each["data"].get("holder", ""),
            )
            for each in await self.documents(case_id)
            if each["type"] in OUTCOMES
        ]

    async def told(self, case_id: str = CASE) -> list[tuple[str, str, str]]:
        """Each message that was taken: the London date, what it said, to whom."""
        return [(day, kind, to) for day, how, kind, to in await self.outcomes(case_id) if how == "SENT"]

    async def execute(self, statement: str, *binds: Any) -> str:
        """Run a statement as the database's owner."""
        connection = await asyncpg.connect(self.database.url)
        try:
            return str(await connection.execute(statement, *binds))
        finally:
            await connection.close()

    async def fetch(self, statement: str, *binds: Any) -> list[Mapping[str, Any]]:
        """Ask as the database's owner."""
        connection = await asyncpg.connect(self.database.url)
        try:
            return list(await connection.fetch(statement, *binds))
        finally:
            await connection.close()

    async def forget(self) -> None:
        """Throw away all that a notifier knows."""
        await self.execute("DROP SCHEMA notifier CASCADE")
        await migrate(self.database.url, "notifier", "services.notifier.migrations")


@asynccontextmanager
async def rehearsal(
    database: Database, bus: str, smtp: str | None, inbox: Inbox, *, clock: str = OPENING
) -> AsyncIterator[Rehearsal]:
    """A ledger that serves within, over a database that has every schema."""
    settings = LedgerSettings(
        authentication="off",
        database_url=database.as_role("caseledger_ledger"),
        nats_url=bus,
        port=0,
        clock=clock,
        key_encryption_key=KEY_ENCRYPTION_KEY,
    )
    async with (
        ledger_service.serve(settings) as url,
        LedgerClient(url, source="/test") as ledger,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, verify=authorities()) as http,
    ):
        yield Rehearsal(database, bus, smtp, inbox, url, ledger, http)
