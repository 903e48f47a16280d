"""Processes of the product that start at once: forked from one that has loaded them and done nothing else.

A fork does what `python -P -m MODULE …` does, in a session of its own, with the environment and the log that
it is given. To load a service is most of starting it, and what is loaded once is in memory once.
"""

import contextlib
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from io import BufferedRWPair
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from msgspec import Struct, json

from services.runtime import launch
from services.stack.child import Child, die_with_parent, python_environment, python_module, spawn
from services.stack.errors import StackError
from services.stack.service import SERVICES, Service

_HERE: Final = sys.platform == "linux"
"""Elsewhere a process that has loaded so much does not fork well, nor is the end of a fork seen."""

_AT_WORK: Final = (
    "aiosmtpd.smtp",
    "anyio._backends._asyncio",
    "httpcore",
    "litestar._kwargs",
    "litestar.exceptions.responses",
    "mailbox",
    "uvicorn.lifespan.on",
)
"""What libraries load only once they are at work: 30 ms in each service. Without one, they do as ever."""


class _Birth(Struct, frozen=True, tag=True):
    """Asks for a process that runs `module`; the answer is its id."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    log: str


class _Burial(Struct, frozen=True, tag=True):
    """Asks for the wait status of a process that has ended, and that its id be given up."""

    pid: int


class Nursery:
    """`with Nursery(log) as nursery:` the process that forks, seen from ours.

    It ends with ours, and its forks with it. One that was killed is there again when the next fork is asked
    for. Where there is none, all are started as in life.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._loading = threading.Lock()
        self._loaded = False

    def __enter__(self) -> Self:
        if _HERE:
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if _HERE:
            self._end()

    def service(
        self, name: str, environment: Mapping[str, str], *, host: str, port: int, log: Path
    ) -> Service:
        """The service `name`, configured by `environment` alone, to be started."""
        if not _HERE:
            return Service(name, environment, host=host, port=port, log=log)
        return _Forked(self, name, environment, host=host, port=port, log=log)

    def bear(self, name: str, module: str, *arguments: str, env: Mapping[str, str], log: Path) -> Child:
        """Start `python -m MODULE ARGUMENTS`, its output at the end of `log`."""
        if not _HERE:
            return spawn(python_module(module, *arguments), name=name, log=log, env=env)
        return Child(_Fork(self, _Birth(module, list(arguments), dict(env), str(log))), name, log)

    def wait(self) -> None:
        """Return when it has loaded everything, or ended; for a thread that may block."""
        with self._loading:
            self._loaded = self._loaded or not _HERE or bool(self._answers.readline())

    def ask(self, request: _Birth | _Burial) -> int:
        """Send a request and wait for its answer; raises `StackError` when services cannot be loaded."""
        for _ in range(2):
            if answer := self._exchange(json.encode(request)):
                return json.decode(answer, type=int)
            self._end()
            self._start()
        raise StackError(f"What services are forked from has ended; its log, {self._log}, says why.")

    def _exchange(self, request: bytes) -> bytes:
        """The answer; none from a nursery that has ended."""
        with contextlib.suppress(OSError):
            self.wait()
            self._socket.sendall(request + b"\n")
            return self._answers.readline()
        return b""

    def _start(self) -> None:
        """Call it from the thread that lives as long as the forks should."""
        self._socket, theirs = socket.socketpair()
        self._answers = self._socket.makefile("rb")
        self._loaded = False
        with theirs, self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- this very module
                python_module(__name__),
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                env=python_environment(os.environ),
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 -- one prepared system call, no locks
            )

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()
        self._socket.close()


class _Forked(Service):
    """A service as a fork of `nursery`."""

    def __init__(  # noqa: PLR0913 -- a service's own, and where it is from
        self,
        nursery: Nursery,
        name: str,
        environment: Mapping[str, str],
        *,
        host: str,
        port: int,
        log: Path,
    ) -> None:
        super().__init__(name, environment, host=host, port=port, log=log)
        self._nursery = nursery

    def _prepare(self) -> None:
        super()._prepare()
        self._nursery.wait()

    def _spawn(self) -> Child:
        return self._nursery.bear(self.name, f"services.{self.name}", env=self._told(), log=self.log)


class _Fork:
    """A child of the nursery: it alone may reap it, and does when we have seen the end."""

    def __init__(self, nursery: Nursery, birth: _Birth) -> None:
        self.pid = nursery.ask(birth)
        self._nursery = nursery
        # Refers to this process for ever, whoever has its id once a nursery that was killed has left it.
        self._handle = os.pidfd_open(self.pid)
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status once it has ended."""
        if self._status is None:
            ended = select.poll()
            ended.register(self._handle, select.POLLIN)
            if not ended.poll(0):
                return None
        return self.wait()

    def wait(self) -> int:
        """The exit status when it has ended."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(self._nursery.ask(_Burial(self.pid)))
            os.close(self._handle)
        return self._status

    def send_signal(self, sig: int) -> None:
        """Signal it."""
        signal.pidfd_send_signal(self._handle, sig)


def main() -> None:
    """Load every service, say so, and be forked as often as is asked."""
    launch.prepare(*(f"services.{name}.process" for name in SERVICES))
    for module in _AT_WORK:
        with contextlib.suppress(ImportError):
            import_module(module)
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as asked, asked.makefile("rwb") as lines:
        birth = _until_born(lines)
    if birth is not None:
        _live(birth)


def _until_born(asked: BufferedRWPair) -> _Birth | None:
    """Serve requests. Returns in each fork, with what it is to be; here, once nobody asks any more."""
    bind_to_us = die_with_parent(signal.SIGKILL) or (lambda: None)
    _answer(asked, 0)
    while request := asked.readline():
        match json.decode(request, type=_Birth | _Burial):
            case _Birth() as birth:
                pid = os.fork()
                if not pid:
                    os.setsid()
                    bind_to_us()
                    return birth
                _answer(asked, pid)
            case _Burial(pid):
                _answer(asked, _status_of(pid))
    return None


def _answer(asked: BufferedRWPair, number: int) -> None:
    asked.write(json.encode(number) + b"\n")
    asked.flush()


def _status_of(pid: int) -> int:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:  # a fork of the nursery that was here before, with which it was killed
        return signal.SIGKILL


def _live(birth: _Birth) -> None:
    """What `python -P -m` does. Does not return where the module exits, as each of ours does."""
    with Path(os.devnull).open("rb") as nothing, Path(birth.log).open("ab") as log:
        for file, descriptor in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(file.fileno(), descriptor)
    Path("/proc/self/comm").write_text(birth.module.rpartition(".")[2])  # what `ps -e` and `top` show
    os.environ.clear()
    os.environ.update(birth.environment)
    sys.argv[1:] = birth.arguments
    runpy.run_module(birth.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
