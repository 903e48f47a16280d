"""A message as an e-mail in plain text, and in HTML where it has that too, handed in at an SMTP server."""

from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Final

from services.notifier.channels import NotTaken
from services.notifier.message import Message
from services.runtime.mail import MailNotTaken, MailServer, address_of, message_id

LONGEST_LINE: Final = 998
"""Characters, as RFC 5322 allows. What is no longer is sent as it is: no link is broken over lines."""


class Mail:
    """E-mail; see `channels.Channel`. `url` is that of a `MailServer`."""

    def __init__(self, url: str, sender: str) -> None:
        self._server = MailServer(url)
        self._sender = sender

    async def send(self, message: Message, address: str) -> None:
        """Return once the server has taken the message. Raises `NotTaken`."""
        try:
            await self._server.send(write(message, self._sender, address))
        except MailNotTaken as not_taken:
            raise NotTaken(not_taken.code) from not_taken

    async def reachable(self) -> bool:
        """Whether the server greets us now."""
        return await self._server.reachable()


def write(message: Message, sender: str, address: str) -> EmailMessage:
    """The e-mail. Raises `MailNotTaken` when the address is none."""
    written = EmailMessage(policy=SMTPUTF8.clone(max_line_length=LONGEST_LINE))
    written["From"] = sender
    written["To"] = address_of(address)
    written["Subject"] = message.subject
    written["Date"] = message.sent_at
    written["Message-ID"] = message_id(message.notification_id, sender)
    written["X-Notification-Id"] = message.notification_id
    written["Auto-Submitted"] = "auto-generated"
    if message.test_clock:
        written["Caseledger-Test-Clock"] = message.sent_at.isoformat()
    written.set_content(message.text, charset="utf-8")
    if message.html is not None:
        written.add_alternative(message.html, subtype="html", charset="utf-8")
    return written
