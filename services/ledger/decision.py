"""Decide a request against what is known of its stream: pure, so that it may be decided again."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from services.domain.admission import admit
from services.domain.calendar import Calendar
from services.domain.event import CaseVersion, compose, write
from services.domain.office import Office
from services.domain.verdict import Refused
from services.ledger.request import MovedOn, Receipt, Refusal, Request, leaf_of
from services.ledger.state import State, fold
from services.ledger.store import Placed


class Decided(Struct, frozen=True):
    """What to append for a request, and the state of its stream once it is appended."""

    request: Request
    base: int
    documents: tuple[bytes, ...]
    flags: tuple[str, ...]
    recordedat: datetime
    state: State

    def receipts(self, stored: Sequence[Placed]) -> tuple[Receipt, ...]:
        """The receipts of the documents as they are stored."""
        each = enumerate(zip(self.request.submissions, self.flags, stored, strict=True), self.base + 1)
        return tuple(
            Receipt(said.id, kept.position, version, self.recordedat, flags, leaf_of(kept.document))
            for version, (said, flags, kept) in each
        )

    def wrote(self, stored: Sequence[str]) -> bool:
        """Whether these stored documents are the ones that were to be appended, whatever their positions."""
        sent = (document[1:].decode() for document in self.documents)
        return all(kept.partition(",")[2] == mine for kept, mine in zip(stored, sent, strict=True))

    def placed(self, position: int) -> Iterator[Placed]:
        """The documents as they are stored, if the first event was given `position`."""
        for submission, document in zip(self.request.submissions, self.documents, strict=True):
            stored = b'{"position":%d,%b' % (position, document[1:])
            yield Placed(position, submission.stream, submission.event.TYPE, stored)
            position += 1


def decide(
    request: Request, state: State, now: datetime, days: Calendar, office: Office
) -> Decided | MovedOn | Refusal:
    """Admit all of a request's events, each seeing those before it, or say why none is."""
    base = state.version
    if not request.condition.holds(base):
        return MovedOn(base)
    documents: list[bytes] = []
    all_flags: list[str] = []
    for index, submission in enumerate(request.submissions):
        verdict = admit(state, submission, now, days, office)
        if isinstance(verdict, Refused):
            return Refusal(verdict.rule, verdict.reason, verdict.at, index)
        record = write(submission, verdict.event, verdict.flags, CaseVersion(state.version + 1), now)
        documents.append(compose(record))
        all_flags.append(" ".join(verdict.flags))
        state = fold(state, record)
    return Decided(request, base, tuple(documents), tuple(all_flags), now, state)
