"""Hand a message in at an SMTP server."""

import asyncio
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from services.notifier.channels import NotTaken
from services.notifier.message import Message

PATIENCE: Final = 10.0  # seconds for each exchange with the server
ALTOGETHER: Final = 30.0  # seconds for all of them

# No quoting, no lists, and no encoded words (`email` decodes them, line ends and all): what could end
# a header, or name a second recipient, is no address here.
PART: Final = r"""[^\s\x00-\x1f\x7f@<>()\[\],;:\\"]+"""
ADDRESS: Final = re.compile(rf"(?!.*=\?)(?P<name>{PART})@(?P<domain>{PART})")

UNREACHABLE: Final = "SMTP_UNREACHABLE"
BAD_ADDRESS: Final = "BAD_ADDRESS"


class Mail:
    """E-mail as plain text; see `channels.Channel`.

    `url` is `smtp://[user:password@]host:port`, or `smtps://` for TLS from the start; `smtp://` uses STARTTLS
    where the server offers it.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def send(self, message: Message, address: str) -> None:
        """Return once the server has taken the message. Raises `NotTaken`."""
        written = write(message, self._sender, address)
        try:
            async with asyncio.timeout(ALTOGETHER):
                await aiosmtplib.send(
                    written,
                    hostname=self._host,
                    port=self._port,
                    username=self._username,
                    password=self._password,
                    use_tls=self._tls,
                    timeout=PATIENCE,
                )
        except (SMTPException, OSError) as error:
            # After the text was handed in, an outcome may be unknown: sent again, the Message-ID is the same.
            raise NotTaken(_code_of(error)) from error
        except ValueError as error:
            raise NotTaken(BAD_ADDRESS) from error

    async def reachable(self) -> bool:
        """Whether the server greets us now."""
        client = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, use_tls=self._tls, start_tls=False, timeout=1
        )
        try:
            async with client:
                return True
        except (SMTPException, OSError):
            return False


def write(message: Message, sender: str, address: str) -> EmailMessage:
    """The e-mail. Raises `NotTaken` when the address is none."""
    if not (found := ADDRESS.fullmatch(address)):
        raise NotTaken(BAD_ADDRESS)
    written = EmailMessage(policy=SMTPUTF8)
    written["From"] = sender
    written["To"] = Address(username=found["name"], domain=found["domain"])
    written["Subject"] = message.subject
    written["Date"] = message.sent_at
    written["Message-ID"] = f"<{message.notification_id}@{_domain(sender)}>"
    written["X-Notification-Id"] = message.notification_id
    written["Auto-Submitted"] = "auto-generated"
    if message.test_clock:
        written["Caseledger-Test-Clock"] = message.sent_at.isoformat()
    written.set_content(message.text, charset="utf-8")
    return written


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip("<> ") or "localhost"


def _code_of(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return f"SMTP_{error.recipients[0].code}"
    if isinstance(error, SMTPResponseException):
        return f"SMTP_{error.code}"
    return UNREACHABLE
