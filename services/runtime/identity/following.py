"""Let those keys count that the office's events issued and did not revoke, as they are recorded."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import asyncpg
import structlog
from msgspec import Struct, json

from services.domain import office
from services.domain.errors import UnknownEventType
from services.domain.event import decode
from services.domain.office import ApiKey, Office
from services.domain.principal import GRANTABLE
from services.runtime.identity.authentication import Authentication
from services.runtime.identity.credential import Credential
from services.runtime.logs import named
from services.runtime.postgres import AWAY

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

EVERY: Final = 0.25
"""Seconds between two looks: how late an event is seen that another process has recorded."""


class Place(Struct, frozen=True):
    """Where a document of the office stands: in the ledger, and in its own stream."""

    position: int = 0
    caseversion: int = 0


Read = Callable[[Place], Awaitable[tuple[int, Sequence[str]]]]
"""Gives the last position that is known of, and the office's documents after a place, in order."""


class Following:
    """Reads on from where it was. While Postgres cannot be asked, what was known before stays.

    Until what is known of has come to the position `needed`, no issued key counts at all: one that was seen
    to be issued may have been revoked since.
    """

    def __init__(self, authentication: Authentication, read: Read, *, needed: int = 0) -> None:
        self._authentication = authentication
        self._read = read
        self._needed = needed
        self._place = Place()
        self._office = Office()
        self._told: Office | None = None
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Return when what is recorded by now counts; or, while that cannot be read, at once."""
        async with self._reading:
            with contextlib.suppress(*AWAY, asyncpg.PostgresError):
                reached, documents = await self._read(self._place)
                self._take(documents)
                if reached >= self._needed:
                    self._tell()

    async def run(self) -> None:
        """Look again and again, until cancelled; who starts it has looked just before."""
        while True:
            await asyncio.sleep(EVERY)
            await self.refresh()

    def _take(self, documents: Iterable[str]) -> None:
        for document in documents:
            try:
                self._office = office.fold(self._office, decode(document))
            except (UnknownEventType, ValueError) as error:
                # A newer release's: it can issue no key here, and what it revoked counts until the update.
                log.error("keys.unreadable", error=named(error))  # noqa: TRY400 - the message may quote it
            self._place = json.decode(document, type=Place)

    def _tell(self) -> None:
        if self._told is not self._office:
            self._told = self._office
            self._authentication.follow(map(_credential_of, self._office.keys.values()))


def _credential_of(key: ApiKey) -> Credential:
    """The credential that an issued key is; a service's own role is granted by none."""
    return Credential(
        key_id=key.key_id,
        sha256=key.sha256,
        client=key.client,
        roles=key.roles & GRANTABLE,
        source=key.source,
        types=key.types,
        ends_at=key.ends,
    )
