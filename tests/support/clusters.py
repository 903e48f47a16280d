"""Postgres data directories that are ready to start: made once a test process, copied for each server."""

import asyncio
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from services.stack import databases
from services.stack.postgres import Postgres


async def copy_into(data: Path) -> None:
    """Put a data directory at `data` whose stack's database has every service's schema."""
    await asyncio.to_thread(_copy, data)


def _copy(data: Path) -> None:
    data.parent.mkdir(parents=True, exist_ok=True)
    # With its owner: the account that root starts a server as.
    subprocess.run(["cp", "--archive", "--no-target-directory", _cluster(), data], check=True)


@cache
def _cluster() -> Path:
    return asyncio.run(_make(Path(_scratch().name) / "postgres"))


async def _make(data: Path) -> Path:
    async with Postgres(data, fsync=False) as server:
        await databases.create_if_missing(server.url)
        await databases.migrate(server.url_of(databases.NAME))
    return data


@cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    """A directory that is removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="caseledger-cluster-")
