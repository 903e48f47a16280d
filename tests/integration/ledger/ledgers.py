"""Ledgers that really run, over a database and a broker of the test's own, and how to speak to them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import nats
from nats.aio.client import Client

from services.ledger import service
from services.ledger.settings import Settings
from services.runtime.migrations import migrate
from services.runtime.tls import authorities
from tests.support.secrets import KEY_ENCRYPTION_KEY

ROLE: Final = "caseledger_ledger"
MIGRATIONS: Final = "services.ledger.migrations"
KEY_MIGRATIONS: Final = "services.ledger.key_migrations"
CLOUDEVENT: Final = {"Content-Type": "application/cloudevents+json"}
CLOUDEVENTS: Final = {"Content-Type": "application/cloudevents-batch+json"}
NDJSON: Final = {"Content-Type": "application/x-ndjson"}
TAIL: Final = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Ledger:
    """One ledger process' HTTP, and its servers."""

    http: httpx.AsyncClient
    owner_url: str
    nats_url: str

    async def post(self, case_id: str, *events: dict[str, Any], **headers: str) -> httpx.Response:
        """Post one event to a case, or several at once."""
        kind, body = (CLOUDEVENT, events[0]) if len(events) == 1 else (CLOUDEVENTS, events)
        path = f"/v1/cases/{case_id}/events"
        return await self.http.post(path, content=msgspec.json.encode(body), headers=kind | headers)

    async def lines(self, path: str = "/v1/events") -> list[bytes]:
        """The documents behind a path, exactly."""
        answer = await self.http.get(path, headers={"Accept": "application/x-ndjson"})
        assert answer.status_code == 200, answer.text
        return answer.content.splitlines()

    async def history(self, case_id: str) -> list[bytes]:
        """The documents of a case, exactly; none of one that does not exist."""
        answer = await self.http.get(
            f"/v1/cases/{case_id}/events", headers={"Accept": "application/x-ndjson"}
        )
        return [] if answer.status_code == httpx.codes.NOT_FOUND else answer.content.splitlines()

    async def head(self) -> dict[str, int]:
        """How far it has come."""
        found: dict[str, int] = (await self.http.get("/v1/head")).json()
        return found

    async def ready(self) -> dict[str, Any]:
        """What `/readyz` says."""
        found: dict[str, Any] = (await self.http.get("/readyz")).json()
        return found


def contact(number: int | str = 1, **attributes: Any) -> dict[str, Any]:
    """A contact, as a CloudEvent with an id of its own."""
    event = {"specversion": "1.0", "id": str(uuid4()), "source": "/test", "type": "ContactReceived"}
    return {**event, "data": {"contact_id": f"contact-{number}"}, **attributes}


def alert(alert_id: str = "alert-1", **attributes: Any) -> dict[str, Any]:
    """A practice alert raised, which cannot be raised again under its id."""
    data = {"alert_id": alert_id, "issue_code": "CARE_PLAN_DRIFT", "raised_by": "iro:17"}
    return contact(**{"type": "PracticeAlertRaised", "data": data, **attributes})


@contextlib.asynccontextmanager
async def ledger(
    owner_url: str,
    nats_url: str,
    *,
    via: str | None = None,
    signing_key: str | None = None,
    **more: Any,
) -> AsyncIterator[Ledger]:
    """A ledger over a migrated database, reached as its own role; `via` another address of the database.

    `more` are further settings.
    """
    settings = Settings(
        database_url=as_ledger(via or owner_url),
        nats_url=nats_url,
        port=0,
        signing_key=signing_key,
        **{"authentication": "off", "key_encryption_key": KEY_ENCRYPTION_KEY, **more},
    )
    async with (
        service.serve(settings) as served_at,
        httpx.AsyncClient(base_url=served_at, timeout=20, trust_env=False, verify=authorities()) as http,
    ):
        yield Ledger(http, owner_url, nats_url)


def as_ledger(owner_url: str) -> str:
    """The URL of the same database for the service's role."""
    return owner_url.replace("//postgres@", f"//{ROLE}@")


async def migrated(owner_url: str) -> str:
    """The same URL, once the database behind it has the ledger's schema."""
    await migrate(owner_url, "ledger", MIGRATIONS)
    await migrate(owner_url, "keys", KEY_MIGRATIONS)
    return owner_url


@contextlib.asynccontextmanager
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for the length of a test's step."""
    made = await asyncpg.connect(url)
    try:
        yield made
    finally:
        await made.close()


@contextlib.asynccontextmanager
async def broker(url: str) -> AsyncIterator[Client]:
    """A client of the broker."""
    client = await nats.connect(url)
    try:
        yield client
    finally:
        await client.close()
