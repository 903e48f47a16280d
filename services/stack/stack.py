"""The whole product on one machine: servers and services, each restarted when it dies, all gone at the end.

It starts what it was not given: with a configured Postgres, NATS or SMTP server it starts none of its own.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, Literal, Self

import msgspec
from msgspec import Meta

from services.runtime import logs
from services.runtime.clock import text
from services.runtime.identity.bearer import token_in
from services.runtime.limits import RateLimit, StreamLimit
from services.runtime.tls import TlsCertificate, TlsKey
from services.stack import clocks, credentials, databases, keeping, passwords
from services.stack.errors import StackError
from services.stack.layout import Layout, Record, Target, Urls, hold, write_record
from services.stack.mail import Mail
from services.stack.nats import Nats
from services.stack.passwords import OWNER, Passwords
from services.stack.ports import LOOPBACK, free_port, is_free
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
from services.stack.signing import key_file
from services.stack.supervision import keep

REAL_CLOCK: Final = "system"
PORTS: Final = {LEDGER: 8400, PROJECTOR: 8401, NOTIFIER: 8402}
"""Where the services listen unless told otherwise."""

NO_KEY: Final = (
    "With a database of your own, set CASELEDGER_KEY_ENCRYPTION_KEY_FILE: a file with the key that personal "
    "data are sealed under, a line `<id> <key>`, such as `2026-11 $(openssl rand -base64 32)`. Keep it: one "
    "of the stack's would be lost with its data directory, and with it everything personal in that database."
)

Say = Callable[[str], None]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says to the stack."""

    database_url: Annotated[str | None, Meta(description="the owner's URL of a Postgres database to use")] = (
        None
    )
    nats_url: Annotated[str | None, Meta(description="a NATS server with JetStream to use")] = None
    smtp_url: Annotated[str | None, Meta(description="an SMTP server to use, smtp://host:port")] = None
    host: Annotated[str, Meta(description="the address that the services bind to")] = LOOPBACK
    clock: Annotated[str, Meta(description="system, or an RFC 3339 instant for a test clock")] = REAL_CLOCK
    tls_certificate: TlsCertificate = None
    tls_key: TlsKey = None
    rate_limit: RateLimit = 1000
    stream_limit: StreamLimit = 16
    environment: Literal["development", "production"] = "development"
    authentication: Literal["required", "off"] = "required"
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_algorithms: str | None = None
    oidc_jwks_url: str | None = None
    oidc_account_claim: str | None = None
    oidc_roles_claim: str | None = None
    oidc_teams_claim: str | None = None
    credentials_file: Annotated[
        Path | None, Meta(description="credentials to let in beside those that the stack makes for itself")
    ] = None
    log_format: logs.Format | None = None
    log_level: logs.Level = "info"
    mail_from: str | None = None
    webhook_secret: str | None = None
    keys_database_url: str | None = None
    key_encryption_key: str | None = None
    key_encryption_key_file: str | None = None
    key_encryption_service_url: str | None = None
    key_encryption_service_token_file: str | None = None
    signing_key: str | None = None
    signing_key_file: str | None = None
    signing_service_url: str | None = None
    signing_service_token_file: str | None = None
    witnesses: str | None = None
    timestamp_url: str | None = None
    timestamp_certificate: str | None = None
    auditors_address: str | None = None
    public_url: Annotated[str | None, Meta(description="where links in messages point")] = None
    data: Annotated[Path, Meta(description="the stack's data directory")] = Path(".caseledger")


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
        self._backing: list[Server] = []
        self._services: list[Service] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._exit = contextlib.AsyncExitStack()

    @property
    def urls(self) -> Target:
        """Where everything is reached, and its operator's token."""
        if self._urls is None:
            raise StackError("The stack has not been started.")
        return self._urls

    async def __aenter__(self) -> Self:
        try:
            self._refuse_to_seal_with_nothing()
            self._exit.enter_context(hold(self.layout))
            await self._refuse_taken_ports()
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
        mail = None if given.smtp_url else Mail(layout.maildir, log=layout.log_of("mail"))
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
        if given.clock != REAL_CLOCK:
            recorded = await databases.last_recorded(self._owner_url)
            clocks.refuse_to_go_back(given.clock, recorded)
        credentials.provide(layout, given.credentials_file)
        scheme = scheme_of(given.tls_certificate)
        self._urls = Target(
            **{name: url_of(given.host, self._ports[name], scheme) for name in SERVICES},
            database=self._owner_url,
            nats=nats.url if nats else str(given.nats_url),
            smtp=mail.url if mail else str(given.smtp_url),
            maildir=str(layout.maildir) if mail else "",
            token=token_in(layout.token_of(credentials.OPERATOR)),
        )

    def _kept_passwords(self) -> Passwords:
        """Those of the embedded servers; none where there are none."""
        all_given = self._settings.database_url and self._settings.nats_url
        return passwords.NONE if all_given else passwords.kept(self.layout.passwords)

    async def _start_services(self) -> None:
        """Start the services side by side, wait until each is ready, and watch over everything since."""
        for name in SERVICES:
            environment = self._environment_of(name)
            log = self.layout.log_of(name)
            host, port = self._settings.host, self._ports[name]
            self._services.append(Service(name, environment, host=host, port=port, log=log))
        self._exit.push_async_callback(self._stop_services)
        await _all_of(service.start() for service in self._services)
        self._write_record()
        self._exit.push_async_callback(self._stop_keepers)
        self._keepers = [
            asyncio.create_task(keep(server, self._revive, self._say))
            for server in [*self._backing, *self._services]
        ]

    def _refuse_to_seal_with_nothing(self) -> None:
        given = self._settings
        if given.database_url and not self._key_encryption_is_given():
            raise StackError(NO_KEY)

    def _key_encryption_is_given(self) -> bool:
        given = self._settings
        return bool(
            given.key_encryption_key or given.key_encryption_key_file or given.key_encryption_service_url
        )

    async def _refuse_taken_ports(self) -> None:
        host = self._settings.host
        for name in self._given_ports:
            if not is_free(self._ports[name], host):
                raise await port_taken(name, host, self._ports[name])

    def _environment_of(self, name: str) -> dict[str, str]:
        """Everything that a service reads; nothing of the product's from our own environment."""
        given, urls = self._settings, self.urls
        embedded = given.database_url is None
        role = databases.role_of(name)
        own = {
            "DATABASE_URL": databases.login_as(self._owner_url, role, self._passwords.postgres[name])
            if embedded
            else databases.take_role(self._owner_url, role),
            "NATS_URL": self._nats.url_of(name) if self._nats else urls.nats,
            "LEDGER_URL": urls.ledger,
            "PROJECTOR_URL": urls.projector if self._digests else None,
            "NOTIFIER_URL": urls.notifier,
            "PUBLIC_URL": given.public_url or urls.projector,
            "SMTP_URL": urls.smtp,
            "CLOCK": self._clock,
            "TLS_CERTIFICATE": given.tls_certificate,
            "TLS_KEY": given.tls_key,
            "RATE_LIMIT": str(given.rate_limit),
            "STREAM_LIMIT": str(given.stream_limit),
            "ENVIRONMENT": given.environment,
            "AUTHENTICATION": given.authentication,
            "OIDC_ISSUER": given.oidc_issuer,
            "OIDC_AUDIENCE": given.oidc_audience,
            "OIDC_ALGORITHMS": given.oidc_algorithms,
            "OIDC_JWKS_URL": given.oidc_jwks_url,
            "OIDC_ACCOUNT_CLAIM": given.oidc_account_claim,
            "OIDC_ROLES_CLAIM": given.oidc_roles_claim,
            "OIDC_TEAMS_CLAIM": given.oidc_teams_claim,
            "CREDENTIALS_FILE": str(self.layout.credentials),
            "LOG_FORMAT": given.log_format or ("console" if sys.stderr.isatty() else "json"),
            "LOG_LEVEL": given.log_level,
            "MAIL_FROM": given.mail_from,
            "WEBHOOK_SECRET": given.webhook_secret,
        }
        if name in credentials.OF_SERVICES:
            own |= {
                "TOKEN_FILE": str(self.layout.token_of(name)),
                "LINK_KEY_FILE": str(self.layout.link_key),
            }
        if name == LEDGER:
            own |= {
                "KEYS_DATABASE_URL": given.keys_database_url
                and databases.take_role(given.keys_database_url, role),
                "KEY_ENCRYPTION_KEY": given.key_encryption_key,
                "KEY_ENCRYPTION_KEY_FILE": self._key_encryption_key_file(),
                "KEY_ENCRYPTION_SERVICE_URL": given.key_encryption_service_url,
                "KEY_ENCRYPTION_SERVICE_TOKEN_FILE": given.key_encryption_service_token_file,
                "SIGNING_KEY": given.signing_key,
                "SIGNING_KEY_FILE": self._signing_key_file(),
                "SIGNING_SERVICE_URL": given.signing_service_url,
                "SIGNING_SERVICE_TOKEN_FILE": given.signing_service_token_file,
                "WITNESSES": given.witnesses,
                "TIMESTAMP_URL": given.timestamp_url,
                "TIMESTAMP_CERTIFICATE": given.timestamp_certificate,
                "AUDITORS_ADDRESS": given.auditors_address,
            }
        outside = {name: value for name, value in os.environ.items() if not name.startswith("CASELEDGER_")}
        return outside | {f"CASELEDGER_{key}": value for key, value in own.items() if value}

    def _key_encryption_key_file(self) -> str | None:
        """As with the signing key: a key is made where an embedded database would lose it with its data."""
        given = self._settings
        if given.database_url or self._key_encryption_is_given():
            return given.key_encryption_key_file
        return str(keeping.key_file(self.layout.key_encryption_key))

    def _signing_key_file(self) -> str | None:
        """The file that was named; without any key, one that stays with an embedded database."""
        given = self._settings
        if given.signing_key_file or given.signing_key or given.database_url:
            return given.signing_key_file
        return str(key_file(self.layout.signing_key))

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
        if self._clock != REAL_CLOCK and (now := await clocks.latest(self.urls)) is not None:
            self._clock = text(now)

    def _write_record(self) -> None:
        processes = {server.name.lower(): server.child.pid for server in [*self._backing, *self._services]}
        write_record(
            self.layout,
            Record(
                pid=os.getpid(),
                started=self._started,
                clock=self._settings.clock,
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
