"""Nothing in the ledger is changed: by grants for the service, by triggers for everybody."""

import asyncpg
import pytest

from tests.integration.ledger.ledgers import Ledger, as_ledger, connection, contact

pytestmark = pytest.mark.asyncio(loop_scope="module")

ATTEMPTS = (
    "UPDATE ledger.event SET document = 'x'",
    "UPDATE ledger.event SET position = position + 1 WHERE false",
    "DELETE FROM ledger.event",
    "TRUNCATE ledger.event",
    "TRUNCATE ledger.event CASCADE",
    "MERGE INTO ledger.event USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "DELETE FROM ledger.head",
    "TRUNCATE ledger.head",
)
BY_THE_SERVICE = (
    *ATTEMPTS,
    "INSERT INTO ledger.event SELECT * FROM ledger.event",
    "UPDATE ledger.head SET position = 0",
    "DROP TABLE ledger.event",
    "ALTER TABLE ledger.event DISABLE TRIGGER ALL",
    "CREATE TABLE ledger.mine ()",
    "SELECT ledger.insert_events(0, now(), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
)


@pytest.mark.parametrize("statement", BY_THE_SERVICE)
async def test_the_services_role_may_change_nothing(shared: Ledger, case: str, statement: str) -> None:
    await shared.post(case, contact())
    before = await shared.history(case)
    async with connection(as_ledger(shared.owner_url)) as role:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await role.execute(statement)
    assert await shared.history(case) == before


@pytest.mark.parametrize("statement", ATTEMPTS)
@pytest.mark.parametrize("replication_role", ["origin", "replica"])
async def test_the_owner_is_refused_too(
    shared: Ledger, case: str, statement: str, replication_role: str
) -> None:
    await shared.post(case, contact())
    before = await shared.history(case)
    async with connection(shared.owner_url) as owner:
        await owner.execute(f"SET session_replication_role = {replication_role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(statement)
    assert await shared.history(case) == before
