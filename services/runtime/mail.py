"""Hand an e-mail in at an SMTP server: on return it has taken it, or it is said by a code that it has not."""

import asyncio
import contextlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

PATIENCE: Final = 10.0  # seconds for each exchange with the server until it is greeted
ALTOGETHER: Final = (
    30.0  # seconds for everything: what is left of them is for the text, which servers examine
)
LEAVING: Final = 1.0  # seconds for a farewell, when all is said

# No quoting, no lists, and no encoded words (`email` decodes them, line ends and all): what could end
# a header, or name a second recipient, is no address here.
PART: Final = r"""[^\s\x00-\x1f\x7f@<>()\[\],;:\\"]+"""
ADDRESS: Final = re.compile(rf"(?!.*=\?)(?P<name>{PART})@(?P<domain>{PART})")

STARTTLS: Final = "smtp+starttls"
UNREACHABLE: Final = "SMTP_UNREACHABLE"
BAD_ADDRESS: Final = "BAD_ADDRESS"


class MailNotTaken(Exception):
    """The server did not take the message, or nobody knows. `code` is for a log: no part of an address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailServer:
    """The server of `smtp://[user:password@]host:port`, `smtp+starttls://`, or `smtps://` for TLS at once.

    `smtp://` uses STARTTLS where the server offers it, and must where there is a password to say;
    `smtp+starttls://` always must.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        # Whoever takes STARTTLS out of what the server offers is told nothing.
        self._must_start_tls = not self._tls and (parts.scheme == STARTTLS or parts.username is not None)
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, written: EmailMessage) -> None:
        """Return once the server has taken the message. Raises `MailNotTaken`, within half a minute."""
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=True if self._must_start_tls else None,
            timeout=PATIENCE,
        )
        try:
            async with asyncio.timeout(ALTOGETHER):
                await client.connect()
                await client.send_message(written, timeout=ALTOGETHER)
            await _take_leave(client)
        except (SMTPException, OSError) as error:
            # After the text was handed in, an outcome may be unknown: sent again, the Message-ID is the same.
            raise MailNotTaken(_code_of(error)) from error
        except ValueError as error:
            raise MailNotTaken(BAD_ADDRESS) from error
        finally:
            client.close()

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


def address_of(written: str) -> Address:
    """One address, fit for a header. Raises `MailNotTaken` where it is none."""
    if not (found := ADDRESS.fullmatch(written)):
        raise MailNotTaken(BAD_ADDRESS)
    return Address(username=found["name"], domain=found["domain"])


def message_id(name: str, sender: str) -> str:
    """The Message-ID of what is called `name`: the same at every attempt, so that twice can be told."""
    return f"<{name}@{sender.rpartition('@')[2].strip('<> ') or 'localhost'}>"


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    # The message is taken, whatever becomes of the connection.
    with contextlib.suppress(SMTPException, OSError):
        await client.quit(timeout=LEAVING)


def _code_of(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return f"SMTP_{error.recipients[0].code}"
    if isinstance(error, SMTPResponseException):
        return f"SMTP_{error.code}"
    return UNREACHABLE
