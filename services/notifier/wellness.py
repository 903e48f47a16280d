"""Say how the notifier is: what it needs, how far it has come, and what an operator should look at."""

from collections.abc import Mapping

import asyncpg
from msgspec import Struct

from services.notifier.mail import Mail
from services.notifier.mornings import Mornings
from services.notifier.store import Store
from services.notifier.work import Work
from services.runtime.client import LedgerClient
from services.runtime.follow import Follower
from services.runtime.health import Check, Health

CAUGHT_UP = 500  # positions behind the ledger that are within an ordinary batch


class Wellness(Struct, frozen=True, kw_only=True):
    """What `/readyz` asks. Dead messages, parked alerts, digests and mail that wait are warnings, no more."""

    store: Store
    ledger: LedgerClient
    follower: Follower
    work: Work
    mornings: Mornings
    mail: Mail | None

    def checks(self) -> Mapping[str, Check]:
        """The checks by name."""
        return {
            "database": self.database,
            "ledger": self.reading,
            "role": self.role,
            "deliveries": self.deliveries,
            "alerts": self.alerts,
            "digests": self.digests,
            "mail": self.mail_server,
        }

    async def database(self) -> Health:
        """Whether our schema is there."""
        try:
            position = await self.store.checkpoint()
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            return Health(ok=False, detail="has no notifier; run `caseledger migrate`")
        return Health(ok=True, detail=f"answers; accounted for up to {position}")

    async def reading(self) -> Health:
        """Whether the ledger answers, and how far behind it we are.

        A ledger that was restored from a backup may be behind us: what it is given next we would pass over.
        """
        accounted = await self.store.checkpoint()  # read before the head, which can then only be further on
        behind = (await self.ledger.head()).position - accounted
        if behind < 0:
            return Health(ok=False, detail=f"{-behind} ahead of the ledger, which was put back; begin anew")
        source = self.follower.source
        return Health(ok=behind <= CAUGHT_UP, detail=f"{behind} behind; reads from {source}")

    async def role(self) -> Health:
        """Whether we lead."""
        if self.work.trouble:
            return Health(ok=False, detail=f"starts again after {self.work.trouble}")
        return Health(ok=True, detail="leads" if self.work.leads else "stands by")

    async def deliveries(self) -> Health:
        """Messages that were given up."""
        dead = (await self.store.troubles()).dead
        if not dead:
            return Health(ok=True, detail="none dead")
        return Health(ok=True, detail=f"{dead} dead; see /v1/deliveries?state=DEAD", warning=True)

    async def alerts(self) -> Health:
        """Alerts of which nothing can be said."""
        found = await self.store.troubles()
        if not found.parked:
            return Health(ok=True, detail="none parked")
        detail = f"{found.parked} parked ({found.reason}); see /v1/windows"
        return Health(ok=True, detail=detail, warning=True)

    async def digests(self) -> Health:
        """Whether the digests of this morning wait for the projector."""
        if self.mornings.trouble:
            detail = f"wait for the projector: {self.mornings.trouble}"
            return Health(ok=True, detail=detail, warning=True)
        return Health(ok=True, detail="none wait")

    async def mail_server(self) -> Health:
        """Whether e-mail can be handed in."""
        if self.mail is None:
            detail = "none configured; e-mail fails until CASELEDGER_SMTP_URL is set"
            return Health(ok=True, detail=detail, warning=True)
        if await self.mail.reachable():
            return Health(ok=True, detail="answers")
        return Health(ok=True, detail="does not answer; mail waits", warning=True)
