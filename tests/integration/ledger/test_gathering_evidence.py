"""A bundle is gathered from a ledger that runs: all that is sealed, and what others say of it."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.evidence import checking
from services.cli.evidence.commands import app
from services.cli.evidence.gathering import Gathered, NothingToProve, gather
from services.evidence import note, timestamp
from services.evidence.keys import Algorithm, Signer
from services.ledger import sealer as sealer_module
from services.runtime.client import LedgerClient
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.integration.ledger.seals import SIGNER, STRANGER, tampering
from tests.support import independent_bundles as independent
from tests.support import independent_verifier
from tests.support.time_authority import TimeAuthority
from tests.support.until import until

WITNESS = Signer("witness.example/w1", Algorithm.COSIGNATURE, b"w" * 32)


async def gathered(ledger: Ledger, case: str, patience: float = 20) -> Gathered:
    async with LedgerClient(str(ledger.http.base_url), source="/test", patience=5) as client:
        found = await gather(client, case, [WITNESS.verifier], patience)
    raw = checking.make(found.parts)
    checking.check(raw, [SIGNER.verifier])
    held = independent.check_bundle(raw, [independent_verifier.read_key(str(SIGNER.verifier))]).documents
    assert held == (await ledger.history(case))[: len(held)]
    return found


async def test_a_case_is_handed_over_with_its_proof_as_far_as_it_is_sealed(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        with pytest.raises(NothingToProve, match="knows no event"):
            await gathered(ledger, "case-1")
        for n in range(5):
            await ledger.post("case-1", contact(n))
            await ledger.post("case-2", *(contact(f"{n}-{each}") for each in range(60)))
        found = await gathered(ledger, "case-1")
        assert (len(found.parts.documents), found.uncovered, found.parts.stamp) == (5, 0, None)

        monkeypatch.setattr(sealer_module, "SEAL_EVERY", 3600.0)
        await ledger.post("case-1", contact())
        sealed = await gathered(ledger, "case-1")
        assert (len(sealed.parts.documents), sealed.uncovered) == (6, 0)
        await ledger.post("case-1", contact())
        rest = await gathered(ledger, "case-1", patience=0)
        assert (len(rest.parts.documents), rest.uncovered) == (6, 1)


async def test_the_checkpoint_of_which_others_say_most_is_the_one_that_is_handed_over(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    authority = TimeAuthority()
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        sizes = []
        for n in range(3):
            await ledger.post("case-1" if n == 0 else "case-2", contact(n))
            await gathered(ledger, "case-1" if n == 0 else "case-2")
            sizes.append((await ledger.head())["position"])
        stamped = (await ledger.http.get(f"/v1/checkpoints/{sizes[1]}")).content
        line = WITNESS.sign(note.parse(stamped).text, 1_522_324_802).line
        assert (await gathered(ledger, "case-1")).parts.checkpoint != stamped
        async with connection(migrated) as owner:
            await owner.execute(
                "INSERT INTO ledger.cosignature VALUES ($1, $2, $3, now())",
                *(sizes[1], f"{WITNESS.verifier.name}+{WITNESS.verifier.key_id.hex()}", line),
            )
        cosigned = await gathered(ledger, "case-1")
        assert cosigned.parts.checkpoint == stamped + line.encode()
        assert (cosigned.unknown, len(cosigned.parts.keys)) == ((), 2)
        async with LedgerClient(str(ledger.http.base_url), source="/test", patience=5) as client:
            assert (await gather(client, "case-1", [], 20)).unknown == (WITNESS.verifier.name,)
        assert len((await gathered(ledger, "case-2")).parts.documents) == 2  # the last one: it covers all
        reply = authority.answer(timestamp.query(stamped).body)
        async with connection(migrated) as owner:
            await owner.execute(
                "INSERT INTO ledger.time_stamp VALUES ($1, now(), $2, $3)", sizes[1], authority.now, reply
            )
        both = await gathered(ledger, "case-1")
        assert (both.parts.checkpoint, both.parts.stamp) == (stamped + line.encode(), reply)


async def test_after_a_change_of_keys_a_bundle_needs_no_former_key_unless_nothing_else_is_signed(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    authority = TimeAuthority()
    async with ledgers.ledger(migrated, bus, signing_key=STRANGER.written()) as ledger:
        await ledger.post("case-1", contact())
        await until(lambda: covered(ledger, 1))
        former = (await ledger.http.get("/v1/checkpoint")).content
    reply = authority.answer(timestamp.query(former).body)
    async with connection(migrated) as owner:
        await owner.execute("INSERT INTO ledger.time_stamp VALUES (1, now(), $1, $2)", authority.now, reply)
    changed = f"{SIGNER.written()}\n{STRANGER.verifier}"
    async with ledgers.ledger(migrated, bus, signing_key=changed) as ledger:
        with pytest.raises(NothingToProve, match="former key"):
            await gathered(ledger, "case-1")
        await ledger.post("case-2", contact())
        await until(lambda: covered(ledger, 2))
        found = await gathered(ledger, "case-1")
        assert (found.passed_over, found.parts.stamp) == (True, None)
        async with LedgerClient(str(ledger.http.base_url), source="/test", patience=5) as client:
            both = await gather(client, "case-1", [STRANGER.verifier], 20)
        assert (both.passed_over, both.parts.checkpoint, both.parts.stamp) == (False, former, reply)


async def covered(ledger: Ledger, size: int) -> bool:
    return (await ledger.http.get(f"/v1/checkpoints/{size}")).is_success


async def test_a_ledger_that_was_changed_gives_no_evidence_and_is_to_be_verified(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    output = tmp_path / "case-1.zip"
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        await ledger.post("case-1", contact())
        await gathered(ledger, "case-1")
        async with tampering(migrated) as superuser:
            await superuser.execute("UPDATE ledger.event SET document = document || ' '")
        monkeypatch.setenv("CASELEDGER_LEDGER_URL", str(ledger.http.base_url))
        ended = await asyncio.to_thread(CliRunner().invoke, app, ["case-1", "-o", str(output)])
    assert (ended.exit_code, output.exists()) == (1, False)
    assert "not what was sealed" in ended.stderr
    assert "Run `caseledger verify`" in ended.stderr
    assert "tell the auditors" in ended.stderr
