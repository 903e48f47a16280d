"""A key that `caseledger keys` made counts at all three services, and at none once it is revoked."""

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.runtime.identity.bearer import bearer
from services.runtime.identity.token import key_id_of
from services.runtime.tls import authorities
from services.stack.layout import Target
from tests.support.processes import start_caseledger
from tests.support.tokens import TOKEN
from tests.support.until import until


async def test_a_key_counts_everywhere_from_its_making_to_its_revocation(
    team_at: Callable[[str], AbstractAsyncContextManager[Target]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with (
        team_at("2017-10-02T08:00:00Z") as team,
        httpx.AsyncClient(trust_env=False, verify=authorities(), timeout=10) as http,
    ):
        asked = [
            f"{team.ledger}/v1/head",
            f"{team.projector}/v1/cases",
            f"{team.notifier}/v1/deliveries",
        ]
        key = await keys(team, tmp_path, "create", "quality", "--role", "auditor")

        async def answered(status: int) -> bool:
            return {(await http.get(url, headers=bearer(key))).status_code for url in asked} == {status}

        await until(partial(answered, 200))
        listed = await keys(team, tmp_path, "list")
        assert ("quality" in listed, key in listed) == (True, False)
        new = await keys(team, tmp_path, "rotate", str(key_id_of(key)), "--overlap", "24h")
        assert await answered(200)
        await keys(team, tmp_path, "revoke", str(key_id_of(key)))
        await until(partial(answered, 401))
        assert (await http.get(asked[0], headers=bearer(new))).status_code == 200
    said = capsys.readouterr().out  # the three services' logs
    assert "leadership.taken" in said
    assert all(secret not in said for secret in (key, new, TOKEN))


async def keys(team: Target, cwd: Path, *arguments: str) -> str:
    """Do `caseledger keys …`; gives what it prints."""
    environment = {
        "CASELEDGER_LEDGER_URL": team.ledger,
        "CASELEDGER_PROJECTOR_URL": team.projector,
        "CASELEDGER_NOTIFIER_URL": team.notifier,
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
