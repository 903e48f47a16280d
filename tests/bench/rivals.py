"""The event stores that we measure against, at pinned versions, in an environment of their own."""

import asyncio
import hashlib
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.stack.child import spawn
from services.stack.ports import LOOPBACK, free_port
from tests.bench.ground import BUILD, listening

LOCK = Path(__file__).with_name("rivals.txt")


class NotMeasured(Exception):
    """The other side could not be had on this machine; the message says why."""


async def python() -> Path:
    """The Python of their environment, which is made when it is missing. Raises `NotMeasured`."""
    home = BUILD / f"rivals-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    found = home / "bin" / "python"
    if not found.exists():
        new = home.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        await _run(sys.executable, "-m", "venv", str(new))
        quietly = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:")
        await _run(str(new / "bin" / "python"), "-m", "pip", "install", *quietly, "--requirement", str(LOCK))
        new.rename(home)
    return found


@asynccontextmanager
async def umadb(path: Path) -> AsyncIterator[str]:
    """UmaDB's server on a database in `path`; gives its URL. It syncs each commit, as it always does."""
    port = free_port()
    # Its console script names the Python of the directory that it was installed in, which was renamed.
    serve = "import umadb, sys; umadb.run_server_from_args(sys.argv)"
    options = ["--listen", f"{LOOPBACK}:{port}", "--db-path", str(path / "uma.db")]
    child = spawn([str(await python()), "-c", serve, *options], name="UmaDB", log=path / "umadb.log")
    try:
        await listening(child, port)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        await child.stop()


async def _run(*argv: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
        raise NotMeasured(f"could not be installed (is the network away?): {last[0]}")
