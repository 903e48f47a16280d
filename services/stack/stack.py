"""The whole product on one machine: servers and services, each restarted when it dies, all gone at the end.

It starts what it was not given: with a configured Postgres, NATS or SMTP server it starts none of its own.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from services.runtime.clock import text
from services.runtime.identity.bearer import token_in
from services.stack import credentials, databases, keeping, passwords, rehearsal
from services.stack.environment import Around, of_service
from services.stack.errors import StackError
from services.stack.layout import OPERATOR, Layout, Record, Target, Urls, hold, write_record
from services.stack.mail import Mail
from services.stack.nats import Nats
from services.stack.nursery import Nursery
from services.stack.passwords import OWNER, Passwords
from services.stack.ports import free_port, is_free
from services.stack.postgres import Postgres
from services.stack.server import Server
from services.stack.service import (
    LEDGER,
    NOTIFIER,
    PROJECTOR,
    SERVICES,
    Service,
    port_taken,
    scheme_of,
    url_of,
)
from services.stack.settings import REAL_CLOCK, Settings
from services.stack.supervision import keep

PORTS: Final = {LEDGER: 8400, PROJECTOR: 8401, NOTIFIER: 8402}
"""Where the services listen unless told otherwise."""

Say = Callable[[str], None]


class Stack:
    """`async with Stack(layout, settings, ports=…) as stack:` everything up and ready within, gone after.

    A port of 0 is a free one. `say` is told in single lines what happens to the processes. Without `digests`
    nobody is sent one, each morning: for a time that is played through faster than it passes.
    """

    def __init__(
        self,
        layout: Layout,
        settings: Settings,
        *,
        ports: Mapping[str, int] = PORTS,
        say: Say = lambda _: None,
        digests: bool = True,
    ) -> None:
        self.layout = layout
        self._settings = settings
        self._ports = {name: ports.get(name) or free_port() for name in SERVICES}
        self._given_ports = [name for name in SERVICES if ports.get(name)]
        self._say = say
        self._digests = digests
        self._clock = settings.clock
        self._started = text(datetime.now(UTC))
        self._owner_url = ""
        self._urls: Target | None = None
        self._passwords = passwords.NONE
        self._nats: Nats | None = None
        self._nursery = Nursery(layout.log_of("services"))
        self._backing: list[Server] = []
        self._services: list[Service] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._exit = contextlib.AsyncExitStack()

    @property
    def clock(self) -> str:
        """`system`, or where the test clock stood when the stack was last told."""
        return self._clock

    @property
    def urls(self) -> Target:
        """Where everything is reached, and its operator's token."""
        if self._urls is None:
            raise StackError("The stack has not been started.")
        return self._urls

    async def __aenter__(self) -> Self:
        try:
            keeping.refuse_to_seal_with_nothing(self._settings)
            self._exit.enter_context(hold(self.layout))
            await self._refuse_taken_ports()
            self._exit.enter_context(self._nursery)  # loads what it needs while the servers start
            await self._start_backing()
            await self._start_services()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    async def _start_backing(self) -> None:
        """Start Postgres, NATS and the mail server side by side, and bring the database up to date."""
        given, layout = self._settings, self.layout
        words = self._passwords = self._kept_passwords()
        postgres = (
            None
            if given.database_url
            else Postgres(layout.postgres, log=layout.log_of("postgres"), password=words.postgres[OWNER])
        )
        # NATS is delivery and Postgres the record: what a power cut takes from the stream is published again.
        nats = (
            None
            if given.nats_url
            else Nats(layout.nats, fsync=False, log=layout.log_of("nats"), passwords=words.nats)
        )
        mail = (
            None if given.smtp_url else Mail(layout.maildir, log=layout.log_of("mail"), nursery=self._nursery)
        )
        self._backing = [server for server in (mail, postgres, nats) if server is not None]
        self._exit.push_async_callback(self._stop_backing)
        await _all_of(server.start() for server in self._backing)
        if postgres is not None:
            await databases.create_if_missing(postgres.url)
        self._owner_url = postgres.url_of(databases.NAME) if postgres else str(given.database_url)
        await databases.migrate(self._owner_url, given.keys_database_url)
        if postgres is not None:
            await databases.set_passwords(self._owner_url, {name: words.postgres[name] for name in SERVICES})
        self._nats = nats
        recorded = await databases.last_recorded(self._owner_url)
        stood = rehearsal.stood_at(layout) if postgres is not None else None
        self._clock = rehearsal.begin(given.clock, stood, recorded)
        rehearsal.keep(layout, self._clock)
        credentials.provide(layout, given.credentials_file)
        scheme = scheme_of(given.tls_certificate)
        self._urls = Target(
            **{name: url_of(given.host, self._ports[name], scheme) for name in SERVICES},
            database=self._owner_url,
            nats=nats.url if nats else str(given.nats_url),
            smtp=mail.url if mail else str(given.smtp_url),
            maildir=str(layout.maildir) if mail else "",
            token=token_in(layout.token_of(OPERATOR)),
        )

    def _kept_passwords(self) -> Passwords:
        """Those of the embedded servers; none where there are none."""
        all_given = self._settings.database_url and self._settings.nats_url
        return passwords.NONE if all_given else passwords.kept(self.layout.passwords)

    async def _start_services(self) -> None:
        """Start the services side by side, wait until each is ready, and watch over everything since."""
        around = Around(
            self.layout, self.urls, self._passwords, self._nats, self._clock, digests=self._digests
        )
        for name in SERVICES:
            environment = of_service(name, self._settings, around)
            host, port, log = self._settings.host, self._ports[name], self.layout.log_of(name)
            self._services.append(self._nursery.service(name, environment, host=host, port=port, log=log))
        self._exit.push_async_callback(self._stop_services)
        await _all_of(service.start() for service in self._services)
        self._write_record()
        self._exit.push_async_callback(self._note_clock)
        self._exit.push_async_callback(self._stop_keepers)
        self._keepers = [
            asyncio.create_task(keep(server, self._revive, self._say))
            for server in [*self._backing, *self._services]
        ]

    async def _refuse_taken_ports(self) -> None:
        host = self._settings.host
        for name in self._given_ports:
            if not is_free(self._ports[name], host):
                raise await port_taken(name, host, self._ports[name])

    async def _revive(self, server: Server) -> None:
        """Start a process again that died. A service goes on at the time that the others have reached."""
        if isinstance(server, Service):
            await self._note_clock()
            server.environment["CASELEDGER_CLOCK"] = self._clock
            server.respawn()
        else:
            await server.start()
        self._write_record()

    async def _note_clock(self) -> None:
        """Remember how far a test clock has come: a restart from the first instant would go back in time."""
        if self._clock == REAL_CLOCK:
            return
        from services.stack import clocks  # noqa: PLC0415 - slow to import while nothing has died

        if (now := await clocks.latest(self.urls)) is not None:
            self._clock = text(now)
            rehearsal.keep(self.layout, self._clock)

    def _write_record(self) -> None:
        processes = {server.name.lower(): server.child.pid for server in [*self._backing, *self._services]}
        write_record(
            self.layout,
            Record(
                pid=os.getpid(),
                started=self._started,
                clock=self._clock,
                urls=Urls(**{each: getattr(self.urls, each) for each in Urls.__struct_fields__}),
                logs=str(self.layout.logs),
                processes=processes,
            ),
        )

    async def _stop_keepers(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _stop_services(self) -> None:
        for service in reversed(self._services):
            await service.stop()

    async def _stop_backing(self) -> None:
        for server in reversed(self._backing):
            await server.stop()


async def _all_of(starts: Iterable[Coroutine[None, None, None]]) -> None:
    """Await them side by side; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for start in starts:
                group.create_task(start)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
