"""Timers of enquiries, conferences, child protection plans and child in need plans."""

from collections.abc import Iterator
from datetime import date

from services.domain.events.assessment import ChildSeen
from services.domain.events.conference import (
    AgencyReportReceived,
    ConferenceHeld,
    ConferenceKind,
    ConferenceScheduled,
)
from services.domain.events.enquiry import EnquiryOutcome, Section47Completed
from services.domain.events.plan import (
    CinReviewHeld,
    CoreGroupHeld,
    FamilyNetworkMeetingHeld,
    PlanKind,
    PlanMade,
    PlanRevised,
)
from services.domain.facts import Fact, Facts
from services.domain.state.conferences import is_initial, kind_of, lapsed_on, scheduled_days
from services.domain.state.enquiries import decided_on
from services.domain.state.plans import plans
from services.domain.state.span import Span, closed_after
from services.domain.timers.run import Run, before, chain, of, once

SOCIAL_CARE = "SOCIAL_CARE"


def runs(facts: Facts) -> Iterator[Run]:
    """Every run of a timer of this family."""
    yield from _initial_conferences(facts)
    for plan in plans(facts, PlanKind.CP).values():
        yield from _protection_plan(facts, plan)
    for plan in plans(facts, PlanKind.CIN).values():
        yield from _need_plan(facts, plan)
    for plan in plans(facts, PlanKind.CARE).values():
        if plan.first:
            revised = [each.on for each in facts.of(PlanRevised) if each.event.plan_id == plan.object_id]
            yield from chain(plan.object_id, plan.first, revised, of("D-CAREPLAN"), plan.over_on)
    yield from _reports(facts)


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


def _protection_plan(facts: Facts, plan: Span) -> Iterator[Run]:
    if plan.first is None:
        return
    about, first, over_on = plan.object_id, plan.first, plan.over_on
    reviews = [each.on for each in facts.of(ConferenceHeld) if not is_initial(facts, each)]
    yield from chain(about, first, reviews, of("D-RCPC-1", "D-RCPC"), over_on)
    yield from chain(about, first, _core_groups(facts, plan), of("D-CORE-1", "D-CORE"), over_on)
    for timer in ("D-CP-LENGTH", "D-CP-LONG-STAY"):
        yield once(timer, about, first, [over_on] if over_on else [])


def _need_plan(facts: Facts, plan: Span) -> Iterator[Run]:
    if plan.first is None:
        return
    about, first, over_on = plan.object_id, plan.first, plan.over_on
    yield from chain(about, first, _core_groups(facts, plan), of("D-CIN-CORE"), over_on)
    reviews = [each.on for each in facts.of(CinReviewHeld) if each.event.plan_id in {None, about}]
    yield from chain(about, first, reviews, of("D-CIN-REVIEW-1", "D-CIN-REVIEW"), over_on)
    seen = [each.on for each in facts.of(ChildSeen)]
    yield from chain(about, first, seen, of("D-CIN-VISIT"), over_on)
    met = [each.on for each in facts.of(FamilyNetworkMeetingHeld) if each.event.plan_id in {None, about}]
    yield once("D-FNM", about, first, met, over_on)


def _core_groups(facts: Facts, plan: Span) -> list[date]:
    return [each.on for each in facts.of(CoreGroupHeld) if each.event.plan_id in {None, plan.object_id}]


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
