"""The servers that tests run against: containers where Docker answers, otherwise embedded; never a fake."""

import asyncio
import contextlib
import gc
import os
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import nats
from nats.errors import Error as NatsError

from services.stack import databases
from services.stack import nats as embedded_nats
from services.stack import postgres as embedded_postgres
from tests.support import clusters

Backing = Literal["containers", "embedded"]

POSTGRES_IMAGE = "postgres:18"
NATS_IMAGE = "nats:2"

MIGRATED = databases.NAME
"""The database of a test server that has every service's schema. Only copies of it are ever connected to."""

_DOCKER = Path("/var/run/docker.sock")
_START_SECONDS = 60
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Database:
    """One database of one server; `url` is its owner's, a superuser."""

    url: str

    @property
    def name(self) -> str:
        """The database's name."""
        return urlsplit(self.url).path.removeprefix("/")

    def as_role(self, role: str) -> str:
        """The URL of the same database for the login role `role`; the test servers ask for no password."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=f"{role}@{parts.hostname}:{parts.port}"))

    def beside(self, name: str) -> "Database":
        """Another database of the same server."""
        return replace(self, url=urlunsplit(urlsplit(self.url)._replace(path=f"/{name}")))


@cache
def choose(option: str) -> Backing:
    """What `--backing=auto|containers|embedded` comes to on this machine."""
    if option == "auto":
        return "containers" if _docker_answers() else "embedded"
    return "containers" if option == "containers" else "embedded"


def describe(backing: Backing) -> str:
    """One line for the head of the test report."""
    if backing == "containers":
        return f"backing: containers ({POSTGRES_IMAGE}, {NATS_IMAGE})"
    postgres, broker = embedded_postgres.installed_version(), embedded_nats.installed_version()
    return f"backing: embedded (Postgres {postgres}, NATS {broker})"


@contextlib.asynccontextmanager
async def postgres(backing: Backing, directory: Path) -> AsyncIterator[Database]:
    """A Postgres server with `MIGRATED`, whose data nobody keeps; yields its maintenance database."""
    if backing == "embedded":
        await clusters.copy_into(directory / "postgres")
        async with embedded_postgres.Postgres(directory / "postgres", fsync=False) as server:
            # It speaks no TLS: a client that would ask whether it does makes a context for each connection.
            yield Database(f"{server.url}?sslmode=disable")
        return
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 -- slow to import, often not needed

    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
        .with_command("postgres -c fsync=off -c full_page_writes=off -c max_connections=200")
        .with_exposed_ports(5432)
    )
    with container as running:
        address = f"{running.get_container_host_ip()}:{running.get_exposed_port(5432)}"
        database = Database(f"postgresql://postgres@{address}/postgres")
        await _until_postgres_answers(database.url)
        await databases.create_if_missing(database.url)
        await databases.migrate(database.beside(MIGRATED).url)
        yield database


@contextlib.asynccontextmanager
async def broker(backing: Backing, directory: Path) -> AsyncIterator[str]:
    """A NATS server with JetStream; yields its URL."""
    if backing == "embedded":
        async with embedded_nats.Nats(directory / "nats", fsync=False) as server:
            yield server.url
        return
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 -- slow to import, often not needed

    container = (
        DockerContainer(NATS_IMAGE).with_command("--jetstream --store_dir /data").with_exposed_ports(4222)
    )
    with container as running:
        url = f"nats://{running.get_container_host_ip()}:{running.get_exposed_port(4222)}"
        await _until_nats_answers(url)
        yield url


@contextlib.asynccontextmanager
async def fresh_database(
    server: Database, name: str, *, template: str = "template0"
) -> AsyncIterator[Database]:
    """A copy of `template`, empty by default, dropped afterwards whoever is still connected to it."""
    # Copying the files takes a third of what writing each page to the log does.
    await _execute(server.url, f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY FILE_COPY')
    try:
        yield server.beside(name)
    finally:
        await _execute(server.url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def empty_jetstream(url: str) -> None:
    """Delete every stream, and with them every consumer, bucket and message."""
    client = await nats.connect(url)
    try:
        jetstream = client.jetstream()
        for stream in await jetstream.streams_info():
            await jetstream.delete_stream(str(stream.config.name))
    finally:
        await client.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _docker_answers() -> bool:
    if "DOCKER_HOST" not in os.environ and os.name == "posix" and not _DOCKER.exists():
        return False  # where its client would look; to import that takes a third of a second
    with warnings.catch_warnings():
        # A client that finds no server leaves its socket to the collector, which warns in some later test.
        warnings.simplefilter("ignore", ResourceWarning)
        answered = _ping_docker()
        gc.collect()
    return answered


def _ping_docker() -> bool:
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415 -- ships no types; slow to import
    from docker.errors import DockerException  # type: ignore[import-untyped]  # noqa: PLC0415 -- as above

    try:
        client = docker.from_env(timeout=5)
        client.ping()
        client.close()
    except (DockerException, OSError):
        return False
    return True


async def _until_postgres_answers(url: str) -> None:
    # The image's first start runs a temporary server on its unix socket only: TCP answers when it is up.
    async with asyncio.timeout(_START_SECONDS):
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return await _execute(url, "SELECT 1")
            await asyncio.sleep(_POLL_SECONDS)


async def _until_nats_answers(url: str) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            with contextlib.suppress(OSError, NatsError):
                return await empty_jetstream(url)
            await asyncio.sleep(_POLL_SECONDS)
