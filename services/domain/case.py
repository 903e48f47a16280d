"""Fold a case's history into a Case: what admission needs to know of it, and nothing else.

Facts arrive in any order, so a Case holds them as a set, and what a reader asks of it (its status) is worked
out from all of them at once. Only practice alerts are folded in order of recording: a ladder is climbed so.
A voided event is skipped by folding again without it; for that the Case keeps its history as a chain, each
link sharing all that came before.
"""

from collections.abc import Iterable, Iterator
from typing import get_args

from msgspec import Struct, field
from msgspec.structs import replace

from services.domain import alert as alerts
from services.domain import facts as known
from services.domain import restriction as restrictions
from services.domain.alert import Alert
from services.domain.event import CaseVersion, Recorded
from services.domain.events import KEPT_AS_FACTS
from services.domain.events.alert import AlertEvent
from services.domain.events.correction import EventVoided
from services.domain.events.restriction import RESTRICTION_TYPES
from services.domain.facts import Facts
from services.domain.restriction import Restriction
from services.domain.state import status
from services.domain.state.status import CaseStatus

NO_CASE = CaseVersion(0)  # the version of a case of which nothing has been recorded


_OF_ALERTS = get_args(AlertEvent)


class Link(Struct, frozen=True):
    """One recorded event, and the chain of those before it."""

    record: Recorded
    before: "Link | None"


class Case(Struct, frozen=True, kw_only=True):
    """One case as its events up to `version` tell it."""

    case_id: str
    version: CaseVersion = NO_CASE
    last: Link | None = None
    voided: frozenset[CaseVersion] = frozenset()
    alerts: dict[str, Alert] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    restriction: Restriction | None = None

    @property
    def status(self) -> CaseStatus:
        """The status that takes precedence among all that the facts call for."""
        return status.status(self.facts)


def fold(case: Case, record: Recorded) -> Case:
    """The case after one more event."""
    link = Link(record, case.last)
    if isinstance(record.event, EventVoided):
        return refold(case.case_id, reversed(list(walk(link))))
    if record.event.TYPE in KEPT_AS_FACTS:
        facts = known.tell(case.facts, known.of_record(record))
        return replace(case, version=record.caseversion, last=link, facts=facts)
    return _apply(replace(case, version=record.caseversion, last=link), record)


def refold(case_id: str, history: Iterable[Recorded]) -> Case:
    """The case that a whole history tells, in recording order, skipping what it voids itself."""
    records = list(history)
    case, told = Case(case_id=case_id, voided=voided(records)), []
    last: Link | None = None
    for record in records:
        last = Link(record, last)
        if record.caseversion in case.voided:
            continue
        if record.event.TYPE in KEPT_AS_FACTS:
            told.append(record)
        else:
            case = _apply(case, record)
    version = last.record.caseversion if last else NO_CASE
    return replace(case, version=version, last=last, facts=known.gather(told))


def voided(history: Iterable[Recorded]) -> frozenset[CaseVersion]:
    """The versions of the events that a history, in recording order, says were recorded in error.

    Only what is recorded already can be voided: another source may use the same id for a later event.
    """
    known: dict[str, CaseVersion] = {}
    found = set()
    for record in history:
        if isinstance(record.event, EventVoided) and record.event.target_event_id in known:
            found.add(known[record.event.target_event_id])
        known[record.id] = record.caseversion
    return frozenset(found)


def walk(link: Link | None) -> Iterator[Recorded]:
    """The recorded events of a chain, newest first."""
    while link is not None:
        yield link.record
        link = link.before


def _apply(case: Case, record: Recorded) -> Case:
    event = record.event
    if event.TYPE in RESTRICTION_TYPES:
        return replace(case, restriction=restrictions.fold(case.restriction, record))
    if not isinstance(event, _OF_ALERTS):
        return case  # praise, a voiding, or an event of the office that came here in error
    alert = alerts.fold(case.alerts.get(event.alert_id), record, event)
    return replace(case, alerts={**case.alerts, event.alert_id: alert}) if alert else case
