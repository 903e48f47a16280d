"""The process that a stack's processes are forked from: it loads them, forks as often as asked, does no more.

It is asked on its standard input. A birth comes as a file that the fork alone reads: what one is told stands
in no memory but its own. Run as `python -m services.stack.birth`.
"""

import contextlib
import os
import runpy
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from msgspec import Struct, json

from services.runtime import launch
from services.stack.child import die_with_parent
from services.stack.service import SERVICES

LONGEST: Final = 32
"""Bytes of a request, or of an answer: a number in digits."""

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


class Birth(Struct, frozen=True):
    """What a fork is to be: `python -m MODULE ARGUMENTS`, its output at the end of `log`."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    log: str


def main() -> None:
    """Load every service, say so, and be forked as often as is asked."""
    launch.prepare(*(f"services.{name}.process" for name in SERVICES))
    for module in _AT_WORK:
        with contextlib.suppress(ImportError):
            import_module(module)
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as asked:
        birth = _until_born(asked)
    if birth is not None:
        _live(birth)


def _until_born(asked: socket.socket) -> Birth | None:
    """Serve requests. Returns in each fork, with what it is to be; here, once nobody asks any more.

    A request with a file is for a fork: its id, or the error's number below zero, is the answer. One without
    is the id of a fork that has ended: it is given up, and the wait status is the answer.
    """
    bind_to_us = die_with_parent(signal.SIGKILL) or (lambda: None)
    _answer(asked, 0)
    while True:
        request, files, _, _ = socket.recv_fds(asked, LONGEST, 1)
        if not request:
            return None
        if not files:
            _answer(asked, os.waitpid(int(request), 0)[1])
            continue
        with os.fdopen(files[0], "rb") as told:
            pid = _fork()
            if not pid:
                os.setsid()
                bind_to_us()
                return json.decode(told.read(), type=Birth)
        _answer(asked, pid)


def _fork() -> int:
    try:
        return os.fork()
    except OSError as error:  # too many processes, or no memory: the others go on
        return -(error.errno or 1)


def _answer(asked: socket.socket, number: int) -> None:
    asked.send(b"%d" % number)


def _live(birth: Birth) -> None:
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
