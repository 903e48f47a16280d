"""Timers of enquiries, conferences, child protection plans and child in need plans."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from services.domain.events.assessment import ChildSeen
from services.domain.events.conference import (
    AgencyReportReceived,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.events.enquiry import EnquiryOutcome, Section47Completed
from services.domain.events.plan import (
    CinReviewHeld,
    CoreGroupHeld,
    FamilyNetworkMeetingHeld,
    PlanEnded,
    PlanKind,
    PlanMade,
    PlanRevised,
)
from services.domain.events.referral import CaseClosed
from services.domain.events.strategy import StrategyHeld
from services.domain.facts import Fact, Facts
from services.domain.state.conferences import is_initial, kind_of, lapsed_on, scheduled_days
from services.domain.state.enquiries import decided_on
from services.domain.state.plans import plans
from services.domain.state.span import closed_after
from services.domain.timers.run import Run, Source, before, chain, of, once

SOCIAL_CARE = "SOCIAL_CARE"


def _initial_conferences(facts: Facts) -> Iterator[Run]:
    held = [each.on for each in facts.of(ConferenceHeld) if is_initial(facts, each)]
    unneeded = [each.on for each in facts.of(Section47Completed) if not _needs_conference(each)]
    for strategy in decided_on(facts):
        ends = [*(day for day in unneeded if day >= strategy.on), closed_after(facts, strategy)]
        ended_on = min((day for day in ends if day), default=None)
        yield once("D-ICPC", strategy.event.strategy_id, strategy.on, held, ended_on)


def _needs_conference(completed: Fact[Section47Completed]) -> bool:
    required = completed.event.icpc_required
    return (
        required if required is not None else completed.event.outcome is EnquiryOutcome.SUBSTANTIATED_ONGOING
    )


def _review_conferences(facts: Facts) -> Iterator[Run]:
    held = [each.on for each in facts.of(ConferenceHeld) if not is_initial(facts, each)]
    for plan_id, first, over_on in _lives(facts, PlanKind.CP):
        yield from chain(plan_id, first, held, of("D-RCPC-1", "D-RCPC"), over_on)


def _core_groups(facts: Facts) -> Iterator[Run]:
    held = facts.of(CoreGroupHeld)
    for plan_id, first, over_on in _lives(facts, PlanKind.CP):
        yield from chain(plan_id, first, _days(held, plan_id), of("D-CORE-1", "D-CORE"), over_on)
    for plan_id, first, over_on in _lives(facts, PlanKind.CIN):
        yield from chain(plan_id, first, _days(held, plan_id), of("D-CIN-CORE"), over_on)


def _lengths(facts: Facts) -> Iterator[Run]:
    for plan_id, first, over_on in _lives(facts, PlanKind.CP):
        for timer in ("D-CP-LENGTH", "D-CP-LONG-STAY"):
            yield once(timer, plan_id, first, [over_on] if over_on else [])


def _cin_reviews(facts: Facts) -> Iterator[Run]:
    held, reviews = facts.of(CinReviewHeld), of("D-CIN-REVIEW-1", "D-CIN-REVIEW")
    for plan_id, first, over_on in _lives(facts, PlanKind.CIN):
        yield from chain(plan_id, first, _days(held, plan_id), reviews, over_on)


def _cin_visits(facts: Facts) -> Iterator[Run]:
    seen = [each.on for each in facts.of(ChildSeen)]
    for plan_id, first, over_on in _lives(facts, PlanKind.CIN):
        yield from chain(plan_id, first, seen, of("D-CIN-VISIT"), over_on)


def _network_meetings(facts: Facts) -> Iterator[Run]:
    held = facts.of(FamilyNetworkMeetingHeld)
    for plan_id, first, over_on in _lives(facts, PlanKind.CIN):
        yield once("D-FNM", plan_id, first, _days(held, plan_id), over_on)


def _care_plans(facts: Facts) -> Iterator[Run]:
    revised = facts.of(PlanRevised)
    for plan_id, first, over_on in _lives(facts, PlanKind.CARE):
        yield from chain(plan_id, first, _days(revised, plan_id), of("D-CAREPLAN"), over_on)


def _lives(facts: Facts, kind: PlanKind) -> Iterator[tuple[str, date, date | None]]:
    """The plans of a kind that were made: which, when, and when they were over."""
    for plan in plans(facts, kind).values():
        if plan.first:
            yield plan.object_id, plan.first, plan.over_on


def _days(held: Iterable[Fact[Any]], plan_id: str) -> list[date]:
    """The days of what is of this plan, or says of none."""
    return [each.on for each in held if each.event.plan_id in {None, plan_id}]


def _reports(facts: Facts) -> Iterator[Run]:
    """One run a conference and agency: those that reported, and those that came or should have come."""
    scheduled = {each.event.conference_id for each in facts.of(ConferenceScheduled)}
    for conference_id in sorted(scheduled | {each.event.conference_id for each in facts.of(ConferenceHeld)}):
        held = facts.about(ConferenceHeld, conference_id)
        meeting = held.on if held else scheduled_days(facts, conference_id)[-1]
        kind = kind_of(facts, conference_id)
        over_on = held.on if held else lapsed_on(facts, conference_id)
        initial = is_initial(facts, held) if held else kind is not ConferenceKind.RCPC
        received: dict[str, list[date]] = {SOCIAL_CARE: []} if initial else {}
        for agency in (*held.event.agencies_present, *held.event.agencies_absent) if held else ():
            received.setdefault(agency, [])
        for report in facts.of(AgencyReportReceived):
            if report.event.conference_id == conference_id:
                received.setdefault(report.event.agency, []).append(report.on)
        for agency, days in sorted(received.items()):
            timer = "D-REPORT-ICPC" if initial else "D-REPORT-RCPC"
            timer = "D-REPORT-ICPC-SW" if initial and agency == SOCIAL_CARE else timer
            yield before(timer, f"{conference_id}/{agency}", meeting, days, over_on)


def made(facts: Facts, kind: PlanKind) -> list[date]:
    """The days on which plans of a kind were made."""
    return [each.on for each in facts.of(PlanMade) if each.event.plan_kind is kind]


_PLAN: Final = (PlanMade, PlanEnded, CaseClosed)
_CONFERENCE: Final = (ConferenceScheduled, ConferenceHeld)
SOURCES: Final = (
    Source(_initial_conferences, (*_CONFERENCE, StrategyHeld, Section47Completed, CaseClosed)),
    Source(_review_conferences, (*_PLAN, *_CONFERENCE)),
    Source(_core_groups, (*_PLAN, CoreGroupHeld)),
    Source(_lengths, _PLAN),
    Source(_cin_reviews, (*_PLAN, CinReviewHeld)),
    Source(_cin_visits, (*_PLAN, ChildSeen)),
    Source(_network_meetings, (*_PLAN, FamilyNetworkMeetingHeld)),
    Source(_care_plans, (*_PLAN, PlanRevised)),
    Source(_reports, (*_CONFERENCE, ConferenceRescheduled, AgencyReportReceived, CaseClosed)),
)
