"""Have one checkpoint an hour time-stamped by an authority (RFC 3161), behind the sealing.

A stamp is kept only once it is found to hold. A crash between its coming and its keeping asks for another.
"""

import asyncio
from datetime import timedelta
from typing import Final

import httpx
import structlog

from services.evidence import note, timestamp
from services.evidence.errors import EvidenceError
from services.evidence.timestamp import QUERY, Authority
from services.ledger.absence import AWAY
from services.ledger.anchorage import Anchorage
from services.ledger.tree import Tree
from services.runtime import answered
from services.runtime.answered import TooLong
from services.runtime.clock import Clock, text
from services.runtime.health import Health
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

HOUR: Final = timedelta(hours=1)
RETRY: Final = 60.0  # seconds
PATIENCE: Final = 20.0  # seconds for a whole answer
MOST_BYTES: Final = 100_000


class NotStamped(Exception):
    """The authority gave no stamp; `args[0]` completes a sentence about it."""


class Stamping:
    """The asking. `leads` is set while this process seals; the others leave it to that one."""

    def __init__(  # noqa: PLR0913 - whom it asks, about what, by keyword
        self,
        *,
        url: str,
        authority: Authority,
        http: httpx.AsyncClient,
        tree: Tree,
        anchorage: Anchorage,
        leads: asyncio.Event,
        sealed: Watermark,
        clock: Clock,
    ) -> None:
        self._url = url
        self._authority = authority
        self._http = http
        self._tree = tree
        self._anchorage = anchorage
        self._leads = leads
        self._sealed = sealed
        self._clock = clock
        self._health = Health(ok=True, detail="nothing is stamped yet")

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self._leads.wait()
            try:
                await self._stamp_when_due()
            except (NotStamped, EvidenceError) as error:
                await self._pause(str(error))
            except (httpx.HTTPError, *AWAY) as error:
                await self._pause(named(error))
            except Exception as error:  # whatever an outsider brings about, it does not end the ledger
                log.exception("timestamp.failed")
                await self._pause(named(error))

    async def check(self) -> Health:
        """Whether the authority stamps; it is a warning if not, for nothing waits for it."""
        return self._health

    async def _pause(self, reason: str) -> None:
        log.warning("timestamp.none", reason=reason, retry_in=RETRY)
        self._health = Health(ok=True, detail=f"no time stamp: {reason}; trying again", warning=True)
        await asyncio.sleep(RETRY)

    async def _stamp_when_due(self) -> None:
        last = await self._anchorage.last_stamped()
        if last:
            await self._clock.wait_until(last.time + HOUR)
        await self._sealed.wait_for(last.size + 1 if last else 1)
        if not self._leads.is_set() or await self._anchorage.last_stamped() != last:
            return  # somebody else leads by now, and stamps
        if sealed := await self._tree.last():
            await self._stamp(sealed.size, timestamp.stamped_part(note.parse(sealed.note.encode())))

    async def _stamp(self, size: int, stamped: bytes) -> None:
        asked_at, query = self._clock.now(), timestamp.query(stamped)
        reply = await self._post(query.body)
        time = timestamp.check(reply, stamped, self._authority, query.nonce)
        await self._anchorage.put_stamp(size, asked_at, time, reply)
        log.info("timestamp.given", position=size)
        self._health = Health(ok=True, detail=f"the checkpoint of {size} events is stamped {text(time)}")

    async def _post(self, query: bytes) -> bytes:
        try:
            status, reply = await answered.post(
                self._http,
                self._url,
                content=query,
                headers={"Content-Type": QUERY},
                patience=PATIENCE,
                most=MOST_BYTES,
            )
        except TooLong:
            raise NotStamped("the authority answers without end") from None
        if not httpx.codes.is_success(status):
            raise NotStamped(f"the authority answers {status}")
        return reply
