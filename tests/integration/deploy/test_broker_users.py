"""The users of `deploy/nats/nats.conf` do their work: the relay publishes, readers and auditors read."""

import asyncio
import json
import sys
from pathlib import Path

import nats
import pytest

from services.cli import anchors
from services.cli.verdict import Unverified
from services.ledger.announcements import Announcements
from services.ledger.service import serve
from services.ledger.settings import Settings
from services.ledger.stream import STREAM, Stream
from services.runtime.client import LedgerClient
from services.runtime.follow import Follower
from services.runtime.nats import PUBLISHED, connection
from services.stack import databases, passwords
from services.stack.nats import Nats
from tests.integration.deploy.brokers import CONFIGURATION, USERS, Deployed, as_user
from tests.integration.deploy.following import first
from tests.support.backing import Database
from tests.support.secrets import KEY_ENCRYPTION_KEY

EMBEDDED = Path("services/stack/users.conf")
FOLLOWERS = ("projector", "notifier")
ENTER = """
import asyncio, sys
from services.runtime import nats
async def enter():
    async with nats.connection(sys.argv[1], name=""):
        await asyncio.Event().wait()
asyncio.run(enter())
"""


async def test_the_ledger_makes_its_streams_publishes_and_reads_back_what_it_published(
    broker: Deployed,
) -> None:
    async with as_user("ledger", broker) as client:
        assert await Stream(client).last() == 2
        assert await Stream(client).document(2) == b'{"position":2}'
        checkpoints = Announcements(client)
        assert await checkpoints.last() == b"of 1"
        await checkpoints.publish("ledger.example", 2, "of 2")

    async with as_user("auditor", broker) as client:
        assert [each.data async for each in Announcements(client).every()] == [b"of 1", b"of 2"]


async def test_a_ledger_publishes_and_both_readers_follow_its_stream_and_do_not_believe_another(
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
            for reader in FOLLOWERS:
                async with as_user(reader, server) as client:
                    assert await _first_two(Follower(client, ledger)) == ([1, 2], "stream")

            async with as_user("operator", server) as client:
                await client.jetstream().publish("case.case-1.Forged", b'{"position": 3,"data":{}}')
            for reader in FOLLOWERS:
                async with as_user(reader, server) as client:
                    assert await first(Follower(client, ledger), 2) == ([1, 2], "ledger")


async def _first_two(follower: Follower) -> tuple[list[int], str]:
    """The positions of the first two documents, and where they came from once all is published."""
    while True:
        seen = await first(follower, 2)
        if seen[1] == "stream":
            return seen


async def test_a_user_who_may_not_read_the_checkpoints_does_not_take_them_for_missing(
    broker: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.holdings.PATIENCE", 0.5)
    with pytest.raises(Unverified, match="URL of a user who may"):
        await anchors.announced(broker.url.replace("nats://", "nats://projector:p-projector@"), [])


async def test_those_who_follow_hear_that_there_is_more_and_from_the_relay_only(broker: Deployed) -> None:
    async with (
        as_user("ledger", broker) as ledger,
        as_user("projector", broker) as projector,
        as_user("notifier", broker) as notifier,
    ):
        heard = [await each.subscribe(PUBLISHED) for each in (projector, notifier)]
        for each in (projector, notifier):
            await each.flush()
            await each.publish(PUBLISHED, b"from a reader")
            await each.flush()
        await ledger.publish(PUBLISHED, b"from the relay")
        assert [(await each.next_msg(timeout=5)).data for each in heard] == [b"from the relay"] * 2


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
    async with as_user("operator", broker) as client:
        assert await client.jetstream().delete_stream(STREAM)


async def test_nobody_enters_without_a_password(broker: Deployed) -> None:
    with pytest.raises(nats.errors.Error):
        async with as_user("ledger", broker, password="guessed"):
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
