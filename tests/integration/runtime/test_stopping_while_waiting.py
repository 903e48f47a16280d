"""A service that waits for a server which does not come can be stopped, as a deployment stops it."""

import asyncio
import os
import signal
import sys

import pytest

from services.stack import databases
from tests.support.backing import Database
from tests.support.secrets import KEY_ENCRYPTION_KEY

NOBODY = "127.0.0.1:9"  # the discard port: no server answers there
PATIENCE = 20.0


@pytest.mark.parametrize("missing", ["postgres.waiting", "nats.trouble"])
async def test_a_service_that_waits_for_its_servers_stops_cleanly(database: Database, missing: str) -> None:
    await databases.migrate(database.url)
    role = databases.role_of("ledger")
    there = missing != "postgres.waiting"
    environment = {
        "CASELEDGER_DATABASE_URL": database.as_role(role) if there else f"postgresql://{role}@{NOBODY}/none",
        "CASELEDGER_NATS_URL": f"nats://{NOBODY}",
        "CASELEDGER_KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
        "CASELEDGER_PORT": "0",
        "CASELEDGER_AUTHENTICATION": "off",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        "serve",
        "ledger",
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            while missing.encode() not in (line := await process.stdout.readline()):
                assert line
            process.send_signal(signal.SIGTERM)
            rest = await process.stdout.read()
            assert await process.wait() == 0
        assert b"service.stopped" in rest
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
