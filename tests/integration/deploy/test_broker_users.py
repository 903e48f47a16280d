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
from services.runtime.nats import connection, inbox_of
from services.stack import databases, passwords
from services.stack import nats as embedded
from services.stack.child import Child, spawn
from services.stack.nats import Nats
from tests.integration.deploy.following import first
from tests.support.backing import Database
from tests.support.secrets import KEY_ENCRYPTION_KEY

CONFIGURATION = Path("deploy/nats/nats.conf")
EMBEDDED = Path("services/stack/users.conf")
USERS = ("ledger", "projector", "notifier", "auditor", "operator")
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
            f"nats://{user}:{password or f'p-{user}'}@{server.url.removeprefix('nats://')}",
            inbox_prefix=inbox_of(f"nats://{user}@host"),
            error_cb=refused,
            allow_reconnect=False,
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

    async with _as("auditor", broker) as client:
        assert [each.note async for each in Announcements(client).every()] == [b"of 1", b"of 2"]


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


@pytest.mark.parametrize("user", [*READERS, "auditor"])
async def test_nobody_but_the_ledger_and_the_operator_can_publish(broker: Deployed, user: str) -> None:
    async with _as(user, broker) as client:
        for subject in ("case.case-1.ContactReceived", "ledger.checkpoint"):
            with pytest.raises(NoAnswer):
                await client.jetstream().publish(subject, b"{}", timeout=0.3)

    async with _as("ledger", broker) as client:
        assert await Stream(client).last() == 2


@pytest.mark.parametrize("user", ["ledger", *READERS, "auditor"])
async def test_no_service_can_delete_purge_or_change_the_stream(broker: Deployed, user: str) -> None:
    async with _as(user, broker) as client:
        for call in ("DELETE", "PURGE", "UPDATE", "MSG.DELETE"):
            with pytest.raises(NoAnswer):
                await client.request(f"$JS.API.STREAM.{call}.{STREAM}", b"{}", timeout=0.3)

    async with _as("ledger", broker) as client:
        assert await Stream(client).last() == 2


@pytest.mark.parametrize("user", [*READERS, "auditor"])
async def test_nobody_finds_the_consumer_of_another_nor_hears_what_it_is_answered(
    broker: Deployed, user: str
) -> None:
    async with _as(user, broker) as client:
        for call in ("STREAM.NAMES", "CONSUMER.NAMES.CASE_EVENTS", "CONSUMER.LIST.CASE_EVENTS"):
            with pytest.raises(NoAnswer):
                await client.request(f"$JS.API.{call}", b"", timeout=0.3)
        for subject in ("_INBOX_ledger.>", "_INBOX.>", ">", "case.>", "$JS.>", "ledger.checkpoint"):
            overheard = await client.subscribe(subject)
            async with _as("ledger", broker) as ledger:
                assert await Stream(ledger).last() == 2
            with pytest.raises(NoAnswer):
                await overheard.next_msg(timeout=0.1)


async def test_an_auditor_reads_checkpoints_and_no_event(broker: Deployed) -> None:
    async with _as("auditor", broker) as client:
        for call in ("STREAM.INFO", "STREAM.MSG.GET", "DIRECT.GET", "CONSUMER.CREATE"):
            with pytest.raises(NoAnswer):
                await client.request(f"$JS.API.{call}.{STREAM}", b'{"seq":1}', timeout=0.3)


async def test_what_a_reader_smuggles_onto_the_stream_as_an_answer_to_itself_is_read_by_nobody(
    broker: Deployed, database: Database
) -> None:
    await databases.migrate(database.url)
    await embedded_operator_deletes(broker)
    settings = Settings(
        authentication="off",
        database_url=database.as_role("caseledger_ledger"),
        nats_url=broker.url.replace("nats://", "nats://ledger:p-ledger@"),
        port=0,
        key_encryption_key=KEY_ENCRYPTION_KEY,
    )
    async with (
        serve(settings) as url,
        LedgerClient(url, source="/test") as ledger,
        _as("projector", broker) as client,
    ):
        await ledger.append("case-1", {"type": "ContactReceived", "data": {"contact_id": "contact-1"}})
        assert (await first(Follower(client, ledger), 1))[0] == [1]
        # The server checks where one may publish, and not where one asks to be answered.
        await client.publish(f"$JS.API.STREAM.MSG.GET.{STREAM}", b'{"seq":1}', reply="case.case-1.Forged")
        await client.flush()
        await ledger.append("case-1", {"type": "ContactReceived", "data": {"contact_id": "contact-2"}})
        assert await first(Follower(client, ledger), 2) == ([1, 2], "ledger")


async def embedded_operator_deletes(broker: Deployed) -> None:
    async with _as("operator", broker) as client:
        await client.jetstream().delete_stream(STREAM)


def test_the_embedded_broker_has_the_same_users() -> None:
    assert EMBEDDED.read_text() in CONFIGURATION.read_text()


async def _said_to(server: Nats, **login: str) -> bytes:
    """What the server answers to somebody who logs in so."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        await reader.readline()
        writer.write(f"CONNECT {json.dumps({'verbose': True} | login)}\r\n".encode())
        return await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_the_embedded_broker_lets_nobody_in_without_the_password_of_a_user(tmp_path: Path) -> None:
    words = passwords.kept(tmp_path / "passwords.json").nats
    assert len(set(words.values())) == len(words) == len(USERS)
    async with Nats(tmp_path / "nats", fsync=False, passwords=words) as server:
        for login in ({}, {"user": "operator"}, {"user": "operator", "pass": words["ledger"]}):
            assert b"Authorization Violation" in await _said_to(server, **login)
        for user in USERS:
            async with connection(server.url_of(user), name="probe") as client:
                assert client.is_connected


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
