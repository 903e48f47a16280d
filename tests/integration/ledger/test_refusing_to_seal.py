"""A sealer refuses to go on over whatever was changed, put back or replaced, and so does the database."""

import asyncpg
import pytest

from services.evidence.keyring import Keyring
from services.evidence.keys import Algorithm, Signer
from tests.integration.ledger.ledgers import as_ledger, connection
from tests.integration.ledger.seals import (
    ORIGIN,
    SIGNER,
    check,
    fill,
    prepared,
    refusal,
    running,
    seal,
    sealing,
    tampering,
)

pytestmark = pytest.mark.usefixtures("in_haste")

SWAP = """UPDATE ledger.event e SET document = o.document, leaf = o.leaf FROM ledger.event o
    WHERE e.position IN (14, 15) AND o.position = 29 - e.position"""


@pytest.mark.parametrize(
    ("tamper", "position"),
    [
        ("UPDATE ledger.event SET document = replace(document, '1.0', '1.1') WHERE position = 12", 12),
        ("UPDATE ledger.event SET leaf = sha256('x') WHERE position = 11", 11),
        ("DELETE FROM ledger.event WHERE position = 13", 14),
        (SWAP, 14),
    ],
)
async def test_what_was_changed_before_it_was_sealed_is_not_sealed(
    migrated: str, bus: str, tamper: str, position: int
) -> None:
    await seal(migrated, bus, await fill(migrated, 10))
    head = await fill(migrated, 10)
    async with tampering(migrated) as superuser:
        await superuser.execute(tamper)
    assert f"position {position} is missing, or not what was appended" in await refusal(migrated, bus, head)


async def test_a_ledger_that_was_restored_from_a_backup_signs_nothing(migrated: str, bus: str) -> None:
    await seal(migrated, bus, await fill(migrated, 300))
    await seal(migrated, bus, await fill(migrated, 100))
    async with tampering(migrated) as superuser:
        await superuser.execute("DELETE FROM ledger.event WHERE position > 300")
        await superuser.execute("DELETE FROM ledger.checkpoint WHERE size > 300")
        await superuser.execute("UPDATE ledger.head SET position = 300")
        await superuser.execute(
            "UPDATE ledger.tile SET hashes = substring(hashes FOR 44 * 32) WHERE level = 0 AND at = 1"
        )
    assert "has a checkpoint of 400 events, and the tree has 300" in await refusal(
        migrated, bus, await fill(migrated, 5)
    )


async def test_a_tree_that_was_replaced_is_not_sealed_further(migrated: str, bus: str) -> None:
    await seal(migrated, bus, await fill(migrated, 20))
    async with tampering(migrated) as superuser:
        await superuser.execute("DELETE FROM ledger.checkpoint")
        await superuser.execute("DELETE FROM ledger.tile")
        await superuser.execute(
            "UPDATE ledger.event SET document = replace(document, '1.0', '1.1'),"
            " leaf = sha256('\\x00'::bytea || convert_to(replace(document, '1.0', '1.1'), 'UTF8'))"
            " WHERE position = 3"
        )
    async with sealing(migrated, bus) as one:
        await (await prepared(one, ask=20))
    assert "has a checkpoint of 20 events with another root" in await refusal(migrated, bus, 20)


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE ledger.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 100) WHERE level = 0",
        "UPDATE ledger.tile SET hashes = substring(hashes FOR 320)",
        "DELETE FROM ledger.tile",
        "UPDATE ledger.checkpoint SET root = sha256('x')",
        "UPDATE ledger.checkpoint SET note = replace(note, '20', '19')",
        "UPDATE ledger.checkpoint SET note = ''",
    ],
)
async def test_a_tree_that_was_changed_is_not_sealed_further(migrated: str, bus: str, tamper: str) -> None:
    await seal(migrated, bus, await fill(migrated, 20))
    async with tampering(migrated) as superuser:
        await superuser.execute(tamper)
    assert "Nothing is sealed" in await refusal(migrated, bus, await fill(migrated, 5))


async def test_another_key_does_not_go_on_unless_it_names_the_former_one(migrated: str, bus: str) -> None:
    await seal(migrated, bus, await fill(migrated, 20))
    new = Signer(ORIGIN, Algorithm.ED25519, b"n" * 32)
    head = await fill(migrated, 5)
    assert "signed by no key of this ledger" in await refusal(migrated, bus, head, Keyring((new,)))
    async with sealing(migrated, bus, Keyring((new,), (SIGNER.verifier,))) as one, running(one):
        one.commits.head.advance(head)
        await one.sealer.sealed.wait_for(head, timeout=20)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.tile SET hashes = sha256('x')",
        "UPDATE ledger.tile SET at = at + 1",
        "DELETE FROM ledger.tile",
        "TRUNCATE ledger.tile",
        "UPDATE ledger.checkpoint SET note = 'x'",
        "DELETE FROM ledger.checkpoint",
        "TRUNCATE ledger.checkpoint",
    ],
)
async def test_neither_the_service_nor_the_owner_changes_the_evidence(
    migrated: str, bus: str, statement: str
) -> None:
    await seal(migrated, bus, await fill(migrated, 20))
    for url in (migrated, as_ledger(migrated)):
        async with connection(url) as someone:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await someone.execute(statement)
    assert await check(migrated) == [20]
