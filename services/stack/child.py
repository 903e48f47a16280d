"""A child process that never outlives us: stopped in order, awaited without polling, dead when we die."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import services
from services.runtime.settings import PREFIX

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that a child runs as."""

    uid: int
    gid: int


class Process(Protocol):
    """A process that is reaped by whoever asks how it ended; until then its id is nobody else's."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """The exit status once it has ended, negative for a signal; None while it runs."""

    def wait(self) -> int:
        """The exit status, when it has ended."""

    def send_signal(self, sig: int) -> None:
        """Signal it, unless it has ended."""


class Child:
    """One running process, its output in a file, its end awaitable."""

    def __init__(self, process: Process, name: str, log: Path | None) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """The process id, valid until the child has been seen to end."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status once it has ended, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet (a paused child is running)."""
        return self.returncode is None

    def send(self, sig: signal.Signals) -> None:
        """Signal it; a child that is gone is left in peace."""
        if self.running:
            self._process.send_signal(sig)

    async def wait(self) -> int:
        """Return its exit status when it ends."""
        if not self.running:
            return self._process.wait()
        if sys.platform == "linux":
            # One that is not our child may be gone by now, with the parent that would have kept its status.
            with contextlib.suppress(ProcessLookupError):
                await _readable(os.pidfd_open(self.pid))
        else:
            while self.running:  # noqa: ASYNC110 -- no event tells of a process's end here
                await asyncio.sleep(_POLL_SECONDS)
        return self._process.wait()

    async def stop(self, sig: signal.Signals = signal.SIGTERM, *, grace: float = 10.0) -> int:
        """Ask it to stop with `sig`, and kill it when `grace` seconds were not enough."""
        self.send(sig)
        try:
            return await asyncio.wait_for(self.wait(), grace)
        except TimeoutError:
            return await self.kill()
        except asyncio.CancelledError:
            # Whoever cancelled us will not come back for the child.
            self.send(signal.SIGKILL)
            raise

    async def kill(self) -> int:
        """End it now, as a power cut would."""
        self.send(signal.SIGKILL)
        return await self.wait()

    def last_words(self, lines: int = 12) -> str:
        """The end of what it wrote, for an error message."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def spawn(  # noqa: PLR0913 -- each one is a property of the process, and all are named
    argv: Sequence[str],
    *,
    name: str,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> Child:
    """Start `argv`; call it from the thread that will live as long as the child should.

    Its output goes to the end of `log` (None: to ours), its environment is `env` (None: that from `outside`).
    The kernel sends it `death_signal` when we die. It leads a session of its own, so that Ctrl-C in our
    terminal reaches us alone and we stop things in order.
    """
    output = None if log is None else log.open("ab")
    try:
        process = subprocess.Popen(  # noqa: S603 -- the product's own servers, no shell
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=outside() if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
            preexec_fn=die_with_parent(death_signal),  # noqa: PLW1509 -- one prepared system call, no locks
        )
    finally:
        if output is not None:
            output.close()
    return Child(process, name, log)


def python_module(module: str, *options: str) -> list[str]:
    """The command that runs `module` of this very installation, whatever the working directory holds.

    The working directory may have a package named `services` of its own; `-P` keeps it out.
    """
    return [sys.executable, "-P", "-m", module, *options]


def outside() -> dict[str, str]:
    """Our environment without what is the product's: its keys and passwords are for who is told them."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def python_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with this installation first on Python's path: it may be a checkout that is not installed."""
    root = str(Path(services.__path__[0]).resolve().parent)
    others = [entry for entry in environ.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != root]
    return {**environ, "PYTHONPATH": os.pathsep.join([root, *others])}


def die_with_parent(sig: signal.Signals) -> Callable[[], None] | None:
    """What the child does between fork and exec so that it cannot be orphaned, even by our `kill -9`.

    Linux keeps a parent-death signal for each process, through exec. A change of user clears it, and
    `subprocess` changes the user before it calls this. The signal fires when the *thread* that forked ends,
    hence the rule on `spawn`. Other systems have no such thing: there, the children of a killed parent stay.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # The parent died before the kernel was asked.

    return ask


async def _readable(fd: int) -> None:
    """Return when `fd`, which is closed afterwards, has something to say."""
    loop = asyncio.get_running_loop()
    said = asyncio.Event()
    loop.add_reader(fd, said.set)
    try:
        await said.wait()
    finally:
        loop.remove_reader(fd)
        os.close(fd)
