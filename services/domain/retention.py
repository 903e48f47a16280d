"""Say from when on a case may be erased, and by which rule: from dates and codes alone, and never too early.

Nothing here reads what is sealed. Of several rules the one that keeps longest counts; what is not known
keeps a case, and says what is missing. A legal hold is another matter: it stops an erasure that is due.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, get_args

from msgspec import Struct

from services.domain import birth, calendar
from services.domain.case import Case
from services.domain.events.allegation import LadoReferralReceived
from services.domain.events.assessment import AssessmentStarted
from services.domain.events.child import ChildDied
from services.domain.events.conference import ConferenceEvent
from services.domain.events.contact import ContactReceived
from services.domain.events.early_help import EarlyHelpEvent
from services.domain.events.enquiry import EnquiryEvent
from services.domain.events.forgetting import (
    ErasureDecided,
    ForgettingEvent,
    LegalHoldLifted,
    LegalHoldPlaced,
    RetentionRule,
)
from services.domain.events.looked_after import CeasedReason, ChildBecameLookedAfter, ChildCeasedLookedAfter
from services.domain.events.plan import PlanKind
from services.domain.events.private_fostering import PrivateFosteringNotified
from services.domain.events.referral import CaseClosed, ClosureReason, ReferralAccepted
from services.domain.events.strategy import StrategyEvent
from services.domain.facts import Facts
from services.domain.office import Office
from services.domain.retention_rules import ALL_RETENTIONS, COUNTED_BY_RULE, VERSION, Counted, Retention
from services.domain.state import allegations, status
from services.domain.state.care import ArrangementState, arrangements, state_of_arrangement
from services.domain.state.plans import plans
from services.domain.state.span import between
from services.domain.state.status import CaseStatus
from services.domain.timers.care import birth_month
from services.domain.timescale import Basis

POLICY: Final = "RETENTION"  # the policy by which an authority keeps longer or shorter than the table says
OF_AGE: Final = 18
MONTHS_A_YEAR: Final = 12
_NOT_GOING_ON: Final = {CaseStatus.CLOSED, CaseStatus.CONTACT_ONLY, CaseStatus.UNKNOWN}
_ADOPTED: Final = {CeasedReason.ADOPTED_UNOPPOSED, CeasedReason.ADOPTED_CONSENT_DISPENSED}
_OWN: Final = frozenset(event.TYPE for event in get_args(ForgettingEvent))
_PROTECTION: Final = (*get_args(StrategyEvent), *get_args(EnquiryEvent), *get_args(ConferenceEvent))


class KeptReason(StrEnum):
    """Why nothing says from when on a case may be erased."""

    GOING_ON = "GOING_ON"
    """It is not closed, or an alert or a private fostering arrangement is open."""
    BIRTH_UNKNOWN = "BIRTH_UNKNOWN"
    """It is kept by the child's age, and the month of birth is not recorded."""
    ERASED = "ERASED"
    """Its erasure was decided."""


class Kept(Struct, frozen=True):
    """It is kept, and until when cannot be said."""

    reason: KeptReason


class Claim(Struct, frozen=True):
    """One rule keeps a case, counting from a day; without the day it keeps the case for good."""

    rule: RetentionRule
    start: date | None


class Due(Struct, frozen=True, kw_only=True):
    """From the London date `on` on, a case may be erased: by the rule that keeps it longest."""

    on: date
    rule: RetentionRule
    years: int
    counted: Counted
    start: date
    basis: Basis
    policy_version: str


def due_on(case: Case, office: Office, asked: date) -> Due | Kept:
    """From when on a case may be erased, by the rules in force on the London date `asked`."""
    found = claims(case)
    return found if isinstance(found, Kept) else due(found, office, asked)


def due(found: Sequence[Claim], office: Office, asked: date) -> Due | Kept:
    """The latest day on which one of some claims ends."""
    ends = [_end(claim, office, asked) for claim in found]
    if not all(ends):
        return Kept(KeptReason.BIRTH_UNKNOWN)
    return max((end for end in ends if end), key=lambda end: (end.on, end.rule))


def claims(case: Case) -> tuple[Claim, ...] | Kept:
    """Every rule that keeps a case, with the day it counts from: no clock and no policy is asked."""
    if case.facts.has(ErasureDecided):
        return Kept(KeptReason.ERASED)
    if _goes_on(case):
        return Kept(KeptReason.GOING_ON)
    return tuple(Claim(rule, _start(rule, case)) for rule in _rules(case.facts))


def earliest(office: Office, by: date) -> list[tuple[RetentionRule, date]]:
    """For each rule, the latest day from which its years can have passed by a day, under any policy of it."""
    own = [term for policy in office.policies for term in policy.retention]
    found = []
    for rule in RetentionRule:
        years = [each.years for each in ALL_RETENTIONS if each.rule is rule]
        years += [term.years for term in own if term.rule is rule]
        found.append((rule, calendar.add_months(by, -min(years) * MONTHS_A_YEAR)))
    return found


