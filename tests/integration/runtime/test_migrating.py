"""Migrations: each file once, in order, wholly or not at all."""

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from services.runtime.migrations import MigrationChanged, migrate, pending
from tests.support.backing import Database

Package = Callable[..., str]
_numbers = count(1)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """`package(create="CREATE …")` makes or completes a package of migrations and gives its name."""
    name = f"migrations_{next(_numbers)}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**files: str) -> str:
        for stem, sql in files.items():
            (folder / f"{stem.removeprefix('m')}.sql").write_text(sql)
        return name

    return write


CREATE = "CREATE TABLE probe.thing (id int PRIMARY KEY); CREATE TABLE probe.other (id int)"


async def tables(database: Database) -> set[str]:
    connection = await asyncpg.connect(database.url)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'probe'")
    await connection.close()
    return {row["tablename"] for row in rows} - {"migration"}


async def test_missing_migrations_are_applied_in_order_and_once(database: Database, package: Package) -> None:
    name = package(m0002_more="ALTER TABLE probe.thing ADD size int", m0001_create=CREATE)
    assert await pending(database.url, "probe", name) == ["0001_create", "0002_more"]
    assert await migrate(database.url, "probe", name) == ["0001_create", "0002_more"]
    assert await pending(database.url, "probe", name) == []
    assert await migrate(database.url, "probe", name) == []
    assert await tables(database) == {"thing", "other"}


async def test_a_migration_that_fails_leaves_nothing_of_itself(database: Database, package: Package) -> None:
    name = package(m0001_create=CREATE, m0002_half="CREATE TABLE probe.half (id int); SELECT 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(database.url, "probe", name)
    assert await tables(database) == {"thing", "other"}
    assert await pending(database.url, "probe", name) == ["0002_half"]
    package(m0002_half="CREATE TABLE probe.half (id int)")
    assert await migrate(database.url, "probe", name) == ["0002_half"]


async def test_a_changed_migration_is_refused(database: Database, package: Package) -> None:
    name = package(m0001_create=CREATE)
    await migrate(database.url, "probe", name)
    package(m0001_create=CREATE + "; -- one more thing")
    with pytest.raises(MigrationChanged, match="0001_create"):
        await migrate(database.url, "probe", name)
    with pytest.raises(MigrationChanged):
        await pending(database.url, "probe", name)


async def test_two_processes_that_migrate_at_once_apply_each_file_once(
    database: Database, package: Package
) -> None:
    name = package(m0001_create=CREATE, m0002_more="ALTER TABLE probe.thing ADD size int")
    applied = await asyncio.gather(*(migrate(database.url, "probe", name) for _ in range(4)))
    assert sorted(applied) == [[], [], [], ["0001_create", "0002_more"]]


async def test_any_role_can_see_what_is_pending(database: Database, package: Package) -> None:
    create_role = "DO $$ BEGIN CREATE ROLE runtime_probe LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
    name = package(m0001_create=create_role)
    await migrate(database.url, "probe", name)
    package(m0002_more="SELECT 1")
    assert await pending(database.as_role("runtime_probe"), "probe", name) == ["0002_more"]


async def test_a_file_that_is_not_named_as_a_migration_is_an_error(
    database: Database, package: Package
) -> None:
    with pytest.raises(ValueError, match="NNNN"):
        await migrate(database.url, "probe", package(create=CREATE))


async def test_a_schema_name_is_plain(database: Database, package: Package) -> None:
    with pytest.raises(ValueError, match="plain"):
        await migrate(database.url, "probe; DROP TABLE x", package(m0001_create=CREATE))
