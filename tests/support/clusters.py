"""Postgres data directories that are ready to start: made once a run of the tests, copied for each server."""

import asyncio
import fcntl
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from services.stack import databases
from services.stack.postgres import Postgres
from tests.support import scratch


async def copy_into(data: Path) -> None:
    """Put a data directory at `data` whose stack's database has every service's schema."""
    await asyncio.to_thread(_copy, data)


def _copy(data: Path) -> None:
    data.parent.mkdir(parents=True, exist_ok=True)
    # With its owner: the account that root starts a server as.
    subprocess.run(["cp", "--archive", "--no-target-directory", _cluster(), data], check=True)


@cache
def _cluster() -> Path:
    """Of all processes of a run one makes it, and the others wait."""
    made = _shared() / "cluster" / "postgres"
    with (_shared() / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            new = asyncio.run(_make(_shared() / "cluster.new" / "postgres"))
            new.parent.rename(made.parent)
    return made


async def _make(data: Path) -> Path:
    async with Postgres(data, fsync=False) as server:
        await databases.create_if_missing(server.url)
        await databases.migrate(server.url_of(databases.NAME))
    return data


@cache
def _shared() -> Path:
    """What is temporary for a whole run, removed after it; outside of one, a directory of this process."""
    return scratch.of_this_run() or Path(_own().name)


@cache
def _own() -> "tempfile.TemporaryDirectory[str]":
    """A directory that is removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="caseledger-cluster-")
