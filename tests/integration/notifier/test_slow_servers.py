"""Servers that answer byte by byte: a message is given up in time, however often they say something."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from services.notifier.channels import NotTaken
from services.notifier.mail import Mail
from services.notifier.message import Message
from services.notifier.webhook import Webhook
from services.runtime.clock import SystemClock
from tests.integration.notifier.post_offices import examining

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
PAUSE = 0.02
MESSAGE = Message(
    notification_id="5d1f7c1e-3d0a-5b7e-9a53-0f6a3b6d1c11",
    topic="practice_alert.cap",
    about={"link": "https://cases.example/v1/alerts/alert-1"},
    subject="Practice alert",
    text="…",
    sent_at=datetime(2017, 10, 9, 8, tzinfo=UTC),
    test_clock=False,
)


@asynccontextmanager
async def dripping(beginning: bytes, drop: bytes) -> AsyncIterator[str]:
    """`host:port` of a server that never ends what it has begun to say."""
    connected: set[asyncio.Task[None]] = set()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(beginning)
            while not writer.is_closing():
                writer.write(drop)
                await asyncio.sleep(PAUSE)
        finally:
            writer.transport.abort()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.add(asyncio.create_task(drip(reader, writer)))

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
        for task in connected:
            task.cancel()
        await asyncio.gather(*connected, return_exceptions=True)


async def test_a_receiver_that_never_ends_its_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifier.webhook.PATIENCE", PAUSE * 10)
    async with (
        dripping(b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x") as at,
        Webhook(SECRET, SystemClock(), only_https=False) as webhook,
        asyncio.timeout(10),
    ):
        with pytest.raises(NotTaken, match="HTTP_UNREACHABLE"):
            await webhook.send(MESSAGE, f"http://{at}/hook")


async def test_a_mail_server_that_never_ends_its_greeting_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.runtime.mail.ALTOGETHER", PAUSE * 10)
    async with dripping(b"", b"220-one moment\r\n") as at, asyncio.timeout(5):
        with pytest.raises(NotTaken, match="SMTP_UNREACHABLE"):
            await Mail(f"smtp://{at}", "ledger@council.example").send(MESSAGE, "tom@council.example")


async def test_a_mail_server_may_examine_the_text_for_longer_than_it_may_take_for_a_greeting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.runtime.mail.PATIENCE", PAUSE * 10)
    async with examining(PAUSE * 20) as url, asyncio.timeout(10):
        await Mail(url, "ledger@council.example").send(MESSAGE, "tom@council.example")
