"""A parent that is killed takes its servers with it."""

import subprocess
import sys
from pathlib import Path

from services.stack.postgres import Postgres
from tests.support.processes import clean_environment, until_gone

PARENT = """
import asyncio, sys
from pathlib import Path
from services.stack.mail import Mail
from services.stack.nats import Nats
from services.stack.postgres import Postgres, workers_of

async def main(here):
    async with Postgres(here / "pg") as pg, Nats(here / "nats") as nats, Mail(here / "mail") as mail:
        print(pg.child.pid, nats.child.pid, mail.child.pid, *workers_of(pg.child.pid), flush=True)
        await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


def start_parent(directory: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PARENT, str(directory)]
    return subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, text=True)


async def test_kill_9_of_the_parent_leaves_no_process(tmp_path: Path) -> None:
    with start_parent(tmp_path) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) > 3
        parent.kill()
    await until_gone(pids)
    # What it left on disk is a database that recovers, at once.
    async with Postgres(tmp_path / "pg"):
        pass
