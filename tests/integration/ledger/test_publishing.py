"""The relay: the stream holds the ledger's bytes, its sequences are positions, whatever befalls it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client
from nats.js.api import StreamConfig

from services.ledger import relay
from services.ledger.stream import STREAM
from services.stack.nats import Nats
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, broker, connection, contact
from tests.support import faults
from tests.support.until import until


async def on_stream(client: Client) -> list[tuple[int, str, bytes]]:
    """Every message of the stream: sequence, subject, bytes."""
    js = client.jetstream()
    info = await js.stream_info(STREAM)
    found = []
    for sequence in range(info.state.first_seq, info.state.last_seq + 1):
        message = await js.get_msg(STREAM, seq=sequence)
        found.append((sequence, message.subject or "", message.data or b""))
    return found


async def published(ledger: Ledger, position: int) -> None:
    async def reached() -> bool:
        return (await ledger.head())["published"] >= position

    await until(reached)


async def holds_the_ledger(client: Client, ledger: Ledger) -> None:
    """The stream is the ledger, byte by byte, at the same numbers."""
    lines = await ledger.lines()

    async def complete() -> bool:
        return await last(client) == len(lines)

    await until(complete)
    assert [(sequence, data) for sequence, _, data in await on_stream(client)] == list(
        enumerate(lines, start=1)
    )


async def last(client: Client) -> int:
    return (await client.jetstream().stream_info(STREAM)).state.last_seq


async def test_a_sequence_is_a_position_and_a_message_the_stored_bytes(ledger: Ledger, bus: str) -> None:
    await asyncio.gather(*(ledger.post(f"case-{n % 3}", contact(n)) for n in range(50)))
    await published(ledger, 50)
    async with broker(bus) as client:
        await holds_the_ledger(client, ledger)
        subjects = {subject for _, subject, _ in await on_stream(client)}
    assert subjects == {f"case.case-{n}.ContactReceived" for n in range(3)}


async def test_the_stream_keeps_files_and_lets_nobody_delete(ledger: Ledger, bus: str) -> None:
    await ledger.post("case-1", contact())
    await published(ledger, 1)
    async with broker(bus) as client:
        config = (await client.jetstream().stream_info(STREAM)).config
    assert (config.storage, config.subjects) == ("file", ["case.>"])
    assert config.deny_delete
    assert config.deny_purge


async def test_a_deleted_stream_is_made_anew_with_the_same_sequences(ledger: Ledger, bus: str) -> None:
    await ledger.post("case-1", *(contact(n) for n in range(5)))
    await published(ledger, 5)
    async with broker(bus) as client:
        await client.jetstream().delete_stream(STREAM)
        await ledger.post("case-1", contact(5))

        async def back() -> bool:
            return bool(await client.jetstream().streams_info())

        await until(back)
        await holds_the_ledger(client, ledger)


async def test_a_long_ledger_gives_a_new_stream_its_latest_part(
    ledger: Ledger, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "REFILL", 3)
    await ledger.post("case-1", *(contact(n) for n in range(10)))
    await published(ledger, 10)
    async with broker(bus) as client:
        await client.jetstream().delete_stream(STREAM)

        async def complete() -> bool:
            return bool(await client.jetstream().streams_info()) and await last(client) == 10

        await until(complete)
        lines = await ledger.lines()
        assert [(at, data) for at, _, data in await on_stream(client)] == [
            (n, lines[n - 1]) for n in (8, 9, 10)
        ]


async def test_a_stream_that_lost_its_tail_is_refilled(migrated: str, bus: str) -> None:
    async with ledgers.ledger(migrated, bus) as ledger, broker(bus) as client:
        await ledger.post("case-1", *(contact(n) for n in range(4)))
        await published(ledger, 4)
        kept = await on_stream(client)
    async with broker(bus) as client:
        js = client.jetstream()
        await js.delete_stream(STREAM)
        await js.add_stream(StreamConfig(name=STREAM, subjects=["case.>"]))
        for _, subject, data in kept[:2]:
            await js.publish(subject, data)
        async with ledgers.ledger(migrated, bus) as ledger:
            await holds_the_ledger(client, ledger)


async def test_nats_killed_under_load_ends_with_the_same_stream(migrated: str, own_nats: Nats) -> None:
    async with ledgers.ledger(migrated, own_nats.url) as ledger:
        posted = [asyncio.create_task(ledger.post(f"case-{n % 7}", contact(n))) for n in range(100)]
        await faults.kill(own_nats)
        posted += [asyncio.create_task(ledger.post(f"case-{n % 7}", contact(n))) for n in range(100)]
        answers = await asyncio.gather(*posted)
        assert {each.status_code for each in answers} == {201}
        assert (await ledger.ready())["ready"] is False
        await faults.restart(own_nats)
        await published(ledger, 200)
        async with broker(own_nats.url) as client:
            await holds_the_ledger(client, ledger)

        async def ready() -> bool:
            return bool((await ledger.ready())["ready"])

        await until(ready)


async def test_a_ledger_that_is_started_while_nats_is_away_takes_events_and_publishes_them_later(
    migrated: str, own_nats: Nats
) -> None:
    await faults.kill(own_nats)
    async with ledgers.ledger(migrated, own_nats.url) as ledger:
        assert (await ledger.post("case-1", contact())).status_code == 201
        assert (await ledger.ready())["checks"]["stream"]["ok"] is False
        await faults.restart(own_nats)
        await published(ledger, 1)
        async with broker(own_nats.url) as client:
            await holds_the_ledger(client, ledger)


async def test_nats_frozen_in_the_middle_delays_and_loses_nothing(migrated: str, own_nats: Nats) -> None:
    async with ledgers.ledger(migrated, own_nats.url) as ledger:
        await ledger.post("case-1", contact())
        await published(ledger, 1)
        with faults.paused(own_nats):
            await ledger.post("case-1", *(contact(n) for n in range(20)))
        await published(ledger, 21)
        async with broker(own_nats.url) as client:
            await holds_the_ledger(client, ledger)


async def test_the_lead_passes_to_the_one_that_stands_by(migrated: str, bus: str) -> None:
    async with ledgers.ledger(migrated, bus) as second:
        async with ledgers.ledger(migrated, bus) as first:
            await asyncio.gather(
                *(each.post("case-1", contact()) for each in (first, second) for _ in range(20))
            )
        await second.post("case-2", contact())
        await published(second, 41)
        async with broker(bus) as client:
            await holds_the_ledger(client, second)


async def test_a_leader_whose_lock_is_lost_takes_it_again(ledger: Ledger, bus: str) -> None:
    await ledger.post("case-1", contact())
    await published(ledger, 1)
    async with connection(ledger.owner_url) as owner:
        asked = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"
        await owner.execute(asked, "caseledger relay")
    await ledger.post("case-1", contact(2))
    await published(ledger, 2)
    async with broker(bus) as client:
        await holds_the_ledger(client, ledger)


@pytest.fixture
async def ahead(bus: str) -> AsyncIterator[Client]:
    """A broker whose stream holds three messages of a ledger that is empty now."""
    async with broker(bus) as client:
        js = client.jetstream()
        await js.add_stream(StreamConfig(name=STREAM, subjects=["case.>"]))
        for n in range(3):
            await js.publish("case.a.ContactReceived", b"%d" % n)
        yield client


async def refuses(ledger: Ledger) -> str:
    async def told() -> bool:
        return "delete the stream" in (await ledger.ready())["checks"]["relay"]["detail"]

    await until(told)
    found = await ledger.ready()
    assert found["ready"] is False
    assert found["checks"]["relay"]["ok"] is False
    return str(found["checks"]["relay"]["detail"])


async def test_a_stream_ahead_of_the_ledger_is_left_alone_and_said(
    ahead: Client, migrated: str, bus: str
) -> None:
    async with ledgers.ledger(migrated, bus) as ledger:
        assert "ends at 3 but the ledger at 0" in await refuses(ledger)
        # Also once the ledger has passed it: what stands in the stream is not what stands in the ledger.
        await ledger.post("case-1", *(contact(n) for n in range(5)))
        assert (await ledger.http.get("/readyz")).status_code == 503

        async def compared() -> bool:
            return "different events at 3" in await refuses(ledger)

        await until(compared)
        assert await last(ahead) == 3
        await ahead.jetstream().delete_stream(STREAM)

        async def ready() -> bool:
            return bool((await ledger.ready())["ready"])

        await until(ready)
        await holds_the_ledger(ahead, ledger)
