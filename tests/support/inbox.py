"""What the real SMTP server has kept, read as a person would read it."""

import asyncio
import email.policy
import mailbox
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_POLL_SECONDS = 0.02


class Inbox:
    """The maildir of an SMTP server; `path` is its directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._maildir = mailbox.Maildir(path, create=True)
        self._parser = BytesParser(EmailMessage, policy=email.policy.default)

    def arrived(self) -> list[str]:
        """The key of every message in the order of its arrival."""
        # A key starts with the second, the microsecond and the count of its arrival.
        return sorted(self._maildir.keys(), key=_arrival)

    def read(self, key: str) -> EmailMessage:
        """One message; `Delivered-To` and `Return-Path` are the envelope's."""
        return self._parser.parsebytes(self._maildir.get_bytes(key))

    def messages(self) -> list[EmailMessage]:
        """Every message in the order of its arrival."""
        return [self.read(key) for key in self.arrived()]

    def to(self, address: str) -> list[EmailMessage]:
        """Those that were delivered to `address`."""
        return [message for message in self.messages() if address in message.get_all("Delivered-To", [])]

    async def wait_for(self, count: int, *, seconds: float = 10.0) -> list[EmailMessage]:
        """The messages, as soon as there are `count` of them; raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while len(self._maildir.keys()) < count:  # noqa: ASYNC110 -- a directory announces nothing
                await asyncio.sleep(_POLL_SECONDS)
        return self.messages()

    def clear(self) -> None:
        """Throw everything away."""
        self._maildir.clear()


def _arrival(key: str) -> tuple[int, int, int]:
    seconds, fraction, _ = key.split(".", 2)
    micros, _, rest = fraction.removeprefix("M").partition("P")
    return int(seconds), int(micros), int(rest.partition("Q")[2] or 0)
