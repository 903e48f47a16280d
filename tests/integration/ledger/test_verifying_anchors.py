"""What others have of the ledger is held against it: the checkpoints on NATS, and the time stamps."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.commands import load
from services.evidence import checkpoint
from services.evidence.keys import Signer
from services.evidence.treehead import TreeHead
from services.ledger.announcements import Announcements
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import broker, connection, contact
from tests.integration.ledger.seals import ORIGIN, SIGNER, STRANGER
from tests.support.time_authority import TimeAuthority, stamping
from tests.support.trees import OTHERS, head
from tests.support.until import until

EVENTS = 3


async def verify(*options: str) -> tuple[int, dict[str, Any]]:
    """What `caseledger verify --json` ends with, and says."""
    result = await asyncio.to_thread(CliRunner().invoke, load(), ["verify", "--json", *options])
    return result.exit_code, json.loads(result.stdout)


async def sealed(owner_url: str, nats_url: str, **settings: str) -> None:
    """Have a ledger seal some events, under one checkpoint, which is announced."""
    async with ledgers.ledger(owner_url, nats_url, signing_key=SIGNER.written(), **settings) as ledger:
        await ledger.post("case-1", *(contact(n) for n in range(EVENTS)))
        await until(lambda: announced(nats_url))
        if settings:
            await until(lambda: stamped(ledger))


async def announced(nats_url: str) -> bool:
    async with broker(nats_url) as client:
        return await Announcements(client).last() is not None


async def stamped(ledger: ledgers.Ledger) -> bool:
    return (await ledger.http.get(f"/v1/timestamps/{EVENTS}")).status_code == 200


async def announce(nats_url: str, of: TreeHead, signer: Signer) -> None:
    async with broker(nats_url) as client:
        signed = checkpoint.sign(of, [signer], 0).encode().decode()
        await Announcements(client).publish(of.origin, of.size, signed)


@pytest.fixture
def key(tmp_path: Path, migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The file of the ledger's verifier key; the environment names its servers."""
    monkeypatch.setenv("CASELEDGER_DATABASE_URL", migrated)
    monkeypatch.setenv("CASELEDGER_NATS_URL", bus)
    (tmp_path / "ledger.keys").write_text(f"{SIGNER.verifier}\n")
    return str(tmp_path / "ledger.keys")


@pytest.mark.parametrize(
    ("published", "found_to_be"),
    [
        ((head(40, origin=ORIGIN), SIGNER), ("rolled back", "is of 40 events")),
        ((head(2, OTHERS, ORIGIN), SIGNER), ("changed", "the first 2 events are not those of")),
        ((head(2, origin=ORIGIN), STRANGER), ("key changed", "is signed by no key")),
    ],
    ids=["rolled back", "replaced", "another key"],
)
async def test_a_tree_that_went_back_or_was_replaced_is_named_by_the_checkpoint_on_the_stream(
    migrated: str, bus: str, key: str, published: tuple[TreeHead, Signer], found_to_be: tuple[str, str]
) -> None:
    await sealed(migrated, bus)
    status, found = await verify("--key", key, "--nats", "-")
    assert (status, found["events"]) == (0, EVENTS), found
    await announce(bus, *published)
    status, found = await verify("--key", key, "--nats", bus)
    assert (status, found["kind"]) == (1, found_to_be[0]), found
    assert found_to_be[1] in found["what"]
    assert "the checkpoint on NATS (LEDGER_CHECKPOINTS, message 2, " in found["what"]


async def test_a_stream_that_is_gone_is_said_to_be(bus: str, key: str) -> None:
    status, found = await verify("--key", key, "--nats", bus)
    assert (status, found["kind"]) == (1, "missing"), found


async def test_time_stamps_hold_and_are_missed(migrated: str, bus: str, key: str, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    options = "--key", key, "--timestamp-authority", str(root)
    async with stamping() as authority:
        root.write_bytes(authority.certificates)
        await sealed(migrated, bus, timestamp_url=authority.url, timestamp_certificate=str(root))
    status, found = await verify(*options)
    assert (status, found["timestamps"]["number"]) == (0, 1), found
    root.write_bytes(TimeAuthority("somebody else's").certificates)
    assert (await verify(*options))[1]["kind"] == "changed"
    root.write_bytes(authority.certificates)
    async with connection(migrated) as superuser:
        await superuser.execute("ALTER TABLE ledger.time_stamp DISABLE TRIGGER ALL")
        await superuser.execute("UPDATE ledger.time_stamp SET size = 2")
        assert "it is not there" in (await verify(*options))[1]["what"]
        await superuser.execute("DELETE FROM ledger.time_stamp")
    assert (await verify(*options))[1]["kind"] == "missing"
