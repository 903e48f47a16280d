"""The embedded servers are real, keep what they accepted, and come back."""

import asyncio
from pathlib import Path

import aiosmtplib
import asyncpg
import nats
import pytest

from services.stack import databases
from services.stack.errors import StackError
from services.stack.mail import Mail
from services.stack.nats import Nats
from services.stack.postgres import Postgres, version_of
from tests.support import clusters, faults
from tests.support.backing import Database
from tests.support.inbox import Inbox

MESSAGE = (
    b"From: ladder@example.org\r\nTo: hos@example.org\r\nSubject: An alert awaits\r\n\r\nSee the link.\r\n"
)


async def send(port: int, recipient: str = "hos@example.org") -> None:
    await aiosmtplib.send(
        MESSAGE, sender="ladder@example.org", recipients=[recipient], hostname="127.0.0.1", port=port
    )


async def test_a_committed_row_survives_kill_9_of_postgres(own_postgres: Postgres) -> None:
    connection = await asyncpg.connect(own_postgres.url)
    await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    await faults.kill(own_postgres)
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        await connection.fetchval("SELECT n FROM kept")
    await own_postgres.start()
    connection = await asyncpg.connect(own_postgres.url)
    assert await connection.fetchval("SELECT n FROM kept") == 7
    await connection.close()


async def test_a_postgres_that_was_stopped_starts_again_with_its_data(tmp_path: Path) -> None:
    await clusters.copy_into(tmp_path / "postgres")
    for expected in (1, 2):
        async with Postgres(tmp_path / "postgres", fsync=False) as server:
            connection = await asyncpg.connect(server.url)
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS start (n serial); INSERT INTO start DEFAULT VALUES"
            )
            assert await connection.fetchval("SELECT count(*) FROM start") == expected
            await connection.close()


async def test_postgres_starts_over_a_pid_file_whose_number_belongs_to_another_process(
    own_postgres: Postgres, own_nats: Nats
) -> None:
    await faults.kill(own_postgres)
    pid_file = own_postgres.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(own_nats.child.pid), *lines[1:]]) + "\n")
    await own_postgres.start()


async def test_postgres_lives_below_a_path_too_long_for_a_socket_and_closed_to_others(tmp_path: Path) -> None:
    private = tmp_path / ("long" * 30)
    private.mkdir(mode=0o700)
    await clusters.copy_into(private / "postgres")
    async with Postgres(private / "postgres", fsync=False) as server:
        for url in (server.url, server.socket_url_of("postgres")):
            connection = await asyncpg.connect(url)
            await connection.close()


async def test_an_embedded_postgres_lets_nobody_in_without_a_password(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres", fsync=False, password="p-owner") as server:
        assert await version_of(server.url)
        await databases.migrate(server.url)
        await databases.set_passwords(server.url, {"ledger": "p-ledger"})
        ledger = databases.login_as(server.url, "caseledger_ledger", "p-ledger")
        assert await version_of(ledger)
        for url in (
            server.url.replace(":p-owner@", "@"),
            server.url.replace("p-owner", "p-ledger"),
            ledger.replace("p-ledger", "p-owner"),
            server.socket_url_of("postgres", "caseledger_notifier"),
        ):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await version_of(url)
        said = server.log.read_text()
        assert "p-owner" not in said
        assert "p-ledger" not in said
        assert not list(tmp_path.glob("*.password"))  # noqa: ASYNC240 - nothing else is going on


async def test_a_durable_postgres_syncs_its_log(tmp_path: Path) -> None:
    await clusters.copy_into(tmp_path / "postgres")
    async with Postgres(tmp_path / "postgres") as server:
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SHOW fsync") == "on"
        await connection.close()


async def test_a_server_says_so_when_its_port_is_taken(own_nats: Nats, tmp_path: Path) -> None:
    taken = own_nats.port
    await clusters.copy_into(tmp_path / "rival-postgres")
    for rival in (
        Nats(tmp_path / "rival-nats", port=taken),
        Postgres(tmp_path / "rival-postgres", port=taken, fsync=False),
        Mail(tmp_path / "rival-mail", port=taken),
    ):
        with pytest.raises(StackError, match=f"cannot listen on port {taken}"):
            await rival.start()
        assert not rival.child.running


@pytest.mark.parametrize("fsync", [True, False])
async def test_nats_has_nothing_against_its_configuration(tmp_path: Path, fsync: bool) -> None:  # noqa: FBT001 -- a case
    async with Nats(tmp_path / "nats", fsync=fsync) as server:
        assert "[WRN]" not in server.log.read_text()
        assert "invalid" not in server.log.read_text()


async def test_an_acknowledged_message_survives_kill_9_of_nats(own_nats: Nats) -> None:
    client = await nats.connect(own_nats.url, allow_reconnect=False)
    await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
    await client.jetstream().publish("kept", b"7")
    await faults.restart(own_nats)
    await client.close()
    client = await nats.connect(own_nats.url)
    assert (await client.jetstream().get_msg("KEPT", 1)).data == b"7"
    await client.close()


async def test_a_paused_postgres_answers_nobody_until_it_goes_on(own_postgres: Postgres) -> None:
    connection = await asyncpg.connect(own_postgres.url)
    with faults.paused(own_postgres), pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(connection.fetchval("SELECT 1")), 0.2)
    fresh = await asyncpg.connect(own_postgres.url)
    assert await fresh.fetchval("SELECT 1") == 1
    await fresh.close()
    connection.terminate()


async def test_an_accepted_message_is_in_the_maildir_with_its_envelope(smtp: str, maildir: Inbox) -> None:
    await send(int(smtp.rpartition(":")[2]))
    (message,) = maildir.messages()
    assert message["Subject"] == "An alert awaits"
    assert message["Delivered-To"] == "hos@example.org"
    assert message["Return-Path"] == "<ladder@example.org>"
    assert message.get_content().strip() == "See the link."


async def test_accepted_messages_survive_kill_9_of_the_mail_server(own_mail: Mail) -> None:
    await send(own_mail.port, "first@example.org")
    await faults.restart(own_mail)
    await send(own_mail.port, "second@example.org")
    inbox = Inbox(own_mail.maildir)
    assert [message["Delivered-To"] for message in inbox.messages()] == [
        "first@example.org",
        "second@example.org",
    ]


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_has_an_empty_database_and_an_empty_jetstream(
    database: Database, bus: str, turn: int
) -> None:
    connection = await asyncpg.connect(database.url)
    await connection.execute("CREATE TABLE mine (n int)")
    client = await nats.connect(bus)
    await client.jetstream().add_stream(name="MINE", subjects=["mine"])
    assert (await client.jetstream().account_info()).streams == 1, f"in turn {turn}"
    await client.close()
    # Left open on purpose: the database is dropped all the same.
    assert not connection.is_closed()
    connection.terminate()
