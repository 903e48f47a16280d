"""Fold a case's history into a Case: what admission needs to know of it, and nothing else.

Facts arrive in any order, so a Case holds sets of objects, and what a reader asks of it (its status) is
worked out from all of them at once. A voided event is skipped by folding again without it; for that the
Case keeps its history as a chain, each link sharing all that came before.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from services.domain import alert as alerts
from services.domain.alert import Alert
from services.domain.event import CaseVersion, Recorded
from services.domain.events.alert import AlertEvent, GoodPracticeRecorded
from services.domain.events.contact import ContactReceived
from services.domain.events.correction import EventVoided
from services.domain.events.office import RungHolderAppointed, RungHolderStoodDown
from services.domain.events.plan import PlanKind, PlanMade
from services.domain.events.strategy import StrategyDecision, StrategyHeld

NO_CASE = CaseVersion(0)  # the version of a case of which nothing has been recorded


class CaseStatus(StrEnum):
    """Where a case stands; a later one in this list takes precedence (Ofsted's Annex A, list 6)."""

    UNKNOWN = "UNKNOWN"
    CONTACT_ONLY = "CONTACT_ONLY"
    S47_ENQUIRY = "S47_ENQUIRY"
    CIN_PLAN = "CIN_PLAN"
    CP_PLAN = "CP_PLAN"


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
    contacts: frozenset[str] = frozenset()
    strategies: dict[str, StrategyDecision] = field(default_factory=dict)
    plans: dict[str, PlanKind] = field(default_factory=dict)

    @property
    def status(self) -> CaseStatus:
        """The status that takes precedence among all that the facts call for."""
        called_for = {CaseStatus.UNKNOWN}
        if self.contacts:
            called_for.add(CaseStatus.CONTACT_ONLY)
        if any(decision is not StrategyDecision.NO_S47 for decision in self.strategies.values()):
            called_for.add(CaseStatus.S47_ENQUIRY)
        if PlanKind.CIN in self.plans.values():
            called_for.add(CaseStatus.CIN_PLAN)
        if PlanKind.CP in self.plans.values():
            called_for.add(CaseStatus.CP_PLAN)
        return max(called_for, key=list(CaseStatus).index)


def fold(case: Case, record: Recorded) -> Case:
    """The case after one more event."""
    link = Link(record, case.last)
    if isinstance(record.event, EventVoided):
        return refold(case.case_id, reversed(list(walk(link))))
    return _apply(replace(case, version=record.caseversion, last=link), record)


def refold(case_id: str, history: Iterable[Recorded]) -> Case:
    """The case that a whole history tells, in recording order, skipping what it voids itself."""
    records = list(history)
    case = Case(case_id=case_id, voided=voided(records))
    for record in records:
        case = replace(case, version=record.caseversion, last=Link(record, case.last))
        if record.caseversion not in case.voided:
            case = _apply(case, record)
    return case


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
    match event:
        case ContactReceived(contact_id=contact_id):
            return replace(case, contacts=case.contacts | {contact_id})
        case StrategyHeld(strategy_id=strategy_id, decision=decision):
            return replace(case, strategies={**case.strategies, strategy_id: decision})
        case PlanMade(plan_id=plan_id, plan_kind=kind):
            return replace(case, plans={**case.plans, plan_id: kind})
        case GoodPracticeRecorded() | EventVoided() | RungHolderAppointed() | RungHolderStoodDown():
            return case
        case _:
            return _apply_to_alert(case, record, event)


def _apply_to_alert(case: Case, record: Recorded, event: AlertEvent) -> Case:
    alert = alerts.fold(case.alerts.get(event.alert_id), record, event)
    return replace(case, alerts={**case.alerts, event.alert_id: alert}) if alert else case
