"""Services as processes that start at once: forked from one that has loaded them and done nothing else.

A fork does what `python -P -m services.NAME` does, in a session of its own, with the environment and the log
that it is given. To load a service is most of starting it, and the tests start hundreds.
"""

import atexit
import os
import runpy
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct, json

from services.runtime import launch
from services.stack.child import Child, die_with_parent, python_environment, python_module
from services.stack.service import SERVICES, Service

_LONGEST: Final = 128 * 1024  # bytes of a message
_LOADED_LATER: Final = (
    "anyio._backends._asyncio",
    "httpcore",
    "litestar._kwargs",
    "litestar.exceptions.responses",
    "services.ledger.process",
    "services.notifier.process",
    "services.projector.process",
    "uvicorn.lifespan.on",
)
"""What a service, or a library, loads only once it is at work: 40 ms in each of them."""


class _Birth(Struct, frozen=True, tag=True):
    """Asks for a process that runs `module`; the answer is its id."""

    module: str
    environment: dict[str, str]
    log: str


class _Burial(Struct, frozen=True, tag=True):
    """Asks for the exit status of a process that has ended, and that its id be given up."""

    pid: int


class Forked(Service):
    """A service as a fork; where there is no `/proc` to see the end of one, as in life."""

    def _spawn(self) -> Child:
        if sys.platform != "linux":
            return super()._spawn()
        given = {"CASELEDGER_HOST": self._host, "CASELEDGER_PORT": str(self.port)}
        environment = python_environment({**self.environment, **given})
        return Child(_Fork(f"services.{self.name}", environment, self.log), self.name, self.log)


class _Fork:
    """A child of the nursery: it alone may reap it, and does when we have seen the end."""

    def __init__(self, module: str, environment: dict[str, str], log: Path) -> None:
        self.pid = _nursery().ask(_Birth(module, environment, str(log)))
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status once it has ended."""
        ended = self._status is not None or _state_of(self.pid) == "Z"
        return self.wait() if ended else None

    def wait(self) -> int:
        """The exit status when it has ended."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(_nursery().ask(_Burial(self.pid)))
        return self._status

    def send_signal(self, sig: int) -> None:
        """Signal it: its id is its own until it is reaped."""
        os.kill(self.pid, sig)


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


class _Nursery:
    """The process that forks, seen from ours; it ends with ours, and all its forks with it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            python_module(__name__),
            stdin=theirs.fileno(),
            env=python_environment(os.environ),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 -- one prepared system call, no locks
        )
        theirs.close()

    def ask(self, request: _Birth | _Burial) -> int:
        """Send a request and wait for its answer."""
        self._socket.send(json.encode(request))
        answer = self._socket.recv(_LONGEST)
        assert answer, "the nursery has ended: see what it wrote above"
        return json.decode(answer, type=int)

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.wait()


@cache
def _nursery() -> _Nursery:
    """That of this process."""
    nursery = _Nursery()
    atexit.register(nursery.close)
    return nursery


def main() -> None:
    """Load every service, and be forked as often as is asked."""
    for name in SERVICES:
        launch.load(f"services.{name}.process")
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as asked:
        birth = _until_born(asked)
    if birth is not None:
        _live(birth)


def _until_born(asked: socket.socket) -> _Birth | None:
    """Serve requests. Returns in each fork, with what it is to be; here, once nobody asks any more."""
    bind_to_us = die_with_parent(signal.SIGKILL) or (lambda: None)
    while request := asked.recv(_LONGEST):
        match json.decode(request, type=_Birth | _Burial):
            case _Birth() as birth:
                pid = os.fork()
                if not pid:
                    os.setsid()
                    bind_to_us()
                    return birth
                asked.send(json.encode(pid))
            case _Burial(pid):
                asked.send(json.encode(os.waitpid(pid, 0)[1]))
    return None


def _live(birth: _Birth) -> None:
    """What `python -P -m` does. Does not return where the module exits, as each of ours does."""
    with Path(os.devnull).open("rb") as nothing, Path(birth.log).open("ab") as log:
        for file, descriptor in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(birth.environment)
    runpy.run_module(birth.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
