"""Ask the projector's due board for what a morning's digests are made of, as of a position of the ledger.

What practice alerts wait for is left out: of that their own messages tell.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar

import httpx
import msgspec
from msgspec import Struct

from services.domain.timescales import LADDER_RULES
from services.notifier import digest
from services.notifier.audience import Teams
from services.notifier.digest import Digest, Item, Part, Span

SILENCE: Final = 30.0  # seconds without an answer after which a question is given up
NOT_DONE: Final = ("OPEN", "DUE_SOON", "OVERDUE")
"""How what is not done can stand; which of these it is, its date says, whatever the projector's clock."""

LONGEST: Final = 500  # deadlines in one page of the board

T = TypeVar("T")


class BoardAway(Exception):
    """The projector does not answer, or has not come as far as was asked. `args` say which. Ask again."""


class _Page(Struct):
    items: tuple[Item, ...]


class _Team(Struct):
    team: str | None
    states: dict[str, int]


class _Counts(Struct):
    teams: list[_Team]

    def of(self, team: str | None) -> int:
        """How many of a team, or of all."""
        return sum(sum(each.states.values()) for each in self.teams if team in {None, each.team})


class _Tally(NamedTuple):
    every: _Counts
    ladder: tuple[_Counts, ...]

    def of(self, team: str | None) -> int:
        """How many of a team, or of all, less those of practice alerts."""
        return self.every.of(team) - self.of_alerts(team)

    def of_alerts(self, team: str | None) -> int:
        """How many of practice alerts."""
        return sum(each.of(team) for each in self.ladder)


NONE: Final = _Tally(_Counts([]), ())


class Board:
    """The due board. `async with` it."""

    def __init__(self, projector_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=projector_url, timeout=SILENCE, trust_env=False)

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
        wanted = set(whose)
        scopes = {team for teams in wanted for team in ((None,) if teams is None else teams)}
        asked = {"state": NOT_DONE, "wait_for": position}
        late = asked | _dates(span.since, span.day)
        coming = asked | _dates(span.day, span.until + timedelta(days=1))
        overdue, due = await self._parts(late, scopes), await self._parts(coming, scopes)
        earlier = await self._count(asked | _dates(None, span.since)) if span.since else NONE
        return {
            teams: Digest(
                **span._asdict(),
                teams=teams,
                overdue=digest.together([overdue[each] for each in _each(teams)]),
                coming=digest.together([due[each] for each in _each(teams)]),
                earlier=sum(earlier.of(each) for each in _each(teams)),
            )
            for teams in wanted
        }

    async def _parts(self, asked: dict[str, Any], scopes: Iterable[str | None]) -> dict[str | None, Part]:
        tally = await self._count(asked)
        return {
            team: Part(
                count=tally.of(team),
                items=await self._items(asked, team, tally.of_alerts(team)) if tally.of(team) else (),
            )
            for team in scopes
        }

    async def _items(self, asked: dict[str, Any], team: str | None, of_alerts: int) -> tuple[Item, ...]:
        query = asked | {"limit": min(digest.MOST + of_alerts, LONGEST)} | ({"team": team} if team else {})
        found = (await self._ask("/v1/deadlines", query, _Page)).items
        return tuple(each for each in found if each.rule not in LADDER_RULES)[: digest.MOST]

    async def _count(self, asked: dict[str, Any]) -> _Tally:
        every = await self._ask("/v1/deadlines/counts", asked, _Counts)
        if not every.of(None):
            return NONE
        of_rules = [asked | {"kind": rule} for rule in LADDER_RULES]
        ladder = [await self._ask("/v1/deadlines/counts", each, _Counts) for each in of_rules]
        return _Tally(every, tuple(ladder))

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


def _each(teams: Teams) -> tuple[str | None, ...]:
    return (None,) if teams is None else teams


def _dates(first: date | None, before: date | None) -> dict[str, str]:
    given = {"due_from": first, "due_before": before}
    return {name: str(day) for name, day in given.items() if day}
