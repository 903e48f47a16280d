"""Processes of the product that start at once: forked from one that has loaded them and done nothing else.

A fork does what `python -P -m MODULE …` does, in a session of its own, with the environment and the log that
it is given. To load a service is most of starting it, and what is loaded once is in memory once.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from msgspec import json

from services.stack import birth
from services.stack.birth import Birth
from services.stack.child import Child, die_with_parent, outside, python_environment, python_module, spawn
from services.stack.errors import StackError
from services.stack.service import Service

FORKS_WELL: Final = sys.platform == "linux"
"""Elsewhere a process that has loaded so much does not fork well, nor is the end of a fork seen."""


class Nursery:
    """`with Nursery(log) as nursery:` the process that forks, seen from ours.

    Enter it in the thread that lives as long as the forks should: it ends with that thread, and they with it.
    Where it does not fork, or was killed, processes are started as in life. After the end none is.
    """

    def __init__(self, log: Path, *, forks: bool = FORKS_WELL) -> None:
        self._log = log
        self._wanted = forks
        self._ended = False
        self._loaded = False
        self._asking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._forks: list[Fork] = []

    def __enter__(self) -> Self:
        if self._wanted:
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._line is not None:
            self._line.close()
        for fork in self._forks:
            fork.wait()

    def service(
        self, name: str, environment: Mapping[str, str], *, host: str, port: int, log: Path
    ) -> Service:
        """The service `name`, configured by `environment` alone, to be started."""
        return _Forked(self, name, environment, host=host, port=port, log=log)

    def bear(self, name: str, module: str, *arguments: str, env: Mapping[str, str], log: Path) -> Child:
        """Start `python -m MODULE ARGUMENTS`, its output at the end of `log`; raises `StackError`."""
        fork = self.fork(Birth(module, list(arguments), dict(env), str(log)))
        if fork is not None:
            return Child(fork, name, log)
        return spawn(python_module(module, *arguments), name=name, log=log, env=env)

    def fork(self, wanted: Birth) -> "Fork | None":
        """A fork; None where there is nothing to fork from. Raises `StackError` when none can be had."""
        if self._ended:
            raise StackError(f"{wanted.module} was to be forked from what has been ended.")
        if self._line is None:
            return None
        self._forks = [fork for fork in self._forks if fork.poll() is None]
        with _written(wanted) as file:
            pid = self._ask(0, file)
        if pid is None:
            return None
        if pid < 0:
            raise StackError(f"{wanted.module} could not be forked: {os.strerror(-pid)}.")
        with contextlib.suppress(ProcessLookupError):  # killed since, with the nursery
            self._forks.append(fork := Fork(self, pid))
            return fork
        return None

    def bury(self, pid: int) -> int:
        """The wait status of a fork that has ended, and whose id is given up."""
        status = self._ask(pid)
        return signal.SIGKILL if status is None else status  # a nursery that ended took its forks along

    def wait(self) -> None:
        """Return when it has loaded everything, or ended; for a thread that may block."""
        with self._asking, contextlib.suppress(OSError):
            if self._line is not None and not self._loaded:
                self._loaded = bool(self._line.recv(birth.LONGEST))

    def _ask(self, number: int, *files: int) -> int | None:
        """The answer; None from a nursery that has ended, or that never was."""
        self.wait()
        with self._asking, contextlib.suppress(OSError):
            if self._line is not None:
                socket.send_fds(self._line, [b"%d" % number], files)
                if answer := self._line.recv(birth.LONGEST):
                    return int(answer)
        return None

    def _start(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- the product's own module
                python_module(birth.__name__),
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                env=python_environment(outside()),  # what `/proc/PID/environ` shows of each fork, too
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 -- one prepared system call, no locks
            )


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


class Fork:
    """A child of the nursery: it alone may reap it, and does when we have seen the end.

    One that nobody asks about is reaped at the next birth, or at the end.
    """

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self._nursery = nursery
        # Refers to this process for ever, whoever has its id once a nursery that was killed has left it.
        self._handle = os.pidfd_open(pid)
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status once it has ended."""
        return self.wait() if self._status is not None or self._has_ended(0) else None

    def wait(self) -> int:
        """The exit status when it has ended."""
        if self._status is None:
            self._has_ended(None)
            self._status = os.waitstatus_to_exitcode(self._nursery.bury(self.pid))
            os.close(self._handle)
        return self._status

    def send_signal(self, sig: int) -> None:
        """Signal it, unless it has ended."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, sig)

    def _has_ended(self, within: int | None) -> bool:
        end = select.poll()
        end.register(self._handle, select.POLLIN)
        return bool(end.poll(within))


@contextlib.contextmanager
def _written(wanted: Birth) -> Iterator[int]:
    """A file that has no name, with what the fork is to read."""
    with os.fdopen(os.memfd_create("birth"), "w+b") as file:
        file.write(json.encode(wanted))
        file.seek(0)
        yield file.fileno()
