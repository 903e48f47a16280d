"""Which cases do not exist for whom a request is answered: asked of the database, as of the moment of asking.

The services work on every case, and for them nothing is asked.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from services.domain.access import case_of, stream_of
from services.domain.events.restriction import RESTRICTION_TYPES
from services.domain.principal import Principal
from services.domain.restriction import Restriction, may_see, told_by
from services.ledger.store import Placed, Store
from services.runtime.clock import Clock


class Told(NamedTuple):
    """What is known of restrictions: those that stand, by case, and the position of what was said last."""

    standing: dict[str, Restriction]
    position: int


NOTHING: Final = Told({}, 0)


class Hidden:
    """What does not exist for one principal. What happens meanwhile, `follow` is told."""

    def __init__(self, principal: Principal, told: Told, clock: Clock) -> None:
        self._principal = principal
        self._told = told
        self._clock = clock

    def hides(self, stream: str) -> bool:
        """Whether a case, or the access log of one, does not exist now."""
        restriction = self._told.standing.get(case_of(stream) or stream)
        return not may_see(self._principal, restriction, self._clock.now())

    def streams(self) -> list[str]:
        """All streams that do not exist now."""
        hidden = [case_id for case_id in self._told.standing if self.hides(case_id)]
        return [*hidden, *map(stream_of, hidden)]

    def seen(self, committed: Iterable[Placed]) -> list[Placed]:
        """Of what was committed next, what may be seen, each as of the moment before it."""
        return [placed for placed in committed if not self._follow(placed).hides(placed.case_id)]

    def _follow(self, placed: Placed) -> "Hidden":
        # What was asked of the database accounts for everything up to its last word: not to be told twice.
        if placed.type in RESTRICTION_TYPES and placed.position > self._told.position:
            _tell(self._told.standing, placed.case_id, placed.document.decode())
            self._told = Told(self._told.standing, placed.position)
        return self


class Restrictions:
    """Asks the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def hidden_from(self, principal: Principal, case_id: str | None = None) -> Hidden:
        """What does not exist for somebody: of all cases, or of one."""
        told = NOTHING if principal.is_service else await self._told(case_id)
        return Hidden(principal, told, self._clock)

    async def _told(self, case_id: str | None) -> Told:
        standing: dict[str, Restriction] = {}
        last = 0
        for stream, position, document in await self._store.restrictions(case_id):
            _tell(standing, stream, document)
            last = position
        return Told(standing, last)


def _tell(standing: dict[str, Restriction], case_id: str, document: str) -> None:
    if restriction := told_by(standing.get(case_id), document):
        standing[case_id] = restriction
    else:
        standing.pop(case_id, None)
