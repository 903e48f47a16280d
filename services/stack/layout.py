"""What lies where in a stack's data directory, and who holds it: one stack at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import msgspec

from services.stack.errors import StackError
from services.stack.passwords import write_private

DATA: Final = Path(".caseledger")
"""Where a stack keeps everything unless it is told otherwise."""
OPERATOR: Final = "operator"
"""Whose token lets whoever reads the data directory do everything."""


class Urls(msgspec.Struct, frozen=True):
    """Where a running stack is reached; `maildir` is empty without the embedded mail server."""

    ledger: str
    projector: str
    notifier: str
    database: str
    nats: str
    smtp: str
    maildir: str

    def shown(self) -> "Urls":
        """The same without passwords: for a terminal, and whatever keeps what it showed."""
        return Urls(**{name: _without_password(getattr(self, name)) for name in Urls.__struct_fields__})


class Target(Urls, frozen=True):
    """A stack that somebody speaks to: where it is reached, and the token that says who asks.

    It is never printed or written down; the `Record` has the URLs only.
    """

    token: str = ""

    def environment(self, data: Path) -> dict[str, str]:
        """What a command is told that speaks to it; its data directory is `data`."""
        return {
            "CASELEDGER_LEDGER_URL": self.ledger,
            "CASELEDGER_PROJECTOR_URL": self.projector,
            "CASELEDGER_NOTIFIER_URL": self.notifier,
            "CASELEDGER_DATABASE_URL": self.database,
            "CASELEDGER_NATS_URL": self.nats,
            "CASELEDGER_SMTP_URL": self.smtp,
            "CASELEDGER_MAILDIR": self.maildir,
            "CASELEDGER_DATA": str(data),
            "CASELEDGER_TOKEN": self.token,
        }


class Record(msgspec.Struct, frozen=True):
    """What a running stack says of itself, for `status`, `down`, `clock` and `replay`."""

    pid: int
    started: str
    clock: str
    urls: Urls
    logs: str
    processes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one data directory."""

    data: Path

    @property
    def postgres(self) -> Path:
        """Postgres's own directory."""
        return self.data / "postgres"

    @property
    def nats(self) -> Path:
        """What JetStream keeps."""
        return self.data / "nats"

    @property
    def maildir(self) -> Path:
        """Every message that the mail server accepted."""
        return self.data / "maildir"

    @property
    def signing_key(self) -> Path:
        """The key that the evidence is signed with; only an embedded Postgres has it beside its data."""
        return self.data / "signing.key"

    @property
    def key_encryption_key(self) -> Path:
        """The key that personal data are sealed under: without it nothing of them is read again."""
        return self.data / "key-encryption.key"

    @property
    def credentials(self) -> Path:
        """Whom the services let in, without any secret."""
        return self.data / "credentials"

    @property
    def link_key(self) -> Path:
        """The key with which links in messages are signed."""
        return self.data / "link.key"

    @property
    def tokens(self) -> Path:
        """The directory of the tokens that the stack made for itself and its first clients."""
        return self.data / "tokens"

    @property
    def passwords(self) -> Path:
        """Those of the embedded Postgres and NATS."""
        return self.data / "passwords.json"

    @property
    def clock(self) -> Path:
        """Where a test clock stood; there is none on the real clock."""
        return self.data / "clock"

    @property
    def logs(self) -> Path:
        """A log for each process."""
        return self.data / "logs"

    @property
    def record(self) -> Path:
        """The `Record`; it outlives a stack that was killed, so ask `running`."""
        return self.data / "run" / "stack.json"

    @property
    def lock(self) -> Path:
        """Locked by the stack that runs here, for as long as it lives and not a moment longer."""
        return self.data / "run" / "lock"

    def token_of(self, name: str) -> Path:
        """The file of one token."""
        return self.tokens / name

    def log_of(self, name: str) -> Path:
        """The log of the process `name`."""
        return self.logs / f"{name}.log"


def missing(layout: Layout) -> list[Path]:
    """The directories that the data directory needs and that are not there yet, the innermost first."""
    return [directory for directory in (layout.data, *layout.data.parents) if not directory.exists()]


def unmake(layout: Layout, made: list[Path]) -> None:
    """Remove the directories that were `made` for a stack which then started nothing.

    One that got further has left logs at least, and stays as it is.
    """
    idle = {layout.lock, layout.log_of("stack")}
    if made and all(entry in idle or entry.is_dir() for entry in layout.data.rglob("*")):
        for file in idle:
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            for directory in (layout.lock.parent, layout.logs, *made):
                directory.rmdir()


@contextlib.contextmanager
def hold(layout: Layout) -> Iterator[None]:
    """Be the stack of this directory within; raises `StackError` when another one is.

    Directories that are made for it are removed again when it ends before it started anything.
    """
    made = missing(layout)
    layout.lock.parent.mkdir(parents=True, exist_ok=True)
    layout.logs.mkdir(exist_ok=True)
    # The kernel lets go of the lock when we end, however we end: what it says is never stale.
    descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _take(descriptor):
            raise StackError(
                f"A stack is already running on {layout.data}: `caseledger status --data DIR` shows it, "
                f"`caseledger down --data DIR` stops it."
            )
        layout.record.unlink(missing_ok=True)
        try:
            yield
            layout.record.unlink(missing_ok=True)
        finally:
            unmake(layout, made)
    finally:
        os.close(descriptor)


def write_record(layout: Layout, record: Record) -> None:
    """Replace the record in one step: a reader sees the old one or the new one. Its URLs hold passwords."""
    write_private(layout.record, msgspec.json.format(msgspec.json.encode(record), indent=2))


def running(layout: Layout) -> Record | None:
    """The stack that runs on this directory; None when none does, or it is not up yet."""
    if not is_held(layout):
        return None
    try:
        return msgspec.json.decode(layout.record.read_bytes(), type=Record)
    except FileNotFoundError:
        return None


def is_held(layout: Layout) -> bool:
    """Whether a stack lives on this directory."""
    try:
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    user, at, server = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{server}")) if ":" in user else url


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
