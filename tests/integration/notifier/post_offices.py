"""Real SMTP servers: one that takes no message for anybody, one that takes its time over each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Refusal:
    def __init__(self, answer: str) -> None:
        self._answer = answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, envelope, address, options
        return self._answer


class _Examination:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del server, session, envelope
        await asyncio.sleep(self._seconds)
        return "250 taken"


def refusing(answer: str) -> AbstractAsyncContextManager[str]:
    """The URL of a server that answers every recipient so: `550 no such mailbox`."""
    return _serving(_Refusal(answer))


def examining(seconds: float) -> AbstractAsyncContextManager[str]:
    """The URL of a server that takes a message so long after it has read it."""
    return _serving(_Examination(seconds))


@asynccontextmanager
async def _serving(handler: object) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="mail"), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"smtp://{host}:{port}"
