"""A fork is what a process in life is, whatever becomes of it, of its siblings and of where it is from."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from services.stack.birth import Birth
from services.stack.child import Child, outside, python_environment
from services.stack.errors import StackError
from services.stack.nursery import Fork, Nursery
from tests.support.processes import alive, environment_of, parent_of, until_gone
from tests.support.until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="services are forked on Linux only")

SECRET = "of-one-fork-" + "alone"  # put together here, so that no code that is loaded holds it
WAITS = "import signal\nsignal.pause()\n"
ENDS = "raise SystemExit(7)\n"
REFUSES = """\
import errno, os, pathlib
fork = os.fork
def refuse():
    if pathlib.Path({sign!r}).exists():
        raise BlockingIOError(errno.EAGAIN, "no more processes")
    return fork()
os.fork = refuse
"""


class Home(NamedTuple):
    """A nursery, the log of its forks, and the file by whose presence the system refuses it a fork."""

    nursery: Nursery
    log: Path
    refusal: Path

    def bear(self, module: str, **told: str) -> Child:
        environment = python_environment(outside()) | told
        return self.nursery.bear(module, module, env=environment, log=self.log)

    def fork(self, module: str) -> Fork:
        fork = self.nursery.fork(Birth(module, [], python_environment(outside()), str(self.log)))
        assert fork is not None
        return fork


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The tests of this module share it, in their order; the last one sees its end."""
    directory = tmp_path_factory.mktemp("nursery")
    refusal = directory / "refusal"
    (directory / "waits.py").write_text(WAITS)
    (directory / "ends.py").write_text(ENDS)
    (directory / "sitecustomize.py").write_text(REFUSES.format(sign=str(refusal)))
    with pytest.MonkeyPatch.context() as ours:
        ours.setenv("PYTHONPATH", str(directory), prepend=os.pathsep)
        ours.setenv("CASELEDGER_SIGNING_KEY", SECRET)
        with Nursery(directory / "services.log") as nursery:
            yield Home(nursery, directory / "forks.log", refusal)


async def test_a_fork_ends_as_its_module_does(home: Home) -> None:
    child = home.bear("ends")
    assert parent_of(child.pid) != os.getpid()
    assert await child.wait() == 7


async def test_what_a_fork_is_told_nothing_else_holds(home: Home) -> None:
    told = home.bear("waits", CASELEDGER_KEY_ENCRYPTION_KEY=SECRET)
    await until(lambda: SECRET.encode() in memory_of(told.pid))
    assert SECRET.encode() not in memory_of(parent_of(told.pid))
    other = home.bear("waits")
    for pid in (told.pid, other.pid, parent_of(told.pid)):
        assert b"CASELEDGER_" not in environment_of(pid)
    assert [await child.stop() for child in (told, other)] == [-signal.SIGTERM] * 2


async def test_a_fork_that_the_system_refuses_is_said_to_be_and_leaves_the_others(home: Home) -> None:
    before = home.bear("waits")
    home.refusal.touch()
    with pytest.raises(StackError, match="ends could not be forked: Resource temporarily unavailable"):
        home.bear("ends")
    home.refusal.unlink()
    assert before.running
    assert await home.bear("ends").wait() == 7
    assert await before.kill() == -signal.SIGKILL


async def test_a_fork_that_has_ended_is_signalled_in_peace(home: Home) -> None:
    fork = home.fork("ends")
    assert fork.wait() == 7
    fork.send_signal(signal.SIGTERM)
    assert fork.poll() == 7


async def test_of_forks_that_nobody_asks_about_nothing_is_left(home: Home) -> None:
    held = files_open()
    forgotten = [home.bear("ends").pid for _ in range(3)]
    await until_gone(forgotten)
    assert await home.bear("ends").wait() == 7
    assert not any(map(is_kept, forgotten))
    assert files_open() == held


async def test_after_the_end_every_fork_was_killed_and_none_is_born(home: Home) -> None:
    child = home.bear("waits")
    parent = parent_of(child.pid)
    home.nursery.__exit__(None, None, None)
    assert not alive(child.pid)
    assert not alive(parent)
    assert await child.wait() == -signal.SIGKILL
    with pytest.raises(StackError, match="has been ended"):
        home.bear("ends")


async def test_without_forks_a_process_starts_as_in_life(tmp_path: Path) -> None:
    with Nursery(tmp_path / "services.log", forks=False) as nursery:
        nursery.wait()
        child = nursery.bear("help", "json.tool", "--help", env=outside(), log=tmp_path / "log")
        assert parent_of(child.pid) == os.getpid()
        assert await child.wait() == 0


def files_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def is_kept(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def memory_of(pid: int) -> bytes:
    """Everything that `pid` could write to."""
    held = bytearray()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if rights.startswith("rw"):
                first, end = (int(address, 16) for address in span.split("-"))
                memory.seek(first)
                held += memory.read(end - first)
    return bytes(held)
