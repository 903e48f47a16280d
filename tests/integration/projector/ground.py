"""A real ledger and a real projector in the test's own process, over the test's own database and bus."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import httpx
import msgspec

from services.ledger import service as ledger_service
from services.ledger.settings import Settings as LedgerSettings
from services.projector import computation
from services.projector import service as projector_service
from services.projector.settings import Settings as ProjectorSettings
from services.runtime.client import LedgerClient
from services.runtime.tls import authorities
from tests.support.backing import Database
from tests.support.casework import Post
from tests.support.secrets import KEY_ENCRYPTION_KEY

TABLES: Final = (*(table.name for table in computation.TABLES), "history")
OPENING: Final = "2017-10-02T09:00:00Z"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ledger that serves, and what a projector needs to be told."""

    database: Database
    bus: str
    ledger_url: str
    ledger: LedgerClient

    def settings(self) -> ProjectorSettings:
        """Those of a projector on a port of its own."""
        return ProjectorSettings(
            authentication="off",
            database_url=self.database.as_role("caseledger_projector"),
            nats_url=self.bus,
            ledger_url=self.ledger_url,
            port=0,
            clock=OPENING,
        )

    @asynccontextmanager
    async def projector(self) -> AsyncIterator["Asked"]:
        """A projector that serves within."""
        async with (
            projector_service.serve(self.settings()) as url,
            httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, verify=authorities()) as http,
        ):
            yield Asked(http)

    async def post(self, case_id: str, *posts: Post) -> int:
        """Append events of one case, one after the other; gives the position of the last."""
        position = 0
        for post in posts:
            event = {**post.attributes, "type": post.type, "data": post.data}
            position = (await self.ledger.append(case_id, event)).position
        return position

    async def inject(
        self, case_id: str, type_name: str, data: Mapping[str, Any] | None = None, **attributes: str
    ) -> int:
        """Put a document of any type into the ledger's table, as a newer release would; its position."""
        connection = await asyncpg.connect(self.database.url)
        try:
            async with connection.transaction():
                head = await connection.fetchval("SELECT position FROM ledger.head FOR UPDATE")
                version = await connection.fetchval(
                    "SELECT coalesce(max(case_version), 0) + 1 FROM ledger.event WHERE case_id = $1", case_id
                )
                document = _document(head + 1, case_id, version, type_name, data or {}, attributes)
                await connection.execute(
                    "INSERT INTO ledger.event "
                    "VALUES ($1, $2, $3, '/newer', $4, $5, now(), now(), $6, '', '')",
                    *(head + 1, case_id, version, f"injected-{head + 1}", type_name, document),
                )
                await connection.execute("UPDATE ledger.head SET position = $1", head + 1)
        finally:
            await connection.close()
        return int(head) + 1

    async def rows(self, *, generation: int | None = None) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of a generation, the live one by default, table by table, without its number."""
        connection = await asyncpg.connect(self.database.url)
        try:
            number = generation or await connection.fetchval(
                "SELECT number FROM projector.generation WHERE state = 'LIVE'"
            )
            return {table: await _rows(connection, table, number) for table in TABLES}
        finally:
            await connection.close()

    async def execute(self, statement: str) -> None:
        """Run a statement as the owner: a fault, or a look."""
        connection = await asyncpg.connect(self.database.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def fetch(self, statement: str) -> Sequence[Sequence[Any]]:
        """Ask as the owner."""
        connection = await asyncpg.connect(self.database.url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """A projector as its clients see it."""

    http: httpx.AsyncClient

    async def answer(self, path: str, **query: Any) -> httpx.Response:
        """Whatever it answers."""
        return await self.http.get(path, params=query)

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The body of a 200."""
        answer = await self.answer(path, **query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a list, over all its pages."""
        items: list[dict[str, Any]] = []
        while True:
            page = await self.get(path, **query)
            items += page["items"]
            if page["next"] is None:
                return items
            query["cursor"] = page["next"]

    async def until(self, position: int) -> None:
        """Return once everything up to `position` is projected."""
        await self.get("/v1/cases", limit=1, wait_for=position)


@asynccontextmanager
async def ground(database: Database, bus: str) -> AsyncIterator[Ground]:
    """A ledger that serves within, over a database that has every schema."""
    settings = LedgerSettings(
        authentication="off",
        database_url=database.as_role("caseledger_ledger"),
        nats_url=bus,
        port=0,
        clock=OPENING,
        key_encryption_key=KEY_ENCRYPTION_KEY,
    )
    async with (
        ledger_service.serve(settings) as url,
        LedgerClient(url, source="/test") as client,
    ):
        yield Ground(database, bus, url, client)


def _document(  # noqa: PLR0917 - what a document is made of
    position: int,
    case_id: str,
    version: int,
    type_name: str,
    data: Mapping[str, Any],
    attributes: Mapping[str, str],
) -> str:
    return msgspec.json.encode(
        {
            "position": position,
            "specversion": "1.0",
            "id": f"injected-{position}",
            "source": "/newer",
            "type": type_name,
            "subject": case_id,
            "time": OPENING,
            "dataschema": f"urn:caseledger:event:{type_name}:1",
            "datacontenttype": "application/json",
            "caseversion": version,
            "recordedat": OPENING,
            **attributes,
            "data": data,
        }
    ).decode()


async def _rows(connection: asyncpg.Connection, table: str, generation: int) -> list[tuple[Any, ...]]:
    columns = [
        name
        for (name,) in await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attname <> 'generation' ORDER BY attnum",
            f"projector.{table}",
        )
    ]
    rows = await connection.fetch(
        f"SELECT {', '.join(columns)} FROM projector.{table} WHERE generation = $1 ORDER BY 1, 2",
        generation,
    )
    return [tuple(row) for row in rows]
