"""Send the auditors the newest checkpoint, once a London day: what they keep, nobody here can change.

The day is claimed in Postgres before the mail is handed in, and settled after. A crash between the two sends
the same checkpoint again, under the same Message-ID, once the claim has lapsed.
"""

import asyncio
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Final

import structlog

from services.domain import calendar
from services.ledger.absence import AWAY
from services.ledger.anchorage import Anchorage, Mailing
from services.ledger.tree import Tree
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.logs import named
from services.runtime.mail import MailNotTaken, MailServer, address_of, message_id
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

RETRY: Final = 60.0  # seconds
DAY: Final = timedelta(days=1)

TEXT: Final = """\
Keep this message. It holds the newest checkpoint of the case ledger {origin}: a signed statement of what its
first {size:,} events are. Whoever changes, removes or adds one of them afterwards contradicts it.

To hold the ledger against it on any later day, save the attached file and run:

    caseledger verify --key ledger.keys --from-checkpoint {name}

ledger.keys are the ledger's verifier keys, which you were given apart from this message. If a day passes
without such a message, ask why.

{note}"""


class Letter:
    """Whom the checkpoints are sent to, from whom, and of which ledger they are."""

    def __init__(self, *, origin: str, sender: str, address: str) -> None:
        """Raises `MailNotTaken` where the address is none."""
        self._origin = origin
        self._sender = sender
        self._address = address_of(address)

    def write(self, day: date, mailing: Mailing, now: datetime, *, test_clock: bool) -> EmailMessage:
        """The mail of a London day."""
        name = f"checkpoint-{mailing.size}.txt"
        written = EmailMessage(policy=SMTPUTF8)
        written["From"] = self._sender
        written["To"] = self._address
        written["Subject"] = f"Checkpoint of the case ledger, {day.day} {day:%B %Y}: {mailing.size:,} events"
        written["Date"] = now
        written["Message-ID"] = message_id(f"checkpoint-{day}-{mailing.size}", self._sender)
        written["Auto-Submitted"] = "auto-generated"
        if test_clock:
            written["Caseledger-Test-Clock"] = now.isoformat()
        said = TEXT.format(origin=self._origin, size=mailing.size, name=name, note=mailing.note)
        written.set_content(said, charset="utf-8")
        # As bytes: a signature is over just these, and text would be given other line ends on its way.
        written.add_attachment(mailing.note.encode(), maintype="text", subtype="plain", filename=name)
        return written


class Auditing:
    """The sending. `leads` is set while this process seals; the others leave it to that one."""

    def __init__(  # noqa: PLR0913 - whom it tells, of what, by keyword
        self,
        *,
        letter: Letter,
        server: MailServer,
        tree: Tree,
        anchorage: Anchorage,
        leads: asyncio.Event,
        sealed: Watermark,
        clock: Clock,
    ) -> None:
        self._letter = letter
        self._server = server
        self._tree = tree
        self._anchorage = anchorage
        self._leads = leads
        self._sealed = sealed
        self._clock = clock
        self._health = Health(ok=True, detail="nothing is sent yet")

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._leads.wait()
            await self._sealed.wait_for(1)
            day = calendar.london_date(self._clock.now())
            if await self._is_sent(day):
                self._health = Health(ok=True, detail=f"were sent the checkpoint of {day}")
                await self._clock.wait_until(calendar.london_midnight(day + DAY))
            else:
                await asyncio.sleep(RETRY)

    async def check(self) -> Health:
        """Whether today's mail is sent; it is a warning if not."""
        return self._health

    async def _is_sent(self, day: date) -> bool:
        """Send the mail of a day, whatever comes of it; whether it is sent."""
        try:
            return await self._send(day)
        except MailNotTaken as not_taken:
            reason = not_taken.code
        except AWAY as error:
            reason = named(error)
        except Exception as error:  # whatever an outsider brings about, it does not end the ledger
            log.exception("auditors.failed")
            reason = named(error)
        log.warning("auditors.not_told", reason=reason, retry_in=RETRY)
        detail = f"the checkpoint of {day} is not sent ({reason}); trying again"
        self._health = Health(ok=True, detail=detail, warning=True)
        return False

    async def _send(self, day: date) -> bool:
        """Send the mail of a day, unless somebody else does; whether it is sent."""
        sealed = await self._tree.last()
        mailing = await self._anchorage.claim_mail(day, sealed) if sealed else None
        if mailing is None:
            return await self._anchorage.mail_is_sent(day)
        now = self._clock.now()
        try:
            await self._server.send(self._letter.write(day, mailing, now, test_clock=self._clock.is_test))
        except MailNotTaken:
            await self._anchorage.settle_mail(day, None)
            raise
        # A crash here sends it again: the same checkpoint, under the same Message-ID.
        await self._anchorage.settle_mail(day, now)
        log.info("auditors.told", position=mailing.size)
        return True
