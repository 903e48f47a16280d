"""The steps of a history: each event in order, what it changed itself, and what had fallen due before it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct, json

from services.cli.replay.change import Change, Kind, changes, deadline
from services.cli.replay.standing import OfficeDays, Standing, stand
from services.domain import as_at
from services.domain.as_at import AsAt
from services.domain.case import voided
from services.domain.deadlines import DeadlineState
from services.domain.errors import UnknownEventType
from services.domain.event import CaseVersion, Recorded, decode
from services.domain.events.correction import EventVoided
from services.domain.sentence import sentence


class Header(Struct, frozen=True):
    """What is shown of any document, be its type known to this release or not."""

    position: int
    caseversion: int
    type: str
    time: datetime
    recordedat: datetime
    actor: str = ""
    onbehalfof: str = ""
    flags: str = ""


class Entry(Struct, frozen=True):
    """One event of a case; `record` is absent where this release does not know its type."""

    header: Header
    document: bytes
    record: Recorded | None
    sentence: str
    happened: datetime
    voided: bool


class Step(Struct, frozen=True):
    """One event; `passed` is what fell due before it, `changes` what it did itself."""

    entry: Entry
    passed: list[Change]
    changes: list[Change]


_headers = json.Decoder(Header)


def read(documents: Sequence[bytes]) -> list[Recorded]:
    """The events of some documents; those that this release does not know are left out."""
    return [record for document in documents if (record := _read(document))]


def entries(documents: Sequence[bytes]) -> list[Entry]:
    """All of some documents of a case, each in a sentence, and whether it was voided by another."""
    gone = voided(read(documents))
    return [_entry(document, gone) for document in documents]


def steps(documents: Sequence[bytes], asked: AsAt, days: OfficeDays) -> Iterator[Step]:
    """Each of some documents of a case as a step. What is due is judged when it was recorded."""
    history: list[Recorded] = []
    last: Standing | None = None
    for entry in entries(documents):
        moment, calendar = asked.moment(entry.header.recordedat), days.at(entry.header.recordedat)
        before = stand(history, moment, calendar)
        corrected = list(_corrected(entry.record, history)) if entry.record else []
        history += [entry.record] if entry.record else []
        after = stand(history, moment, calendar)
        passed = _fell_due(last, before) if last else []
        yield Step(entry, passed, corrected + changes(before, after))
        last = after


def _entry(document: bytes, gone: frozenset[CaseVersion]) -> Entry:
    header, record = _headers.decode(document), _read(document)
    told = sentence(record) if record else f"An event that this release does not know: {header.type}."
    happened = as_at.happened(record) if record else header.time
    return Entry(header, document, record, told, happened, header.caseversion in gone)


def _fell_due(earlier: Standing, later: Standing) -> list[Change]:
    """What time alone made overdue."""
    known = earlier.deadlines
    return [
        Change(Kind.DEADLINE, deadline(each))
        for key, each in later.deadlines.items()
        if each.state is DeadlineState.OVERDUE
        and not (key in known and known[key].state is DeadlineState.OVERDUE)
    ]


def _corrected(record: Recorded, history: Sequence[Recorded]) -> Iterator[Change]:
    if isinstance(record.event, EventVoided):
        target = record.event.target_event_id
        for each in [each for each in history if each.id == target][-1:]:
            yield Change(Kind.VOIDED, f"position {each.position} counts no more: {sentence(each)}")


def _read(document: bytes) -> Recorded | None:
    try:
        return decode(document)
    except (UnknownEventType, ValueError):
        return None