def held_by(facts: Facts) -> list[str]:
    """The legal holds that nobody has lifted: nothing is erased while there is one."""
    holds = between(facts, LegalHoldPlaced, LegalHoldLifted)
    return [hold_id for hold_id, span in holds.items() if span.is_open]


def _goes_on(case: Case) -> bool:
    facts = case.facts
    fostered = arrangements(facts).values()
    return (
        status.status(facts) not in _NOT_GOING_ON
        or any(alert.is_open for alert in case.alerts.values())
        or any(state_of_arrangement(facts, each) is not ArrangementState.ENDED for each in fostered)
    )


def _rules(facts: Facts) -> Iterator[RetentionRule]:
    found = list(_by_what_was_done(facts))
    if not found and facts.has(ContactReceived):
        found = [RetentionRule.CONTACT_ONLY]
    yield from found or [RetentionRule.OTHER]


def _by_what_was_done(facts: Facts) -> Iterator[RetentionRule]:
    if allegations.is_allegation(facts):
        yield RetentionRule.ALLEGATION
        yield RetentionRule.ALLEGATION_PENSION_AGE
    if _adopted_on(facts):
        yield RetentionRule.ADOPTION
    if facts.has(ChildBecameLookedAfter, ChildCeasedLookedAfter):
        died = _died_young_on(facts)
        yield RetentionRule.LOOKED_AFTER_DIED if died else RetentionRule.LOOKED_AFTER
    if facts.has(*_PROTECTION) or plans(facts, PlanKind.CP):
        yield RetentionRule.CHILD_PROTECTION
    if facts.has(ReferralAccepted, AssessmentStarted) or plans(facts, PlanKind.CIN):
        yield RetentionRule.CHILD_IN_NEED
    if facts.has(PrivateFosteringNotified):
        yield RetentionRule.PRIVATE_FOSTERING
    if facts.has(*get_args(EarlyHelpEvent)):
        yield RetentionRule.EARLY_HELP


def _start(rule: RetentionRule, case: Case) -> date | None:
    facts = case.facts
    match COUNTED_BY_RULE[rule]:
        case Counted.BIRTH:
            return _end_of_birth_month(facts)
        case Counted.DEATH:
            return _died_young_on(facts)
        case Counted.ORDER:
            return _adopted_on(facts)
        case Counted.REFERRAL:
            received = [each.on for each in facts.of(LadoReferralReceived)]
            return max(received, default=_last_day(case))
        case Counted.LAST:
            return _last_day(case)


def _end_of_birth_month(facts: Facts) -> date | None:
    """The latest day on which the child can have been born."""
    born = birth_month(facts)
    return birth.last_birthday(born, 0) if born else None


def _died_young_on(facts: Facts) -> date | None:
    """When the child died, if that was surely before 18: while looked after, or by the month of birth."""
    told = facts.of(ChildDied)
    in_care = [each.on for each in facts.of(ChildCeasedLookedAfter) if each.event.reason is CeasedReason.DIED]
    if in_care:
        return told[-1].on if told else in_care[-1]
    born = birth_month(facts)
    if not told or not born:
        return None
    return told[-1].on if told[-1].on < birth.first_birthday(born, OF_AGE) else None


def _adopted_on(facts: Facts) -> date | None:
    """The day of the adoption order: that on which care ended by it, or else the case was closed for it."""
    ended = [each.on for each in facts.of(ChildCeasedLookedAfter) if each.event.reason in _ADOPTED]
    closed = [each.on for each in facts.of(CaseClosed) if each.event.reason is ClosureReason.ADOPTED]
    return max(ended or closed, default=None)


def _last_day(case: Case) -> date | None:
    """The London date of the last that happened, but for what belongs to forgetting itself."""
    days = [told.in_order[-1].on for name, told in case.facts.by_type.items() if name not in _OWN]
    days += [calendar.london_date(alert.closed_at) for alert in case.alerts.values() if alert.closed_at]
    return max(days, default=None)


def _end(claim: Claim, office: Office, asked: date) -> Due | None:
    """The first day after the years of a claim; `None` if nobody knows from when they count."""
    if claim.start is None:
        return None
    rule = rule_for(claim, asked)
    years, version = _years(rule, office, asked)
    last = calendar.add_months(claim.start, years * MONTHS_A_YEAR)
    return Due(
        on=last + timedelta(days=1),
        rule=claim.rule,
        years=years,
        counted=rule.counted,
        start=claim.start,
        basis=rule.basis,
        policy_version=version,
    )


def rule_for(claim: Claim, asked: date) -> Retention:
    """The version of a rule by which a claim is kept."""
    start = claim.start or asked
    return next(each for each in ALL_RETENTIONS if each.rule is claim.rule and each.holds(asked, start))


def _years(rule: Retention, office: Office, asked: date) -> tuple[int, str]:
    """How many years, and by which version: what the authority adopted, though never shorter than the law."""
    adopted = office.policy(POLICY, asked)
    own = [term.years for term in adopted.retention if term.rule is rule.rule] if adopted else []
    if not adopted or not own or (rule.basis is Basis.STATUTE and own[-1] < rule.years):
        return rule.years, VERSION
    return own[-1], adopted.version
