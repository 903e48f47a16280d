"""The stack's database: made when missing, brought up to date, reached by each service as its role."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from services.runtime import migrations, postgres
from services.stack.errors import StackError
from services.stack.service import SERVICES

NAME = "caseledger"
KEYS = "keys"
KEY_MIGRATIONS = "services.ledger.key_migrations"


async def create_if_missing(url: str, name: str = NAME) -> None:
    """Create the database `name` on the server at `url`, unless it is there."""
    connection = await asyncpg.connect(url)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    finally:
        await connection.close()


async def reach(url: str, seconds: float) -> None:
    """Wait for the server at `url` to answer; raises `StackError` when it does not within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            connection = await postgres.connect(url, application_name="caseledger reach")
    except TimeoutError as error:
        server = postgres.server_of(url)
        raise StackError(
            f"Postgres at {server} did not answer within {seconds:.0f} s: is it up, and is that its address?"
        ) from error
    await connection.close()


async def migrate(owner_url: str, keys_url: str | None = None) -> dict[str, list[str]]:
    """Apply each service's migrations that are not applied yet, and name them by schema.

    `keys_url` is the owner's URL of the database of the data keys, if they have one of their own.
    """
    return {
        schema: await migrations.migrate(url, schema, package)
        for schema, package, url in _schemas(owner_url, keys_url)
    }


async def pending(owner_url: str, keys_url: str | None = None) -> dict[str, list[str]]:
    """The migrations that `migrate` would apply, by schema."""
    return {
        schema: await migrations.pending(url, schema, package)
        for schema, package, url in _schemas(owner_url, keys_url)
    }


async def last_recorded(owner_url: str) -> datetime | None:
    """When the ledger recorded its last event; None before its first."""
    connection = await postgres.connect(owner_url, application_name="caseledger stack")
    try:
        statement = postgres.load_sql("services.stack.sql")["last_recorded"]
        recorded: datetime | None = await connection.fetchval(statement)
    finally:
        await connection.close()
    return recorded


def role_of(service: str) -> str:
    """The login role of a service, created by its first migration."""
    return f"caseledger_{service}"


def login_as(owner_url: str, role: str, password: str) -> str:
    """The owner's URL with `role` as the user."""
    parts = urlsplit(owner_url)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))


async def set_passwords(owner_url: str, passwords: Mapping[str, str]) -> None:
    """Give each service's role its password, by service."""
    connection = await postgres.connect(owner_url, application_name="caseledger stack")
    try:
        for service, password in passwords.items():
            # ALTER ROLE takes no parameters; neither word is anybody's but ours.
            await connection.execute(f"ALTER ROLE {role_of(service)} PASSWORD '{password}'")
    finally:
        await connection.close()


def take_role(owner_url: str, role: str) -> str:
    """The owner's URL, acting as `role` from the first statement on.

    The roles have no passwords until an operator sets them, so the owner logs in and takes the role.
    """
    parts = urlsplit(owner_url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"{query.get('options', '')} -c role={role}".strip()
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def _schemas(owner_url: str, keys_url: str | None) -> Iterator[tuple[str, str, str]]:
    for service in SERVICES:
        yield service, f"services.{service}.migrations", owner_url
    yield KEYS, KEY_MIGRATIONS, keys_url or owner_url
