"""Count what report 207 prints of child protection."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from services.cli.year import figures
from services.cli.year.counting import Figure, ever_recorded, figure, in_year, met, of, percent, sorted_like
from services.cli.year.days import FIRST, LAST
from services.domain import calendar
from services.domain.case import Case
from services.domain.deadlines import DeadlineState
from services.domain.events.child import AgeBand, ChildDetailsCorrected, ChildDetailsRecorded, Ethnicity, Sex
from services.domain.events.conference import ConferenceDecision, ConferenceHeld
from services.domain.events.enquiry import Section47Completed
from services.domain.events.plan import PlanKind, PlanMade
from services.domain.events.quality import CaseAuditCompleted
from services.domain.events.referral import ReferralAccepted
from services.domain.events.strategy import StrategyDecision, StrategyHeld
from services.domain.state.conferences import is_initial
from services.domain.state.plans import plans
from services.domain.state.span import Span

REPORT: Final = "207"
_REVIEWED: Final = frozenset({"RCPC_FIRST", "RCPC_LATER"})
_HALF_A_YEAR, _A_YEAR, _TWO_YEARS = 6, 12, 24


def count(cases: Sequence[Case]) -> list[Figure]:
    """Every figure of the report that the ledger can tell."""
    return [*_work(cases), *_plans(cases), *_tables(cases), *_audits(cases)]


def _work(cases: Sequence[Case]) -> list[Figure]:
    decided = [
        each for _, each in of(cases, StrategyHeld) if each.event.decision is not StrategyDecision.NO_S47
    ]
    required = [each for _, each in of(cases, Section47Completed) if each.event.icpc_required]
    held = of(cases, ConferenceHeld)
    meetings = {each.event.conference_id for _, each in held}
    abuse = {each.event.conference_id for _, each in held if each.event.da_factor}
    without = [
        each
        for case, each in held
        if is_initial(case.facts, each) and each.event.decision is not ConferenceDecision.CP_PLAN
    ]
    return [
        figure(REPORT, "referrals", len(of(cases, ReferralAccepted)), figures.REFERRALS),
        figure(REPORT, "strategy discussions that decided on an enquiry", len(decided), figures.ENQUIRIES),
        figure(REPORT, "initial conferences requested", len(required), figures.CONFERENCE_REQUESTS),
        figure(REPORT, "conferences", len(meetings), figures.CONFERENCES),
        figure(REPORT, "with domestic abuse", len(abuse), figures.CONFERENCES_WITH_DOMESTIC_ABUSE),
        figure(REPORT, "initial ones without a plan", len(without), figures.CONFERENCES_WITHOUT_PLAN),
    ]


def _on_plans(cases: Sequence[Case]) -> list[tuple[Case, Span]]:
    """The plans that were in force on any day of the year."""
    return [
        (case, span)
        for case in cases
        for span in plans(case.facts, PlanKind.CP).values()
        if span.first and span.first <= LAST and (span.over_on is None or span.over_on >= FIRST)
    ]


def _plans(cases: Sequence[Case]) -> list[Figure]:
    found = _on_plans(cases)
    families = {case.facts.of(ChildDetailsRecorded)[0].event.family_id for case, _ in found}
    lengths = [
        (span.first, span.over_on)
        for _, span in found
        if span.first and span.over_on and in_year(span.over_on)
    ]
    middling = sum(_lasted(*each, _HALF_A_YEAR) and not _lasted(*each, _A_YEAR) for each in lengths)
    ended = [
        (first, last or LAST) for first, last in ((span.first, span.over_on) for _, span in found) if first
    ]
    made = [each.event for case, _ in found for each in case.facts.of(PlanMade)]
    made = [each for each in made if each.plan_kind is PlanKind.CP]
    categories = Counter(each.category for each in made if each.category)
    reviewed = met(cases, _REVIEWED)
    in_time = percent(reviewed[DeadlineState.MET], reviewed.total())
    return [
        figure(
            REPORT, "children on plans", len({case.case_id for case, _ in found}), figures.CHILDREN_ON_PLANS
        ),
        figure(REPORT, "families on plans", len(families), figures.FAMILIES_ON_PLANS),
        figure(
            REPORT,
            "on plans at the end",
            sum(span.is_open for _, span in found),
            figures.ON_PLANS_AT_YEAR_END,
        ),
        figure(REPORT, "categories", sorted_like(categories, figures.CATEGORIES), figures.CATEGORIES),
        figure(REPORT, "reviews in time, percent", in_time, 100),
        figure(
            REPORT,
            "ended after 6 to 12 months, percent",
            percent(middling, len(lengths)),
            figures.ENDED_IN_6_TO_12_MONTHS,
        ),
        figure(REPORT, "longer than two years", sum(_lasted(*each, _TWO_YEARS) for each in ended), 0),
        figure(REPORT, "repeat plans", sum(bool(each.previous_cp_count) for each in made), 0),
    ]


def _lasted(first: date, last: date, months: int) -> bool:
    return last >= calendar.add_months(first, months)


def _tables(cases: Sequence[Case]) -> list[Figure]:
    """By age, ethnicity and sex: entries in the list of plans, those that were voided among them."""
    ages: Counter[AgeBand] = Counter()
    ethnicities: Counter[Ethnicity] = Counter()
    sexes: Counter[Sex] = Counter()
    for case, _ in _on_plans(cases):
        entries = sum(made.plan_kind is PlanKind.CP for made in ever_recorded(case, PlanMade))
        details = case.facts.of(ChildDetailsRecorded)[0].event
        if details.age_band and details.ethnicity:
            ages[details.age_band] += entries
            ethnicities[details.ethnicity] += entries
        if details.sex is not Sex.UNKNOWN and details.sex and not case.facts.has(ChildDetailsCorrected):
            sexes[details.sex] += entries
    return [
        figure(REPORT, "ages, of 43 entries", sorted_like(ages, figures.AGES), figures.AGES),
        figure(
            REPORT,
            "ethnicity, of 43 entries",
            sorted_like(ethnicities, figures.ETHNICITIES),
            figures.ETHNICITIES,
        ),
        figure(REPORT, "sex, of 42 entries", sorted_like(sexes, figures.SEXES), figures.SEXES),
    ]


def _audits(cases: Sequence[Case]) -> list[Figure]:
    audited = Counter(each.on.month for _, each in of(cases, CaseAuditCompleted))
    scarce = sum(times == 1 for times in audited.values())
    return [figure(REPORT, "months with only one audit", scarce, figures.CASE_AUDITS.count(1))]
