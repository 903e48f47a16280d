"""An event acknowledged, and dropped before it was sealed: nobody but who has its receipt can tell."""

from base64 import b64decode
from typing import Any

import pytest

from services.ledger import sealer as sealer_module
from tests.integration.ledger import drills, ledgers
from tests.integration.ledger.ledgers import contact
from tests.integration.ledger.seals import KEYS, SIGNER, tampering
from tests.support import backing
from tests.support import independent_verifier as independent

HOURS = 10_000.0


async def test_it_is_shown_by_its_receipt_and_by_nothing_less(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", HOURS)
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        await ledger.post("case-1", contact())
        await drills.sealed(ledger, 1)
        receipted = (await ledger.post("case-2", contact("dropped"))).json()
    async with tampering(migrated) as superuser:
        await superuser.execute(
            "DELETE FROM ledger.event WHERE position = 2; UPDATE ledger.head SET position = 1"
        )
    await backing.empty_jetstream(bus)

    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        assert (await ledger.post("case-3", contact("other"))).status_code == 201
        await drills.sealed(ledger, 2)
        proof = (await ledger.http.get("/v1/proof/inclusion?position=2&size=2")).json()
    async with drills.reading(migrated) as owner:
        assert (await drills.verify(owner)).sealed == 2  # by itself it is whole

    (position, leaf) = promised(receipted)
    assert (position, b64decode(proof["leaf"]) == leaf) == (2, False)


def promised(answer: dict[str, Any]) -> tuple[int, bytes]:
    """The position and the leaf hash that the ledger signed for, checked with its key alone."""
    (receipt,) = answer["receipts"]
    entry = receipt["position"], b64decode(receipt["leaf"])
    independent.check_receipt([entry], answer["promise"], KEYS[0])
    return entry
