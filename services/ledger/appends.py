"""Take what is posted: as whoever posts it may post it, sealed, and then to the batcher."""

from collections.abc import Sequence

from msgspec import structs

from services.domain.attribution import Denied, attribute
from services.domain.office import OFFICE
from services.domain.principal import Principal
from services.ledger.answers import RETRY_AFTER
from services.ledger.batcher import Batcher, Overloaded
from services.ledger.request import Answer, Barred, Request
from services.ledger.secrecy import Secrecy
from services.runtime.identity.following import Following
from services.runtime.problems import OVERLOADED, Problem


class Appends:
    """What the routes that append stand on."""

    def __init__(self, batcher: Batcher, secrecy: Secrecy, keys: Following) -> None:
        self._batcher = batcher
        self._secrecy = secrecy
        self._keys = keys

    async def ask(self, requests: Sequence[Request], principal: Principal) -> list[Answer]:
        """Have each appended, or be told why not. Raises `Problem` where the queue is full.

        A key that was issued or revoked counts so before the answer goes out.
        """
        for request in requests:
            _attribute(request, principal)
        await self._secrecy.seal(_open(requests))
        try:
            self._batcher.submit(_open(requests))
        except Overloaded:
            raise Problem(OVERLOADED, headers=RETRY_AFTER) from None
        found = [await request.answer for request in requests]
        if any(request.stream == OFFICE for request in requests):
            await self._keys.refresh()
        return found


def _open(requests: Sequence[Request]) -> list[Request]:
    """Those that have no answer yet."""
    return [request for request in requests if not request.answer.done()]


def _attribute(request: Request, principal: Principal) -> None:
    """Put the principal's name and source on what it posts; one thing that it may not, and nothing is."""
    attributed = []
    for index, submission in enumerate(request.submissions):
        found = attribute(submission, principal)
        if isinstance(found, Denied):
            request.settle(Barred(index=index, **structs.asdict(found)))
            return
        attributed.append(found)
    request.submissions = tuple(attributed)
