"""Ask the projector's due board for what a morning's digests are made of, as of a position of the ledger.

What practice alerts wait for is left out: of that their own messages tell.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
import msgspec
from msgspec import Struct

from services.domain.timescales import LADDER_RULES
from services.notifier import digest
from services.notifier.audience import Teams
from services.notifier.digest import Digest, Item, Part, Span
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for

SILENCE: Final = 30.0  # seconds without an answer after which a question is given up
NOT_DONE: Final = ("OPEN", "DUE_SOON", "OVERDUE")
"""How what is not done can stand; which of these it is, its date says, whatever the projector's clock."""

LONGEST: Final = 200  # deadlines in one page of the board

T = TypeVar("T")


class BoardAway(Exception):
    """The projector does not answer, or has not come as far as was asked. `args` say which. Ask again."""


class _Page(Struct):
    items: list[Item]
    next: str | None


class _Team(Struct):
    team: str | None
    states: dict[str, int]


class _Counts(Struct):
    teams: list[_Team]

    def of(self, teams: Teams) -> int:
        """How many of some teams, or of all."""
        return sum(sum(each.states.values()) for each in self.teams if _holds(teams, each.team))


class Board:
    """The due board, asked with a token. `async with` it."""

    def __init__(self, projector_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=projector_url,
            timeout=SILENCE,
            verify=authorities_for(projector_url),
            trust_env=False,
            headers=bearer(token),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def read(self, span: Span, whose: Iterable[Teams], position: int) -> dict[Teams, Digest]:
        """A digest of all teams, or of some together, for each that is asked for. Raises `BoardAway`.

        What `position` says and all before it is accounted for.
        """
        asked = {"state": NOT_DONE, "wait_for": position}
        found = await self._list(asked | _dates(span.since, span.until + timedelta(days=1)))
        before = _without_alerts(asked | _dates(None, span.since)) if span.since and found else []
        every, *of_alerts = [await self._count(each) for each in before] or [_Counts([])]
        return {
            teams: Digest(
                **span._asdict(),
                teams=teams,
                overdue=_part(each for each in found if each.due_on < span.day and _holds(teams, each.team)),
                coming=_part(each for each in found if each.due_on >= span.day and _holds(teams, each.team)),
                earlier=every.of(teams) - sum(each.of(teams) for each in of_alerts),
            )
            for teams in set(whose)
        }

    async def _list(self, asked: dict[str, Any]) -> list[Item]:
        """All of them, those due first, first."""
        found: list[Item] = []
        query = asked | {"limit": LONGEST}
        while True:
            page = await self._ask("/v1/deadlines", query, _Page)
            found += (each for each in page.items if each.rule not in LADDER_RULES)
            if page.next is None:
                return found
            query |= {"cursor": page.next}

    async def _count(self, asked: dict[str, Any]) -> _Counts:
        return await self._ask("/v1/deadlines/counts", asked, _Counts)

    async def _ask(self, path: str, query: dict[str, Any], kind: type[T]) -> T:
        try:
            answer = await self._http.get(path, params=query)
        except httpx.TransportError as error:
            raise BoardAway(type(error).__name__) from error
        if not answer.is_success:
            raise BoardAway(f"HTTP_{answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError as error:
            raise BoardAway("UNREADABLE") from error


def _part(found: Iterable[Item]) -> Part:
    items = tuple(found)
    return Part(count=len(items), items=items[: digest.MOST])


def _holds(teams: Teams, team: str | None) -> bool:
    return teams is None or team in teams


def _without_alerts(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """What to count, and then what of it to leave out."""
    return [asked, *(asked | {"kind": rule} for rule in LADDER_RULES)]


def _dates(first: date | None, before: date | None) -> dict[str, str]:
    given = {"due_from": first, "due_before": before}
    return {name: str(day) for name, day in given.items() if day}
