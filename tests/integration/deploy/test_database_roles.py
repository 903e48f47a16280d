"""The roles that `deploy/postgres/roles.sql` makes: enough to run the product with, and no more than that."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.ledger.scrubbing import Scrubbing
from services.runtime.clock import SystemClock
from services.runtime.postgres import load_sql
from services.stack import databases
from services.stack.service import SERVICES
from tests.support.backing import Database

ROLES = Path("deploy/postgres/roles.sql").read_text()
OWNER = "caseledger_owner"
DESTROYED = "INSERT INTO keys.data_key (stream, kek_id, destroyed_at) VALUES ($1, '', now())"


@pytest_asyncio.fixture
async def prepared(database: Database) -> AsyncIterator[Database]:
    """A database as an operator prepares it; the script is run twice, as one does."""
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute(ROLES)
        await connection.execute(ROLES)
        yield database
    finally:
        await connection.close()


async def _ask(database: Database, role: str, query: str) -> list[str]:
    connection = await asyncpg.connect(database.as_role(role))
    try:
        return [str(row[0]) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_the_owner_migrates_without_being_a_superuser(prepared: Database) -> None:
    assert set(await databases.migrate(prepared.as_role(OWNER))) == {*SERVICES, databases.KEYS}

    assert not any((await databases.pending(prepared.as_role(OWNER))).values())
    powers = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
    query = f"SELECT rolname FROM pg_roles WHERE rolname LIKE 'caseledger_%' AND ({powers})"
    assert await _ask(prepared, OWNER, query) == []


async def test_the_services_own_nothing_that_they_could_alter_or_drop(prepared: Database) -> None:
    await databases.migrate(prepared.as_role(OWNER))

    schemas = ", ".join(f"'{schema}'" for schema in (*SERVICES, databases.KEYS))
    owners = f"""
        SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
        WHERE relnamespace::regnamespace::text IN ({schemas})
        UNION SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ({schemas})
        UNION SELECT DISTINCT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname IN ({schemas})"""
    assert await _ask(prepared, OWNER, owners) == [OWNER]


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_cannot_read_the_tables_of_another(prepared: Database, service: str) -> None:
    await databases.migrate(prepared.as_role(OWNER))

    own = {service, databases.KEYS} if service == "ledger" else {service}
    others = ", ".join(f"'{other}'" for other in {*SERVICES, databases.KEYS} - own)
    readable = f"""
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace::regnamespace::text IN ({others}) AND relkind IN ('r', 'v', 'm', 'p')
          AND relname <> 'migration' AND has_table_privilege(oid, 'SELECT')"""
    assert await _ask(prepared, databases.role_of(service), readable) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_tries_another_ones_tables_and_functions_is_refused(
    prepared: Database, service: str
) -> None:
    await databases.migrate(prepared.as_role(OWNER))
    own = {service, databases.KEYS} if service == "ledger" else {service}
    others = ", ".join(f"'{other}'" for other in {*SERVICES, databases.KEYS} - own)
    tables = f"""
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace::regnamespace::text IN ({others}) AND relkind = 'r' AND relname <> 'migration'"""
    functions = f"""
        SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ({others})
          AND has_schema_privilege('{databases.role_of(service)}', pronamespace, 'USAGE')
          AND has_function_privilege('{databases.role_of(service)}', oid, 'EXECUTE')"""
    found = await _ask(prepared, OWNER, tables)
    assert len(found) > 3
    connection = await asyncpg.connect(prepared.as_role(databases.role_of(service)))
    try:
        for table in found:
            for statement in (f"SELECT FROM {table}", f"DELETE FROM {table}", f"COPY {table} TO STDOUT"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        for role in ("caseledger_owner", *map(databases.role_of, {*SERVICES} - {service})):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SET ROLE {role}")
    finally:
        await connection.close()
    assert await _ask(prepared, OWNER, functions) == []


async def test_the_ledger_has_destroyed_keys_scrubbed_and_may_do_none_of_it_by_itself(
    prepared: Database,
) -> None:
    await databases.migrate(prepared.as_role(OWNER))
    async with scrubbing(prepared) as (pool, scrubber):
        await pool.execute(DESTROYED, "case-1")
        assert await scrubber.scrub()
        for alone in (
            "CHECKPOINT",
            "CLUSTER keys.data_key USING data_key_pkey",
            "SELECT pg_switch_wal()",
            "SELECT pg_ls_waldir()",
            "SELECT keys.end_log_file()",
            "UPDATE keys.data_key SET scrubbed_at = now()",
            "UPDATE keys.data_key SET rewritten_lsn = '0/0'",
            "UPDATE keys.rewriting SET begun_at = NULL, orphaned_at = NULL",
            "INSERT INTO keys.data_key (stream, kek_id, scrubbed_at) VALUES ('case-3', '', now())",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(alone)


async def test_an_owner_who_was_not_given_what_it_takes_is_told_and_then_given(prepared: Database) -> None:
    await databases.migrate(prepared.as_role(OWNER))
    async with scrubbing(prepared) as (pool, scrubber):
        await _do(prepared, f"REVOKE ALL ON FUNCTION pg_switch_wal() FROM {OWNER}")
        await pool.execute(DESTROYED, "case-1")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await scrubber.scrub()
        told = (await scrubber.residue()).told
        assert told.startswith("the wrapped key of 1 erased case may still stand in the write-ahead log")
        await _do(prepared, told.rpartition("the keys, ")[2])
        assert await scrubber.scrub()


async def test_no_parameter_of_the_ledger_is_logged(prepared: Database) -> None:
    role = databases.role_of("ledger")
    for setting in ("log_parameter_max_length", "log_parameter_max_length_on_error"):
        assert await _ask(prepared, role, f"SHOW {setting}") == ["0"]


@asynccontextmanager
async def scrubbing(prepared: Database) -> AsyncIterator[tuple[asyncpg.Pool, Scrubbing]]:
    """What scrubs, as the ledger's role, and a pool of that role."""
    url, statements = prepared.as_role(databases.role_of("ledger")), load_sql("services.ledger.sql")
    async with asyncpg.create_pool(url, min_size=0) as pool:
        yield pool, Scrubbing(pool, url, statements, SystemClock(), upkeep=pool)


async def _do(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("statement", ["CREATE SCHEMA mine", "CREATE TABLE public.mine (one int)"])
async def test_a_service_cannot_make_anything_of_its_own(prepared: Database, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _ask(prepared, databases.role_of("ledger"), statement)


@pytest.mark.parametrize("role", ["nobody_known", databases.role_of("ledger")])
async def test_migrating_as_the_wrong_role_is_refused_in_one_line(prepared: Database, role: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "migrate"),
        env={**os.environ, "CASELEDGER_DATABASE_URL": prepared.as_role(role)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 1
    assert said.startswith(b"caseledger: ")
    assert said.count(b"\n") == 1
