"""A key that a service holds signs as one in a file does; while the service is away, appending goes on."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from litestar import Request, Response, post

from services.evidence.keys import Signer
from services.ledger import sealer as sealer_module
from services.runtime import web
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, contact
from tests.integration.ledger.seals import KEYS, ORIGIN, SIGNER, STRANGER
from tests.support import independent_verifier as independent
from tests.support.open_app import open_app
from tests.support.until import until


@dataclass
class Vault:
    """What speaks as Vault's Transit engine does; `holds` signs, `status` is what it answers."""

    url: str = ""
    holds: Signer = SIGNER
    status: int = 200


@asynccontextmanager
async def vault() -> AsyncIterator[Vault]:
    serving = Vault()

    @post("/v1/transit/sign/caseledger", status_code=200)
    async def sign(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        assert request.headers["x-vault-token"] == "s.token"
        if serving.status != 200:
            return Response({"errors": ["Vault is sealed"]}, status_code=serving.status)
        text = b64decode((await request.json())["input"]).decode()
        made = b64encode(serving.holds.sign(text).signature).decode()
        return Response({"data": {"key_version": 3, "signature": f"vault:v3:{made}"}})

    async with web.serve(open_app("vault", sign), "127.0.0.1", 0) as url:
        serving.url = f"{url}/v1/transit/sign/caseledger"
        yield serving


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    monkeypatch.setattr(sealer_module, "PAUSE", 0.05)


async def sealed(ledger: Ledger, size: int) -> bool:
    answer = await ledger.http.get("/v1/checkpoint")
    return answer.is_success and independent.check_checkpoint(answer.content, ORIGIN, KEYS)[0] == size


def check_receipt(answer: dict[str, Any]) -> None:
    said = [(each["position"], b64decode(each["leaf"])) for each in answer["receipts"]]
    independent.check_receipt(said, answer["promise"], KEYS[0])


async def cannot_seal(ledger: Ledger, why: str) -> bool:
    check = (await ledger.ready())["checks"]["sealer"]
    return bool(not check["ok"] and why in check["detail"])


async def test_it_signs_checkpoints_and_receipts_and_may_be_away(
    migrated: str, bus: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s.token\n")
    async with vault() as service:
        held = {"signing_service_url": service.url, "signing_service_token_file": str(tmp_path / "token")}
        async with ledgers.ledger(migrated, bus, signing_key=str(SIGNER.verifier), **held) as ledger:
            check_receipt((await ledger.post("case-1", contact(1))).json())
            await until(lambda: sealed(ledger, 1))
            event = contact(2)
            for status, holds, why in (
                (503, SIGNER, "the key service answers 503"),
                (200, STRANGER, "signs with another key"),
            ):
                service.status, service.holds = status, holds
                answer = await ledger.post("case-1", event)
                assert answer.is_success
                assert "promise" not in answer.json()
                await until(partial(cannot_seal, ledger, why))
            service.holds = SIGNER
            check_receipt((await ledger.post("case-1", event)).json())
            await until(lambda: sealed(ledger, 2))
