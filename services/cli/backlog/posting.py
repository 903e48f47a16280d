"""Post the groups of some cases until each event is in the ledger, or the ledger has said why it is not.

Nothing here is remembered between two runs: ids say what is in the ledger already. So a crash anywhere, or an
answer that never came, is made good by posting again.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from services.cli.backlog import hints
from services.cli.backlog.book import Book
from services.cli.backlog.groups import MOST_BYTES, MOST_EVENTS
from services.cli.backlog.lines import Said
from services.cli.backlog.order import Place
from services.runtime.backoff import Backoff
from services.runtime.client import Declined, GroupResult, IdReused, LedgerAway, LedgerClient

INTERNAL_ERROR: Final = "500"
MOST_FAILURES: Final = 3
HELD_BACK: Final = "Another event of its practice alert was refused"
CLASH: Final = "The id is in use in the file"
ABOUT_EVENTS: Final = frozenset({400, 413})
AT: Final = re.compile(r"/(\d+)(/.*|)$")

Problem = Mapping[str, Any]


class Item(Struct, frozen=True):
    """One event and its place in the file."""

    place: Place
    said: Said

    @property
    def identity(self) -> tuple[str, str]:
        """What no two events share: `source` and `id`."""
        return str(self.said.event["source"]), self.said.id


class Group(Struct, frozen=True):
    """Events of one case that are recorded together, or not at all; `failures` are those of the ledger."""

    items: tuple[Item, ...]
    failures: int = 0

    @property
    def alerts(self) -> frozenset[str]:
        """The practice alerts that it is about."""
        return frozenset(item.place.alert_id for item in self.items) - {""}


class Posting:
    """Posts for several cases at once, each case's groups one after the other.

    `away` is called when the ledger does not answer, `back` when it does again.
    """

    def __init__(
        self, ledger: LedgerClient, book: Book, *, away: Callable[[], None], back: Callable[[], None]
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._away = away
        self._back = back
        self._wait = Backoff(None)
        self._held: dict[tuple[str, str], int] = {}  # alerts of which an event was refused, and its line

    async def post(self, cases: Iterable[Iterator[Group]]) -> None:
        """Return once all of their events are accounted for; waits for a ledger that is away."""
        waiting = [_Waiting(self._distinct(groups)) for groups in cases]
        while waiting := [each for each in waiting if each.first()]:
            turn = [(each, group) for each in _turn(waiting) if (group := self._hold_back(each.take()))]
            left = await self._ask([group for _, group in turn]) if turn else []
            for (each, _), again in zip(turn, left, strict=True):
                each.put_back([group for group in again if group.items])

    def _distinct(self, groups: Iterator[Group]) -> Iterator[Group]:
        """Each group with any event once, its repeats after it; of two that share an id the first."""
        for group in groups:
            firsts: dict[tuple[str, str], Item] = {}
            repeats, clashing = [], {}
            for nth, item in enumerate(group.items):
                first = firsts.setdefault(item.identity, item)
                if first.said.event != item.said.event:
                    detail = f"See line {first.place.line}: it has the same id, and says something else."
                    clashing[nth] = {"title": CLASH, "detail": detail}
                elif first is not item:
                    repeats.append(item)
            self._without(group, clashing)
            yield Group(tuple(firsts.values()))
            if repeats:
                yield Group(tuple(repeats))

    async def _ask(self, turn: Sequence[Group]) -> list[list[Group]]:
        """Post a group of each of some cases: what of each is to be posted now, in order."""
        events = [(item.said.case_id, item.said.event) for group in turn for item in group.items]
        try:
            results = await self._ledger.append_many(events)
        except LedgerAway as away:
            return await self._again(turn, away)
        except Declined as declined:
            return await self._sort_out(turn, declined)
        if not any(isinstance(result.error, LedgerAway) for result in results):
            self._wait.reset()
            self._back()
        return [await self._settle(*each) for each in zip(turn, results, strict=True)]

    async def _again(self, turn: Sequence[Group], away: LedgerAway) -> list[list[Group]]:
        if str(away) != INTERNAL_ERROR:
            self._away()
            await self._wait.pause()
            return [[group] for group in turn]
        return [await self._fail(group, away) for group in turn]

    async def _fail(self, group: Group, error: LedgerAway) -> list[Group]:
        """A defect of the ledger's: tried again a few times, and then kept as refused."""
        if group.failures < MOST_FAILURES:
            await self._wait.pause()
            return [replace(group, failures=group.failures + 1)]
        return self._part(group, {"title": "The ledger failed", "detail": f"It answered {error}."})

    async def _sort_out(self, turn: Sequence[Group], declined: Declined) -> list[list[Group]]:
        """The request as a whole was declined for the sake of some events, those that it names."""
        if declined.status not in ABOUT_EVENTS:
            raise declined
        named = _faults_by_place(declined)
        left, first = [], 0
        for group in turn:
            found = {
                nth: {**_without_faults(declined.members), "faults": named[first + nth]}
                for nth in range(len(group.items))
                if first + nth in named
            }
            left.append(self._without(group, found) if found else [group])
            first += len(group.items)
        if named:
            return left
        if len(turn) == 1:
            return [self._part(turn[0], declined.members)]
        half = len(turn) // 2
        return await self._ask(turn[:half]) + await self._ask(turn[half:])

    async def _settle(self, group: Group, result: GroupResult) -> list[Group]:
        match result.error:
            case None:
                self._book.append((each.position for each in result.receipts), fresh=result.fresh)
                return []
            case LedgerAway() as away:
                (again,) = await self._again([group], away)
                return again
            case IdReused() as reused if len(group.items) > 1:
                return _apart(group, frozenset(reused.members.get("ids", ())))
            case Declined(members=members):
                return self._drop(group, members)

    def _drop(self, group: Group, problem: Problem) -> list[Group]:
        """The group without the one event that was refused."""
        at = AT.match(str(problem.get("pointer", ""))) if len(group.items) > 1 else None
        if at and int(at[1]) < len(group.items):
            return self._without(group, {int(at[1]): {**problem, "pointer": at[2]}})
        return self._part(group, problem)

    def _without(self, group: Group, refused: Mapping[int, Problem]) -> list[Group]:
        """The group without what was refused; the rest of an alert is held back before it is posted."""
        for nth, problem in refused.items():
            place = group.items[nth].place
            self._book.refuse(place, group.items[nth].said, hints.add(problem))
            if place.alert_id:
                self._held.setdefault((place.case_id, place.alert_id), place.line)
        return [Group(tuple(item for nth, item in enumerate(group.items) if nth not in refused))]

    def _hold_back(self, group: Group) -> Group | None:
        """The group without any alert of which an event was refused: half an alert would climb."""
        kept = []
        for item in group.items:
            line = self._held.get((item.place.case_id, item.place.alert_id))
            if line is None:
                kept.append(item)
            else:
                detail = f"See line {line}: mend that event, and import this one together with it."
                self._book.refuse(item.place, item.said, {"title": HELD_BACK, "detail": detail})
        return replace(group, items=tuple(kept)) if kept else None

    def _part(self, group: Group, problem: Problem) -> list[Group]:
        """Halves, to find out which event it is; of what may not be parted all is refused."""
        if len(group.items) > 1 and not group.alerts:
            return _halves(group.items)
        return self._without(group, dict.fromkeys(range(len(group.items)), problem))


