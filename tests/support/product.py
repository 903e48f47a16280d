"""The whole product as real processes on servers of its own, each of which may be hurt and brought back.

Nobody watches over them: what a test kills stays dead until the test starts it again. Time is a test
clock's. What connects two of them may lead through a `Proxy`.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from services.runtime.clock import text
from services.runtime.tls import authorities
from services.stack import clocks, databases, passwords
from services.stack.mail import Mail, open_maildir
from services.stack.nats import Nats
from services.stack.ports import LOOPBACK, free_port
from services.stack.postgres import Postgres
from services.stack.server import Server
from services.stack.service import LEDGER, NOTIFIER, PROJECTOR, SERVICES, Service
from tests.support import clusters, faults, tokens
from tests.support.inbox import Inbox
from tests.support.nursery import nursery
from tests.support.proxy import Proxy
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.tokens import BEARER, TOKEN
from tests.support.until import until

OPENING: Final = datetime(2017, 10, 2, 8, tzinfo=UTC)  # Monday, 9 o'clock in London
POSTGRES, NATS, MAIL = "postgres", "nats", "mail"

Link = tuple[str, str]
"""Who connects to whom: `("ledger", "postgres")`."""


@dataclass(frozen=True)
class Team:
    """The URLs of a ledger, a projector and a notifier that share a clock, and what their operator sends."""

    ledger: str
    projector: str
    notifier: str
    token: str = TOKEN


class Product:
    """`async with Product(directory) as product:` everything is up within, and nothing is left after.

    Processes are called `postgres`, `nats`, `mail`, `ledger`, `projector`, `notifier`; with `teams=2` there
    are `ledger-2` and so on as well. `through` names the links that lead through `product.proxies`. With a
    `signing_key` everything is sealed.
    """

    def __init__(
        self,
        directory: Path,
        *,
        teams: int = 1,
        through: Collection[Link] = (),
        clock: datetime = OPENING,
        postgres: Path | None = None,
        signing_key: str | None = None,
    ) -> None:
        self.proxies: dict[Link, Proxy] = {}
        self.teams: list[Team] = []
        self.postgres = Postgres(postgres or directory / POSTGRES, fsync=False)
        directory.mkdir(parents=True, exist_ok=True)
        words = passwords.kept(directory / "passwords.json").nats
        self.nats = Nats(directory / NATS, fsync=False, passwords=words)
        self.mail = Mail(directory / "maildir", nursery=nursery())
        open_maildir(self.mail.maildir)
        self.inbox = Inbox(self.mail.maildir)
        self._wanted = teams
        self._through = through
        self._reached = clock
        self._layout = tokens.provide(directory)
        self._signing_key = signing_key
        self._logs = directory / "logs"
        self._servers: dict[str, Server] = {POSTGRES: self.postgres, NATS: self.nats, MAIL: self.mail}
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exit_:
            if not self.postgres.data.exists():
                await clusters.copy_into(self.postgres.data)
            await asyncio.gather(*(exit_.enter_async_context(each) for each in self._servers.values()))
            for nth in range(self._wanted):
                await self._start_team(f"-{nth + 1}" if nth else "", exit_)
            exit_.callback(self._resume_everything)
            self._exit = exit_.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    @property
    def database(self) -> str:
        """The owner's URL of the database."""
        return self.postgres.url_of(databases.NAME)

    @property
    def ledger(self) -> str:
        """The first ledger's URL."""
        return self.teams[0].ledger

    @property
    def token(self) -> str:
        """The operator's token, with which everything may be done."""
        return TOKEN

    @property
    def projector(self) -> str:
        """The first projector's URL."""
        return self.teams[0].projector

    @property
    def notifier(self) -> str:
        """The first notifier's URL."""
        return self.teams[0].notifier

    def logs(self) -> dict[str, str]:
        """Everything that each process has logged."""
        return {name: server.log.read_text(errors="replace") for name, server in self._servers.items()}

    async def kill(self, *names: str) -> None:
        """`kill -9` them."""
        await asyncio.gather(*(self._servers[name].kill() for name in names))

    async def stop(self, name: str) -> int:
        """Stop it in order; gives its exit status. One that takes longer than it may is killed."""
        await self._servers[name].stop()
        return await self._servers[name].child.wait()

    async def start(self, *names: str) -> None:
        """Start them again, at the time that the others have reached, and return when they are ready."""
        now = await self._latest()
        for name in names:
            if isinstance(server := self._servers[name], Service):
                server.environment["CASELEDGER_CLOCK"] = text(now)
        await asyncio.gather(*(self._servers[name].start() for name in names))

    async def revive(self, name: str) -> None:
        """Start a service that ends by itself, once it has; it need not become ready."""
        server = self._servers[name]
        assert isinstance(server, Service)
        assert await server.child.wait() != 0
        server.environment["CASELEDGER_CLOCK"] = text(await self._latest())
        server.respawn()

    def pause(self, name: str) -> None:
        """Freeze it."""
        faults.pause(self._servers[name])

    def resume(self, name: str) -> None:
        """Let it go on."""
        faults.resume(self._servers[name])

    async def readiness(self, name: str) -> dict[str, Any]:
        """What `/readyz` of a service says."""
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=10
        ) as client:
            said: dict[str, Any] = (await client.get(f"{self._servers[name].url}/readyz")).json()
            return said

    async def until_ready(self) -> None:
        """Return when every service that runs says that it is well."""
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=5
        ) as client:
            for server in self._servers.values():
                if isinstance(server, Service) and server.child.running:
                    await until(partial(_is_well, client, server.url), 60)

    async def advance(self, to: datetime) -> None:
        """Move every clock; returns when everything has been acted on."""
        await asyncio.gather(*(clocks.advance(team, to) for team in self.teams))
        self._reached = to

    async def pass_time(self, to: datetime) -> None:
        """Move the clocks of ledgers and projectors: what a notifier that is dead does not live to see."""
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=30
        ) as client:
            for team in self.teams:
                for url in (team.ledger, team.projector):
                    moved = await client.put(f"{url}/v1/clock", json={"now": text(to)})
                    moved.raise_for_status()

    async def settle(self) -> int:
        """Return when nothing is due and everybody knows everything; gives the ledger's head."""
        await self.until_ready()
        async with asyncio.timeout(90):
            while True:
                await until(self._is_published, 90)
                await self.advance(await self._latest())
                head = await self.head()
                if head["position"] == head["published"] == (await self.head())["position"]:
                    return head["position"]

    async def _is_published(self) -> bool:
        head = await self.head()
        return head["position"] == head["published"]

    async def head(self) -> dict[str, int]:
        """How far the ledger and its stream have come."""
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=30
        ) as client:
            said: dict[str, int] = (await client.get(f"{self.ledger}/v1/head")).raise_for_status().json()
            return said

    @property
    def environment(self) -> dict[str, str]:
        """What tells a command where everything is."""
        return {
            "CASELEDGER_LEDGER_URL": self.ledger,
            "CASELEDGER_PROJECTOR_URL": self.projector,
            "CASELEDGER_NOTIFIER_URL": self.notifier,
            "CASELEDGER_DATABASE_URL": self.database,
            "CASELEDGER_NATS_URL": self.nats.url,
            "CASELEDGER_TOKEN": self.token,
        }

    def client(self, url: str = "", *, seconds: float = 60) -> httpx.AsyncClient:
        """A client of one of its services, or of all."""
        return httpx.AsyncClient(
            headers=BEARER, base_url=url, trust_env=False, verify=authorities(), timeout=seconds
        )

    async def until_sealed(self) -> None:
        """Return when a checkpoint of the ledger accounts for everything that is in it by now."""
        head = (await self.head())["position"]

        async def is_sealed() -> bool:
            async with self.client(self.ledger) as client:
                answer = await client.get("/v1/checkpoint")
                return answer.is_success and int(answer.text.splitlines()[1]) >= head

        await until(is_sealed, 60)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection to the database as its owner."""
        connection = await asyncpg.connect(self.database)
        try:
            yield connection
        finally:
            connection.terminate()

    async def _start_team(self, suffix: str, exit_: AsyncExitStack) -> None:
        ports = {kind: free_port() for kind in SERVICES}
        team = Team(**{kind: f"http://{LOOPBACK}:{port}" for kind, port in ports.items()})
        self.teams.append(team)
        starting: list[Service] = []
        for kind, port in ports.items():
            name = f"{kind}{suffix}"
            environment = await self._environment_of(kind, name, team, exit_)
            log = self._logs / f"{name}.log"
            service = nursery().service(kind, environment, host=LOOPBACK, port=port, log=log)
            self._servers[name] = service
            exit_.push_async_callback(service.stop)
            starting.append(service)
        await asyncio.gather(*(service.start() for service in starting))

    async def _environment_of(
        self, kind: str, name: str, team: Team, exit_: AsyncExitStack
    ) -> Mapping[str, str]:
        """Everything that a service reads, each address as that service is to see it."""

        async def seen(url: str, other: str) -> str:
            if (name, other) not in self._through:
                return url
            parts = urlsplit(url)
            proxy = await exit_.enter_async_context(Proxy(parts.port or 0))
            self.proxies[name, other] = proxy
            login, at, _ = parts.netloc.rpartition("@")
            return urlunsplit(parts._replace(netloc=f"{login}{at}{LOOPBACK}:{proxy.port}"))

        own = {
            "DATABASE_URL": await seen(
                self.postgres.url_of(databases.NAME, databases.role_of(kind)), POSTGRES
            ),
            "NATS_URL": await seen(self.nats.url_of(kind), NATS),
            "CLOCK": text(self._reached),
            "LOG_FORMAT": "json",
            "CREDENTIALS_FILE": str(self._layout.credentials),
        }
        if kind == LEDGER:
            own["KEY_ENCRYPTION_KEY"] = KEY_ENCRYPTION_KEY
            own |= {"SIGNING_KEY": self._signing_key} if self._signing_key else {}
        if kind in {PROJECTOR, NOTIFIER}:
            own["TOKEN_FILE"] = str(self._layout.token_of(kind))
            own["LINK_KEY_FILE"] = str(self._layout.link_key)
            own["LEDGER_URL"] = await seen(team.ledger, LEDGER)
        if kind == NOTIFIER:
            own["SMTP_URL"] = await seen(self.mail.url, MAIL)
            own["PUBLIC_URL"] = team.projector
        outside = {key: value for key, value in os.environ.items() if not key.startswith("CASELEDGER_")}
        return outside | {f"CASELEDGER_{key}": value for key, value in own.items()}

    async def _latest(self) -> datetime:
        reached = await asyncio.gather(*(clocks.latest(team) for team in self.teams))
        return max(filter(None, [self._reached, *reached]))

    def _resume_everything(self) -> None:
        for server in self._servers.values():
            faults.resume(server)


async def _is_well(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).is_success
    except httpx.HTTPError:
        return False
