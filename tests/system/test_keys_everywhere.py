"""A key that `caseledger keys` made counts at all three services, and at none once it is revoked."""

import asyncio
import subprocess
from functools import partial
from pathlib import Path

import httpx

from services.runtime.identity.bearer import bearer
from services.runtime.identity.token import key_id_of
from services.runtime.tls import authorities
from tests.support.processes import start_caseledger
from tests.support.product import Product
from tests.support.tokens import TOKEN
from tests.support.until import until


async def test_a_key_counts_everywhere_from_its_making_to_its_revocation(tmp_path: Path) -> None:
    async with (
        Product(tmp_path / "product") as product,
        httpx.AsyncClient(trust_env=False, verify=authorities(), timeout=10) as http,
    ):
        asked = [
            f"{product.ledger}/v1/head",
            f"{product.projector}/v1/cases",
            f"{product.notifier}/v1/deliveries",
        ]
        key = await keys(product, tmp_path, "create", "quality", "--role", "auditor")

        async def answered(status: int) -> bool:
            return {(await http.get(url, headers=bearer(key))).status_code for url in asked} == {status}

        await until(partial(answered, 200))
        listed = await keys(product, tmp_path, "list")
        assert ("quality" in listed, key in listed) == (True, False)
        new = await keys(product, tmp_path, "rotate", str(key_id_of(key)), "--overlap", "24h")
        assert await answered(200)
        await keys(product, tmp_path, "revoke", str(key_id_of(key)))
        await until(partial(answered, 401))
        assert (await http.get(asked[0], headers=bearer(new))).status_code == 200
        assert all(secret not in said for secret in (key, new, TOKEN) for said in product.logs().values())


async def keys(product: Product, cwd: Path, *arguments: str) -> str:
    """Do `caseledger keys …`; gives what it prints."""
    environment = {
        "CASELEDGER_LEDGER_URL": product.ledger,
        "CASELEDGER_PROJECTOR_URL": product.projector,
        "CASELEDGER_NOTIFIER_URL": product.notifier,
        "CASELEDGER_TOKEN": TOKEN,
    }
    return await asyncio.to_thread(_run, cwd, environment, *arguments)


def _run(cwd: Path, environment: dict[str, str], *arguments: str) -> str:
    with start_caseledger("keys", *arguments, cwd=cwd, environment=environment) as process:
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, err
    return str(out).strip()
