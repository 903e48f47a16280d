"""A NATS server under the deployment's configuration, and its users."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from nats.aio.client import Client

from services.ledger.announcements import Announcements
from services.ledger.store import Placed
from services.ledger.stream import Stream
from services.runtime.nats import inbox_of
from services.stack import nats as embedded
from services.stack.child import Child, spawn
from services.stack.nats import Nats

CONFIGURATION = Path("deploy/nats/nats.conf")
USERS = ("ledger", "projector", "notifier", "auditor", "operator")
READERS = ("projector", "notifier", "auditor")


class Deployed(Nats):
    """The embedded server under the deployment's configuration, on an address and a directory of its own."""

    def _spawn(self) -> Child:
        here = {
            '"/data"': json.dumps(str(self.store)),
            "0.0.0.0:4222": f"127.0.0.1:{self.port}",
            'http: "127.0.0.1:8222"': "",
            "server_name: caseledger": f"server_name: {self._server_name}",
        }
        text = CONFIGURATION.read_text()
        for there, replacement in here.items():
            assert there in text
            text = text.replace(there, replacement)
        configuration = self.store / "deployed.conf"
        configuration.write_text(text)
        passwords = {f"NATS_{user.upper()}_PASSWORD": f"p-{user}" for user in USERS}
        command = [str(embedded._program()), "--config", str(configuration)]
        return spawn(command, name=self.name, log=self.log, env={**os.environ, **passwords})


@asynccontextmanager
async def with_two_events(directory: Path) -> AsyncIterator[Deployed]:
    """A broker with two events and a checkpoint, put there as the ledger does."""
    async with Deployed(directory, fsync=False) as server, as_user("ledger", server) as client:
        stream = Stream(client)
        await stream.create(1)
        await stream.publish(
            [Placed(n, "case-1", "ContactReceived", f'{{"position":{n}}}'.encode()) for n in (1, 2)]
        )
        announcements = Announcements(client)
        assert await announcements.last() is None
        await announcements.publish("ledger.example", 1, "of 1")
        yield server


@asynccontextmanager
async def as_user(user: str, server: Nats, password: str | None = None) -> AsyncIterator[Client]:
    """A client of the user; what it is not allowed is not said: a request gets no answer."""

    async def refused(_error: Exception) -> None:
        pass

    client = Client()
    try:
        await client.connect(
            f"nats://{user}:{password or f'p-{user}'}@{server.url.removeprefix('nats://')}",
            inbox_prefix=inbox_of(f"nats://{user}@host"),
            error_cb=refused,
            allow_reconnect=False,
        )
        yield client
    finally:
        await client.close()
