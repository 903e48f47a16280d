"""The roles that `deploy/postgres/roles.sql` makes: enough to run the product with, and no more than that."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.stack import databases
from services.stack.service import SERVICES
from tests.support.backing import Database

ROLES = Path("deploy/postgres/roles.sql").read_text()
OWNER = "caseledger_owner"


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
