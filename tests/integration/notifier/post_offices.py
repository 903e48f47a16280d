"""A real SMTP server that takes no message for anybody, permanently or for now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Refusal:
    def __init__(self, answer: str) -> None:
        self._answer = answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, envelope, address, options
        return self._answer


@asynccontextmanager
async def refusing(answer: str) -> AsyncIterator[str]:
    """The URL of a server that answers every recipient so: `550 no such mailbox`."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Refusal(answer), hostname="refuses"), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"smtp://{host}:{port}"
