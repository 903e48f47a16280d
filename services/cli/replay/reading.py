"""What the ledger has of a case, and what was asked of it: a moment, or two of them to compare."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import compress

from msgspec import Struct

from services.cli.replay import steps
from services.cli.replay.change import Change, changes
from services.cli.replay.standing import OfficeDays, Standing, stand
from services.cli.replay.steps import Entry, Step
from services.domain import as_at
from services.domain.as_at import AsAt
from services.runtime.client import OFFICE, LedgerClient


class Difference(Struct, frozen=True):
    """What is otherwise at the second of two moments, and the events that only the second one has."""

    before: Standing
    after: Standing
    changes: list[Change]
    added: list[Entry]


class Reading(Struct, frozen=True):
    """Every document of a case and of its office, each in order; `now` is the ledger's time."""

    case: str
    documents: Sequence[bytes]
    office: Sequence[bytes]
    now: datetime

    def chosen(self, asked: AsAt) -> list[bytes]:
        """The case's documents that are asked for."""
        return _chosen(self.documents, asked)

    def steps(self, asked: AsAt) -> Iterator[Step]:
        """Each event that is asked for, with what it changed, as soon as it is worked out."""
        return steps.steps(self.chosen(asked), asked, self._days(asked))

    def standing(self, asked: AsAt) -> Standing:
        """Where the case stands, or stood."""
        history = steps.read(self.chosen(asked))
        return stand(history, asked.moment(self.now), self._days(asked).at(self.now))

    def compare(self, first: AsAt, second: AsAt) -> Difference:
        """What is otherwise in an answer to the second question than in one to the first."""
        before, after = self.standing(first), self.standing(second)
        known = set(self.chosen(first))
        added = [each for each in steps.entries(self.chosen(second)) if each.document not in known]
        return Difference(before, after, changes(before, after), added)

    def _days(self, asked: AsAt) -> OfficeDays:
        return OfficeDays(steps.read(_chosen(self.office, asked)))


async def read(url: str, token: str, case: str, now: datetime) -> Reading:
    """Read a case from the ledger. Raises what its client raises."""
    async with LedgerClient(url, source="/replay", token=token, patience=5) as ledger:
        return Reading(case, await ledger.case_events(case), await ledger.case_events(OFFICE), now)


def _chosen(documents: Sequence[bytes], asked: AsAt) -> list[bytes]:
    return list(compress(documents, as_at.choose(documents, asked)))
