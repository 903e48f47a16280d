"""The sample year without a ledger: each event admitted against its case at the moment it is typed in."""

from collections.abc import Iterable
from typing import NamedTuple

from services.cli.year.days import DAYS, OPENING
from services.cli.year.diary import Entry
from services.domain import office as offices
from services.domain.admission import admit
from services.domain.case import Case
from services.domain.case import fold as fold_case
from services.domain.event import CaseVersion, Recorded, write
from services.domain.office import OFFICE, Office
from services.domain.posted import parse
from services.domain.verdict import Refused


class Recording(NamedTuple):
    """What became of a year."""

    cases: dict[str, Case]
    office: Office
    records: list[Recorded]
    refused: list[tuple[str, Refused]]


def record(entries: Iterable[Entry]) -> Recording:
    """Admit every entry, or note why it was not."""
    states: dict[str, Case | Office] = {OFFICE: Office()}
    records, refused = [], []
    for entry in entries:
        state = states.get(entry.subject) or Case(case_id=entry.subject)
        now = max(OPENING, entry.typed_at)
        submission = parse(entry.line, entry.subject, _no_id)
        verdict = admit(state, submission, now, DAYS)
        if isinstance(verdict, Refused):
            refused.append((str(entry.event["id"]), verdict))
            continue
        version = CaseVersion(state.version + 1)
        written = write(submission, verdict.event, verdict.flags, version, now)
        states[entry.subject] = (
            fold_case(state, written) if isinstance(state, Case) else offices.fold(state, written)
        )
        records.append(written)
    office = states.pop(OFFICE)
    assert isinstance(office, Office)
    cases = {name: state for name, state in states.items() if isinstance(state, Case)}
    return Recording(cases, office, records, refused)


def _no_id() -> str:
    raise AssertionError("every entry has an id")
