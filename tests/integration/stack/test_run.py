"""`caseledger run` gives a command a stack of its own, and leaves nothing of it."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.stack import databases, passwords
from services.stack.layout import Layout, Record
from services.stack.passwords import OWNER
from services.stack.postgres import Postgres, version_of, workers_of
from tests.support.processes import start_caseledger, until_gone
from tests.support.until import until

# Says what it was told, and which processes make up its stack.
TELL = 'cat "$CASELEDGER_DATA/run/stack.json" > told.json; env > told.env; '


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the stack puts its temporary directory, so that one sees what is left."""
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


@contextlib.contextmanager
def running(tmp_path: Path, scratch: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with start_caseledger("run", *arguments, cwd=tmp_path, environment={"TMPDIR": str(scratch)}) as process:
        try:
            yield process
        finally:
            process.kill()


def told(tmp_path: Path) -> Record:
    return msgspec.json.decode((tmp_path / "told.json").read_bytes(), type=Record)


async def until_ready(process: subprocess.Popen[str], sign: Path) -> None:
    await until(lambda: sign.exists() or process.poll() is not None, 60)
    assert process.poll() is None, process.communicate()


def left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def test_the_command_finds_its_stack_and_its_exit_status_is_ours(tmp_path: Path, scratch: Path) -> None:
    forget = "sleep 600 & echo $! > forgotten; exit 7"
    with running(
        tmp_path, scratch, "--clock", "2017-10-02T09:00:00Z", "--", "sh", "-c", TELL + forget
    ) as process:
        assert process.wait(60) == 7
    record = told(tmp_path)
    lines = (tmp_path / "told.env").read_text().splitlines()
    names = dict(line.split("=", 1) for line in lines if line.startswith("CASELEDGER_"))
    assert names["CASELEDGER_LEDGER_URL"] == record.urls.ledger
    assert names["CASELEDGER_PROJECTOR_URL"] == record.urls.projector
    assert names["CASELEDGER_NOTIFIER_URL"] == record.urls.notifier
    assert names["CASELEDGER_DATABASE_URL"] == record.urls.database
    assert names["CASELEDGER_NATS_URL"] == record.urls.nats
    assert names["CASELEDGER_TOKEN"].startswith("cl_operator_")
    assert names["CASELEDGER_MAILDIR"] == record.urls.maildir
    assert record.clock == "2017-10-02T09:00:00Z"
    forgotten = int((tmp_path / "forgotten").read_text())
    await until_gone([record.pid, forgotten, *record.processes.values()], seconds=0.5)
    assert left_in(scratch) == []


async def test_an_interrupted_run_leaves_nothing(tmp_path: Path, scratch: Path) -> None:
    with running(tmp_path, scratch, "sh", "-c", TELL + "touch ready; exec sleep 600") as process:
        await until_ready(process, tmp_path / "ready")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 128 + signal.SIGINT
    record = told(tmp_path)
    await until_gone([record.pid, *record.processes.values()], seconds=0.5)
    assert left_in(scratch) == []


async def test_a_run_that_is_interrupted_while_it_starts_leaves_nothing(
    tmp_path: Path, scratch: Path
) -> None:
    with running(tmp_path, scratch, "touch", "ready") as process:
        await until(lambda: any(scratch.glob("caseledger-run-*/postgres.new")), 60)
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM
    assert not (tmp_path / "ready").exists()
    assert left_in(scratch) == []


async def test_kill_9_of_a_run_leaves_no_process(tmp_path: Path, scratch: Path) -> None:
    layout = Layout(tmp_path / "kept")
    kept = ("--data", str(layout.data), "--")
    with running(tmp_path, scratch, *kept, "sh", "-c", TELL + "echo $$ > ready; exec sleep 600") as process:
        await until_ready(process, tmp_path / "ready")
        record = told(tmp_path)
        workers = workers_of(record.processes["postgres"])
        process.kill()
    command = int((tmp_path / "ready").read_text())
    assert workers or sys.platform != "linux"
    await until_gone([command, *record.processes.values(), *workers])
    async with Postgres(layout.postgres, password=passwords.kept(layout.passwords).postgres[OWNER]) as server:
        assert await version_of(server.url_of(databases.NAME))


async def test_a_command_that_does_not_exist_is_said_to_before_anything_starts(
    tmp_path: Path, scratch: Path
) -> None:
    with running(tmp_path, scratch, "--", "no-such-command") as process:
        assert process.wait(30) == 127
        assert process.stderr is not None
        assert process.stderr.read() == "caseledger: no-such-command: there is no such command.\n"
    assert left_in(scratch) == []
