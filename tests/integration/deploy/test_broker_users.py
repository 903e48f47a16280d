"""The users of `deploy/nats/nats.conf`: the relay publishes, readers read, and nobody takes an event away."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import TimeoutError as NoAnswer

from services.ledger.announcements import Announcements
from services.ledger.service import serve
from services.ledger.settings import Settings
from services.ledger.store import Placed
from services.ledger.stream import STREAM, Stream
from services.runtime.client import LedgerClient
from services.runtime.follow import Follower
from services.stack import databases
from services.stack import nats as embedded
from services.stack.child import Child, spawn
from services.stack.nats import Nats
from tests.support.backing import Database
from tests.support.secrets import KEY_ENCRYPTION_KEY

CONFIGURATION = Path("deploy/nats/nats.conf")
USERS = ("ledger", "projector", "notifier", "operator")
READERS = ("projector", "notifier")
ENTER = """
import asyncio, sys
from services.runtime import nats
async def enter():
    async with nats.connection(sys.argv[1], name=""):
        await asyncio.Event().wait()
asyncio.run(enter())
"""


class Deployed(Nats):
    """The embedded server under the deployment's configuration, on an address and a directory of its own."""

    def _spawn(self) -> Child:
        here = {
            '"/data"': json.dumps(str(self.store)),
            "0.0.0.0:4222": f"127.0.0.1:{self.port}",
            'http: "0.0.0.0:8222"': "",
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


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Deployed]:
    """A broker whose stream holds two events, put there as the relay does."""
    async with Deployed(tmp_path / "nats", fsync=False) as server, _as("ledger", server) as client:
        stream = Stream(client)
        await stream.create(1)
        await stream.publish(
            [Placed(n, "case-1", "ContactReceived", f'{{"position":{n}}}'.encode()) for n in (1, 2)]
        )
        yield server


@asynccontextmanager
async def _as(user: str, server: Nats, password: str | None = None) -> AsyncIterator[Client]:
    async def refused(_error: Exception) -> None:
        """Permission violations come here too; the request itself gets no answer."""

    client = Client()
    try:
        await client.connect(
            server.url, user=user, password=password or f"p-{user}", error_cb=refused, allow_reconnect=False
        )
        yield client
    finally:
        await client.close()


async def test_the_ledger_makes_its_streams_publishes_and_reads_back_what_it_published(
    broker: Deployed,
) -> None:
    async with _as("ledger", broker) as client:
        assert await Stream(client).last() == 2
        assert await Stream(client).document(2) == b'{"position":2}'
        checkpoints = Announcements(client)
        assert await checkpoints.last() is None
        for size in (1, 2):
            await checkpoints.publish("ledger.example", size, f"of {size}")
        assert [each.note async for each in checkpoints.every()] == [b"of 1", b"of 2"]


async def test_a_ledger_publishes_and_both_readers_follow_its_stream(
    tmp_path: Path, database: Database
) -> None:
    await databases.migrate(database.url)
    async with Deployed(tmp_path / "nats", fsync=False) as server:
        settings = Settings(
            authentication="off",
            database_url=database.as_role("caseledger_ledger"),
            nats_url=server.url.replace("nats://", "nats://ledger:p-ledger@"),
            port=0,
            key_encryption_key=KEY_ENCRYPTION_KEY,
        )
        async with serve(settings) as url, LedgerClient(url, source="/test") as ledger:
            for n in (1, 2):
                event = {"type": "ContactReceived", "data": {"contact_id": f"contact-{n}"}}
                await ledger.append("case-1", event)
            for reader in READERS:
                async with _as(reader, server) as client:
                    assert await _first_two(Follower(client, ledger)) == ([1, 2], "stream")


async def _first_two(follower: Follower) -> tuple[list[int], str]:
    """The positions of the first two documents, and where they came from once all is published."""
    seen: list[int] = []
    while follower.source != "stream":
        seen.clear()
        async with aclosing(follower.batches(0)) as batches:
            async for batch in batches:
                seen += [position for position, _ in batch]
                if len(seen) >= 2:
                    break
    return seen, follower.source


@pytest.mark.parametrize("reader", READERS)
async def test_a_reader_cannot_publish_an_event(broker: Deployed, reader: str) -> None:
    async with _as(reader, broker) as client:
        with pytest.raises(NoAnswer):
            await client.jetstream().publish("case.case-1.ContactReceived", b"{}", timeout=0.3)

    async with _as("ledger", broker) as client:
        assert await Stream(client).last() == 2


@pytest.mark.parametrize("user", ["ledger", *READERS])
async def test_no_service_can_delete_purge_or_change_the_stream(broker: Deployed, user: str) -> None:
    async with _as(user, broker) as client:
        for call in ("DELETE", "PURGE", "UPDATE", "MSG.DELETE"):
            with pytest.raises(NoAnswer):
                await client.request(f"$JS.API.STREAM.{call}.{STREAM}", b"{}", timeout=0.3)

    async with _as("ledger", broker) as client:
        assert await Stream(client).last() == 2


async def test_the_operator_can_delete_a_stream_that_has_to_be_made_anew(broker: Deployed) -> None:
    async with _as("operator", broker) as client:
        assert await client.jetstream().delete_stream(STREAM)


async def test_nobody_enters_without_a_password(broker: Deployed) -> None:
    with pytest.raises(nats.errors.Error):
        async with _as("ledger", broker, password="guessed"):
            pass


async def test_a_wrong_password_is_named_in_the_log(broker: Deployed) -> None:
    address = broker.url.removeprefix("nats://")
    # A process of its own: an attempt that is refused leaves its socket to the collector.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ENTER, f"nats://ledger:guessed@{address}"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(20):
            line = await process.stdout.readline()
    finally:
        process.kill()
        await process.communicate()
    assert b"AuthorizationError" in line
    assert b"guessed" not in line
