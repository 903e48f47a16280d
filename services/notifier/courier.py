"""Send the messages that are due, and have the ledger say what came of each attempt.

A crash between sending and the ledger's knowing leaves the message claimed: when the claim lapses, or another
notifier takes over, it is sent again under the same id. A crash after the ledger knows leaves nothing to do:
the outcome comes back on the stream, and only that marks the row.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog

from services.domain import calendar
from services.domain.calendar import Calendar
from services.domain.events.alert import OF_THE_OFFICE, NotificationFailed, NotificationSent
from services.domain.events.office import ChannelKind
from services.domain.office import OFFICE, Office, working_days
from services.notifier import addresses, breaking_message, digest_message, dossier, message, posting
from services.notifier.breaking import Breaking
from services.notifier.channels import Channel, NotTaken
from services.notifier.deliveries import Claim, Deliveries
from services.notifier.digest import Digest
from services.notifier.digests import Digests
from services.notifier.duty import NO_ADDRESS, Post, attempt_id
from services.notifier.message import Facts, Linking, Message
from services.notifier.store import Store
from services.runtime.client import IdReused, LedgerClient
from services.runtime.clock import Clock
from services.runtime.identity.link import Links
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

MOST: Final = 50  # messages claimed at once
AT_ONCE: Final = 10  # of those, sent at the same time
CLAIM: Final = timedelta(minutes=10)

CHANNEL_FAILED: Final = "CHANNEL_FAILED"
NOT_CONFIGURED: Final = "NOT_CONFIGURED"
NOT_RECORDED: Final = "NOT_RECORDED"
UNREADABLE: Final = "UNREADABLE"


class _Known(NamedTuple):
    """What messages are made of: documents by case, the office, and the cases that are restricted."""

    documents: Mapping[str, Sequence[str]]
    office: Office
    restricted: frozenset[str]


class Courier:
    """Does rounds. `channels` are those that are configured."""

    def __init__(  # noqa: PLR0913 - what it works with, by keyword
        self,
        *,
        store: Store,
        ledger: LedgerClient,
        channels: Mapping[ChannelKind, Channel],
        clock: Clock,
        days: Calendar,
        consumed: Watermark,
        public_url: str,
        links: Links | None = None,
    ) -> None:
        self._store = store
        self._deliveries = Deliveries(store)
        self._digests = Digests(store)
        self._ledger = ledger
        self._channels = channels
        self._clock = clock
        self._days = days
        self._consumed = consumed
        self._public_url = public_url.rstrip("/")
        self._links = links

    async def next_at(self) -> datetime | None:
        """When there is something to send next."""
        return await self._deliveries.next_at()

    async def round(self) -> int:
        """Send some of what is due, and say how much; what is in the ledger by now is waited for first.

        Else a message whose outcome is on its way back, from before a crash, would be sent once more.
        """
        await self._consumed.wait_for((await self._ledger.head()).position)
        now = self._clock.now()
        claims = await self._deliveries.claim(now, CLAIM, MOST)
        if not claims:
            return 0
        async with self._store.by_index() as connection:
            documents = await self._store.documents(connection, {claim.case_id for claim in claims})
        restricted = frozenset(await self._store.restricted())
        known = _Known(documents, dossier.read_office(documents[OFFICE]), restricted)
        digests = await self._digests.said([each.notification_id for each in claims if each.is_digest])
        broken = await self._store.said_of_breakings(
            [each.notification_id for each in claims if each.is_of_glass]
        )
        slots = asyncio.Semaphore(AT_ONCE)

        async def attempt(claim: Claim) -> str | None:
            async with slots:
                if claim.is_digest:
                    return await self._attempt(
                        claim, lambda: self._tell(claim, digests, now), known.office, now
                    )
                if claim.is_of_glass:
                    return await self._attempt(
                        claim, lambda: self._warn(claim, broken, now), known.office, now
                    )
                return await self._attempt(claim, lambda: self._write(claim, known, now), known.office, now)

        errors = await asyncio.gather(*(attempt(claim) for claim in claims))
        await self._note(claims, errors)
        return len(claims)

    async def _attempt(
        self, claim: Claim, write: Callable[[], Message], held: Office, now: datetime
    ) -> str | None:
        """Send one message; says what was wrong, as a code, or `None`."""
        today = calendar.london_date(now)
        try:
            written = write()
        except Exception:  # whatever it is, it is this message's and no other's
            log.exception("message.unreadable", alert=claim.alert_id)
            return UNREADABLE
        reached = addresses.find(held, claim.holder, claim.rung, claim.channel, today)
        if reached is None:
            return NO_ADDRESS
        if (channel := self._channels.get(reached.kind)) is None:
            return NOT_CONFIGURED
        try:
            await channel.send(written, reached.address)
        except NotTaken as not_taken:
            return not_taken.error
        except Exception:  # a defect of the channel's: it ends this message, not every ladder
            log.exception("channel.failed", alert=claim.alert_id, channel=claim.channel)
            return CHANNEL_FAILED
        return None

    def _write(self, claim: Claim, known: _Known, now: datetime) -> Message:
        facts = Facts(
            claim=claim,
            alert=dossier.read(claim.case_id, known.documents[claim.case_id]).alerts[claim.alert_id],
            today=calendar.london_date(now),
            days=working_days(known.office, self._days),
            restricted=claim.case_id in known.restricted,
        )
        return message.compose(facts, link=self._link_at(now), now=now, test_clock=self._clock.is_test)

    def _tell(self, claim: Claim, digests: Mapping[str, Digest], now: datetime) -> Message:
        found, told = digests[claim.notification_id], claim.notification_id
        test_clock = self._clock.is_test
        return digest_message.compose(found, told, link=self._link_at(now), now=now, test_clock=test_clock)

    def _link_at(self, now: datetime) -> Linking:
        """How a page is linked to in a message of this instant; with a key, so that the link opens it."""

        def link(path: str) -> str:
            return self._public_url + (self._links.sign(path, now) if self._links else path)

        return link

    def _warn(self, claim: Claim, broken: Mapping[str, Breaking], now: datetime) -> Message:
        told, test_clock = claim.notification_id, self._clock.is_test
        return breaking_message.compose(broken[told], told, now=now, test_clock=test_clock)

    async def _note(self, claims: Sequence[Claim], errors: Sequence[str | None]) -> None:
        """Append the outcomes, and wait until they have come back, which marks the rows."""
        outcomes = [_outcome(claim, error) for claim, error in zip(claims, errors, strict=True)]
        posts = [(claim.case_id, outcome) for claim, outcome in zip(claims, outcomes, strict=True)]
        posted = await posting.append(self._ledger, posts)
        for claim, error, each in zip(claims, errors, posted, strict=True):
            log.info(
                "message.failed" if error else "message.sent",
                case=claim.case_id,
                alert=claim.alert_id or None,
                kind=claim.kind,
                rung=claim.rung,
                channel=claim.channel,
                attempt=claim.attempts + 1,
                error=error,
            )
            if each.declined and not isinstance(each.declined, IdReused):
                # Its alert was voided: no outcome will ever come back, so nothing else would end this.
                await self._deliveries.bury(claim, NOT_RECORDED)
        await self._consumed.wait_for(max((each.position for each in posted if each.position), default=0))


def _outcome(claim: Claim, error: str | None) -> Post:
    attempt = claim.attempts + 1
    data: dict[str, Any] = {
        "notification_id": claim.notification_id,
        "kind": claim.kind,
        "attempt": attempt,
        "holder": claim.holder,
        "channel": claim.channel,
    }
    if claim.kind not in OF_THE_OFFICE:
        data["alert_id"] = claim.alert_id
    if claim.rung:
        data["rung"] = claim.rung
    if error:
        data["error"] = error
    return Post(
        id=attempt_id(claim.notification_id, claim.channel, attempt),
        type=NotificationFailed.TYPE if error else NotificationSent.TYPE,
        data=data,
    )
