"""A real SMTP server that keeps every message it accepts in a maildir, and delivers none of them anywhere.

As a process of its own: `python -m services.stack.mail --port 2525 --maildir mail`.
"""

import argparse
import asyncio
import errno
import mailbox
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from services.stack.child import Child, outside, python_environment, python_module, spawn
from services.stack.ports import LOOPBACK
from services.stack.server import Ended, Server

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from services.stack.nursery import Nursery

_PORT_TAKEN = "the port is taken"
_MODULE = "services.stack.mail"


class Mail(Server):
    """An SMTP server in a process of its own, over the maildir `maildir`."""

    name = "mail"

    def __init__(
        self, maildir: Path, *, port: int = 0, log: Path | None = None, nursery: "Nursery | None" = None
    ) -> None:
        """Prepare a server on `port` (0: a free one, kept for restarts), writing its log to `log`.

        With a `nursery` it is a fork of that.
        """
        self.maildir = maildir.resolve()
        self._nursery = nursery
        super().__init__(port=port, log=log or self.maildir.with_name(f"{self.maildir.name}.log"))
        self._host = f"{uuid4().hex}.localhost"  # tells it from another server on the same port

    @property
    def url(self) -> str:
        """Where messages are handed in."""
        return f"smtp://{LOOPBACK}:{self.port}"

    def _prepare(self) -> None:
        open_maildir(self.maildir)
        if self._nursery is not None:
            self._nursery.wait()

    def _spawn(self) -> Child:
        options = ["--port", str(self.port), "--maildir", str(self.maildir), "--host", self._host]
        environment = python_environment(outside())
        if self._nursery is not None:
            return self._nursery.bear(self.name, _MODULE, *options, env=environment, log=self.log)
        return spawn(python_module(_MODULE, *options), name=self.name, log=self.log, env=environment)

    async def _serves(self) -> bool:
        return await _greets(self.port, self._host)

    def _ended(self, said: str) -> Ended:
        return Ended.PORT_TAKEN if _PORT_TAKEN in said else Ended.FAILED


class _Keeper:
    """Keep each message on disk, with the envelope it came in, before it is accepted."""

    def __init__(self, maildir: mailbox.Maildir) -> None:
        self._maildir = maildir

    async def handle_DATA(self, server: "SMTP", session: "Session", envelope: "Envelope") -> str:  # noqa: N802, ARG002 -- aiosmtpd's names
        content = envelope.original_content or b""
        header = [f"Return-Path: <{envelope.mail_from or ''}>"]
        header += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        # Maildir.add() writes, syncs and only then renames into `new`: a crash before the answer may leave a
        # message that its sender hands in again, never an accepted one that is not there.
        key = self._maildir.add("\r\n".join(header).encode() + b"\r\n" + content)
        return f"250 OK kept as {key}"


def open_maildir(path: Path) -> mailbox.Maildir:
    """The maildir at `path`, created unless it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(path, create=True)


async def serve(port: int, maildir: Path, host: str) -> None:
    """Keep mail until SIGTERM or SIGINT."""
    from aiosmtpd.smtp import SMTP  # noqa: PLC0415 -- only the embedded stack has it installed

    loop = asyncio.get_running_loop()
    keeper = _Keeper(open_maildir(maildir))
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname=host, enable_SMTPUTF8=True, ident="caseledger maildir"),
        LOOPBACK,
        port,
    )
    stop = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, stop.set)
    async with server:
        await stop.wait()


async def _greets(port: int, host: str) -> bool:
    """Whether the server that calls itself `host` welcomes clients on `port`."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    try:
        return (await asyncio.wait_for(reader.readline(), 2)).startswith(f"220 {host} ".encode())
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog=f"python -m {_MODULE}", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the loopback port to listen on")
    parser.add_argument("--maildir", type=Path, required=True, help="where to keep what is accepted")
    parser.add_argument("--host", default="caseledger.localhost", help="what it calls itself")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.port, options.maildir, options.host))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(_PORT_TAKEN)


if __name__ == "__main__":
    main()