class _Waiting:
    """What of one case is still to be posted, in order; a group is read from the file when it is its turn."""

    def __init__(self, groups: Iterator[Group]) -> None:
        self._groups = groups
        self._next: deque[Group] = deque()

    def first(self) -> Group | None:
        """The group whose turn it is."""
        if not self._next and (group := next(self._groups, None)):
            self._next.append(group)
        return self._next[0] if self._next else None

    def take(self) -> Group:
        """Take that group."""
        return self._next.popleft()

    def put_back(self, groups: Sequence[Group]) -> None:
        """What is to be posted before anything else."""
        self._next.extendleft(reversed(groups))


def _turn(waiting: Sequence[_Waiting]) -> list[_Waiting]:
    """As many as have a first group that still goes into one request."""
    turn: list[_Waiting] = []
    events = bytes_ = 0
    for each in waiting:
        items = group.items if (group := each.first()) else ()
        events += len(items)
        bytes_ += sum(item.place.length for item in items)
        if turn and (events > MOST_EVENTS or bytes_ > MOST_BYTES):
            break
        turn.append(each)
    return turn


def _apart(group: Group, ids: frozenset[str]) -> list[Group]:
    """What may be in the ledger already, which is then found out, and what is new."""
    new = tuple(item for item in group.items if item.said.id not in ids)
    known = tuple(item for item in group.items if item.said.id in ids)
    if not new or not known:
        return _halves(group.items)
    return [Group(known), Group(new)]


def _halves(items: tuple[Item, ...]) -> list[Group]:
    half = len(items) // 2
    return [Group(items[:half]), Group(items[half:])]


def _faults_by_place(declined: Declined) -> dict[int, list[Problem]]:
    """The faults of a request by the event in which each lies, where it says so."""
    found: dict[int, list[Problem]] = {}
    for fault in declined.members.get("faults", ()):
        if at := AT.match(str(fault.get("pointer", ""))):
            found.setdefault(int(at[1]), []).append({**fault, "pointer": at[2]})
    return found


def _without_faults(members: Problem) -> Problem:
    return {name: value for name, value in members.items() if name not in {"faults", "pointer"}}
