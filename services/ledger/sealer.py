"""Grow the tree behind the appends and sign it: each checkpoint consistent with every one signed before.

What the sealer knows, it has from the database and from the last checkpoint on NATS, read when it takes the
lead and again after anything went wrong. If these do not agree it signs nothing: a ledger that was restored
from a backup, or changed, must not contradict what it signed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

import nats.errors
import structlog

from services.evidence.checkpoint import Checkpoint
from services.evidence.errors import EvidenceError
from services.evidence.merkle import Frontier
from services.evidence.treehead import TreeHead
from services.ledger.absence import AWAY
from services.ledger.announcements import STREAM, Announcements
from services.ledger.commits import Commits
from services.ledger.giving import KeyAway
from services.ledger.signing import Keys
from services.ledger.tree import SEALED_MEANWHILE, Tree, growths
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.leadership import Leadership, LeadershipLost
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LOCK: Final = "ledger sealer"
SEAL_EVERY: Final = 1.0  # seconds between two checkpoints, at least
AT_ONCE: Final = 16_384  # events that one checkpoint adds, at most
STRIDE: Final = 2_048  # leaves hashed between two turns of the event loop: 2 ms
MOST_TO_TELL: Final = 10_000  # checkpoints that NATS is told when it comes back: hours, the newest of them
CHECK_EVERY: Final = 2.0  # seconds without work, after which what could not be announced is tried again
PAUSE: Final = 0.5  # seconds before starting over after something went wrong
TROUBLE: Final = (nats.errors.Error, SEALED_MEANWHILE, *AWAY)

WHAT_TO_DO: Final = (
    "Nothing is sealed. Keep this database as it is, find out with `caseledger verify` what differs, "
    "and restore the ledger that the checkpoint is of."
)


class Refuses(Exception):
    """The ledger is not what was signed of it; `args[0]` says what is wrong."""


class Sealer:
    """The sealer. One leads at a time; the others stand by."""

    def __init__(  # noqa: PLR0913 - what it seals, with what and where, by keyword
        self,
        *,
        url: str,
        tree: Tree,
        commits: Commits,
        keyring: Keys,
        announcements: Announcements,
        clock: Clock,
    ) -> None:
        self._url = url
        self._tree = tree
        self._commits = commits
        self._keyring = keyring
        self._announcements = announcements
        self._clock = clock
        self._unannounced: deque[tuple[int, str]] = deque(maxlen=MOST_TO_TELL)
        self.sealed = Watermark()
        self.leads = asyncio.Event()
        """Set while this process seals: what is handed to others is handed by it alone."""
        self.health = Health(ok=False, detail="starting")

    async def run(self) -> None:
        """Lead, or stand by, until cancelled."""
        while True:
            self.health = Health(ok=True, detail="another process seals; standing by")
            try:
                async with Leadership(self._url, LOCK, application_name="caseledger sealer"):
                    await self._lead()
            except LeadershipLost:
                log.warning("sealer.lead_lost")

    async def check(self) -> Health:
        """Whether what is committed is sealed."""
        return self.health

    async def _lead(self) -> None:
        while True:
            try:
                await self._seal_after(await self._agreed())
            except (Refuses, EvidenceError) as error:
                log.error("sealer.refuses")  # noqa: TRY400 - what is wrong is no defect of ours
                self.health = Health(ok=False, detail=f"{error}. {WHAT_TO_DO}")
                await asyncio.sleep(CHECK_EVERY)
            except KeyAway as error:
                log.warning("sealer.trouble", reason=str(error), retry_in=PAUSE)
                self.health = Health(ok=False, detail=f"cannot seal: {error}; trying again")
                await asyncio.sleep(PAUSE)
            except TROUBLE as error:
                # A growth whose answer was lost has happened or has not: the database is asked, not memory.
                log.warning("sealer.trouble", error=named(error), retry_in=PAUSE)
                self.health = Health(ok=False, detail=f"cannot seal ({named(error)}); trying again")
                await asyncio.sleep(PAUSE)

    async def _seal_after(self, frontier: Frontier) -> None:
        """Seal what is committed, as it is, at most once in `SEAL_EVERY`."""
        self.leads.set()
        try:
            while True:
                self.sealed.advance(frontier.size)
                self.health = Health(ok=True, detail=f"has sealed {frontier.size} events")
                await self._announce()
                try:
                    await self._commits.head.wait_for(frontier.size + 1, timeout=CHECK_EVERY)
                except TimeoutError:
                    continue
                frontier = await self._grow(frontier)
                if self._commits.head.value < frontier.size + AT_ONCE:
                    await asyncio.sleep(SEAL_EVERY)
        finally:
            self.leads.clear()

    async def _grow(self, frontier: Frontier) -> Frontier:
        """Put what is not sealed under a new checkpoint; gives the tree's edge after it."""
        unsealed = await self._tree.unsealed(frontier.size, AT_ONCE)
        if unsealed.wrong is not None:
            raise Refuses(
                f"the event at position {unsealed.wrong} is missing, or not what was appended there"
            )
        if not unsealed.leaves:
            return frontier
        edge = frontier.copy()
        grown = await _extend(edge, unsealed.leaves)
        now = self._clock.now()
        head = TreeHead(self._keyring.origin, edge.size, edge.root())
        note = (await self._keyring.sign(head, int(now.timestamp()))).encode().decode()
        # A crash before this leaves nothing but a signature that nobody saw, over events that cannot change.
        await self._tree.grow(frontier.size, head, note, now, growths(frontier.size, grown))
        self._unannounced.append((edge.size, note))
        return edge

    async def _announce(self) -> None:
        # A crash before this is made good by who leads next: it finds that NATS ends with an earlier one.
        try:
            while self._unannounced:
                await self._announcements.publish(self._keyring.origin, *self._unannounced[0])
                self._unannounced.popleft()
        except nats.errors.Error as error:
            log.warning("sealer.not_announced", stream=STREAM, error=named(error))
        except TimeoutError:
            log.warning("sealer.not_announced", stream=STREAM, error="TimeoutError")

    async def _agreed(self) -> Frontier:
        """The edge of the tree, once all that is known of the past is found to agree with it."""
        announced = await self._announced()
        last = await self._tree.last()  # read after NATS, which can then only be behind it
        size = last.size if last else 0
        frontier = await self._tree.frontier(size)
        if last:
            kept = self._keyring.read(last.note.encode())
            stored = TreeHead(self._keyring.origin, last.size, last.root)
            if kept.head != stored or frontier.root() != last.root:
                raise Refuses(f"the tiles, or the checkpoint of {size}, are not what was stored")
        if announced:
            await self._compare(announced.head, size)
        since = announced.head.size if announced else size - 1  # a stream that is new begins with the newest
        self._unannounced.clear()
        self._unannounced.extend((each.size, each.note) for each in await self._tree.checkpoints(since, size))
        return frontier

    async def _announced(self) -> Checkpoint | None:
        raw = await self._announcements.last()
        return self._keyring.read(raw) if raw else None

    async def _compare(self, announced: TreeHead, size: int) -> None:
        if announced.size > size:
            raise Refuses(f"{STREAM} has a checkpoint of {announced.size} events, and the tree has {size}")
        if await self._tree.root(announced.size) != announced.root:
            raise Refuses(f"{STREAM} has a checkpoint of {announced.size} events with another root")


async def _extend(edge: Frontier, leaves: Sequence[bytes]) -> list[list[bytes]]:
    """As `Frontier.extend`, in strides, with everybody else's turn between them."""
    grown: list[list[bytes]] = []
    for start in range(0, len(leaves), STRIDE):
        for level, hashes in enumerate(edge.extend(leaves[start : start + STRIDE])):
            if level == len(grown):
                grown.append([])
            grown[level] += hashes
        await asyncio.sleep(0)
    return grown
