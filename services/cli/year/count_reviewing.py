"""Count what report 206 prints of looked-after children, their reviews, and practice alerts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from services.cli.year import figures
from services.cli.year.counting import Figure, figure, in_year, is_met_in_year, met, of, records, sorted_like
from services.cli.year.days import CLOSE, DAYS, FIRST, LAST
from services.cli.year.people import IRO
from services.domain import calendar
from services.domain.alert import AlertState
from services.domain.case import Case
from services.domain.deadlines import DeadlineState, deadlines
from services.domain.events.alert import Rung
from services.domain.events.care_planning import AdvocateAccepted
from services.domain.events.looked_after import (
    ChildBecameLookedAfter,
    ChildCeasedLookedAfter,
    LegalStatus,
    LegalStatusChanged,
)
from services.domain.events.plan import SupervisionOrderReviewHeld
from services.domain.events.review import (
    Recipient,
    ReviewMeetingHeld,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.facts import Fact
from services.domain.state.care import periods

REPORT: Final = "206"
_OF_CARE: Final = frozenset({"CLA_REVIEW_FIRST_20_WD", "CLA_REVIEW_SECOND", "CLA_REVIEW_LATER"})
_OF_ORDERS: Final = frozenset({"SO_REVIEW_FIRST", "SO_REVIEW_SECOND", "SO_REVIEW_LATER"})
_IN_TIME: Final = 10  # working days
_MONTHS: Final = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)


class Review(Struct, frozen=True):
    """One review of the year, of a looked-after child or of an order."""

    case: Case
    held_on: date
    chairs: frozenset[tuple[str | None, str | None]]
    """Each account and role under which it was recorded; a second account is a clerk's."""

    @property
    def by_an_officer(self) -> bool:
        """Whether a reviewing officer chaired it: the monthly table counts these."""
        return any(role == IRO.role for _, role in self.chairs)


def count(cases: Sequence[Case]) -> list[Figure]:
    """Every figure of the report that the ledger can tell."""
    return [*_children(cases), *_reviews(cases), *_by_month(cases), *_alerts(cases)]


def _children(cases: Sequence[Case]) -> list[Figure]:
    went = Counter(each.event.destination for _, each in of(cases, ChildCeasedLookedAfter))
    destinations = {to: number for to, number in went.items() if to}
    stay = [case for case in cases if any(span.is_open for span in periods(case.facts).values())]
    placement_orders = sum(_legal_status(case) is LegalStatus.PO for case in stay)
    advocates = {case.case_id for case, _ in of(cases, AdvocateAccepted)}
    came = len(of(cases, ChildBecameLookedAfter))
    return [
        figure(REPORT, "newly accommodated", came, figures.NEWLY_ACCOMMODATED),
        figure(REPORT, "looked after at the end", len(stay), figures.LOOKED_AFTER_AT_YEAR_END),
        figure(REPORT, "left care", went.total(), sum(figures.DESTINATIONS.values())),
        figure(REPORT, "to where", sorted_like(destinations, figures.DESTINATIONS), figures.DESTINATIONS),
        figure(REPORT, "awaiting adoption", placement_orders, figures.AWAITING_ADOPTION),
        figure(REPORT, "children with an advocate", len(advocates), figures.ADVOCACY),
    ]


def _legal_status(case: Case) -> LegalStatus | None:
    changed = [each.event.to for each in case.facts.of(LegalStatusChanged)]
    begun = [each.event.legal_status for each in case.facts.of(ChildBecameLookedAfter)]
    return (begun + changed)[-1]


def _of_year(cases: Sequence[Case]) -> Iterator[Review]:
    for case in cases:
        accounts: dict[tuple[str, date], set[tuple[str | None, str | None]]] = {}
        for kind in (ReviewMeetingHeld, SupervisionOrderReviewHeld):
            for record in records(case, kind):
                on = calendar.london_date(record.time)
                if in_year(on):
                    accounts.setdefault((kind.TYPE, on), set()).add((record.author, record.actorrole))
        yield from (Review(case, on, frozenset(chairs)) for (_, on), chairs in accounts.items())


def _reviews(cases: Sequence[Case]) -> list[Figure]:
    in_time = met(cases, _OF_CARE)[DeadlineState.MET]
    sent = of(cases, ReviewRecommendationsDistributed)
    sent = [each for each in sent if _reviewed_on(*each) >= FIRST]
    soon = [each for each in sent if each[1].on <= _limit(_reviewed_on(*each))]
    own = [each for each in _of_year(cases) if any(actor == IRO.actor for actor, _ in each.chairs)]
    late = sum(_is_late(each) for each in own)
    orders = len(of(cases, SupervisionOrderReviewHeld))
    return [
        figure(
            REPORT, "reviews of looked-after children", len(of(cases, ReviewMeetingHeld)), figures.REVIEWS
        ),
        figure(REPORT, "in time", in_time, figures.REVIEWS_IN_TIME),
        figure(REPORT, "reviews of supervision orders", orders, figures.SUPERVISION_ORDER_REVIEWS),
        figure(REPORT, "recommendations distributed", len(sent), figures.DISTRIBUTIONS),
        figure(REPORT, "within ten working days", len(soon), figures.DISTRIBUTIONS_IN_TIME),
        figure(REPORT, "chaired by the reviewing officer", len(own), figures.CHAIRED_BY_IRO),
        figure(REPORT, "of these out of timescale", late, figures.CHAIRED_BY_IRO_LATE),
    ]


def _limit(held_on: date) -> date:
    return calendar.add_working_days(held_on, _IN_TIME, DAYS)


def _reviewed_on(case: Case, sent: Fact[ReviewRecommendationsDistributed]) -> date:
    """When the review was held that recommendations are of: the review of an order before they were sent."""
    if held := case.facts.about(ReviewMeetingHeld, sent.event.review_id):
        return held.on
    return max(each.on for each in case.facts.of(SupervisionOrderReviewHeld) if each.on <= sent.on)


def _held_on(case: Case, report: Fact[ReviewReportReceived]) -> date:
    """When the review was held that a report is for: the review of an order that is nearest."""
    if held := case.facts.about(ReviewMeetingHeld, report.event.review_id):
        return held.on
    days = [each.on for each in case.facts.of(SupervisionOrderReviewHeld)]
    return min(days, key=lambda on: abs((on - report.on).days))


def _is_late(review: Review) -> bool:
    states = {
        each.state
        for each in deadlines(review.case, CLOSE, DAYS)
        if each.rule in _OF_CARE | _OF_ORDERS and is_met_in_year(each) and each.met_on == review.held_on
    }
    return DeadlineState.MET_LATE in states


def _by_month(cases: Sequence[Case]) -> list[Figure]:
    """The monthly table: the reviews that a reviewing officer chaired, and when their reports came."""
    table = [each for each in _of_year(cases) if each.by_an_officer]
    held = Counter(each.held_on.month for each in table)
    counted = {(each.case.case_id, each.held_on) for each in table}
    days: dict[int, Counter[int]] = {month: Counter() for month in _MONTHS}
    for case in cases:
        for report in case.facts.of(ReviewReportReceived):
            if report.event.recipient is Recipient.IRO:
                on = _held_on(case, report)
                if (case.case_id, on) in counted:
                    days[on.month][(on - report.on).days] += 1
    found = [figure(REPORT, "reviews by month", [held[month] for month in _MONTHS], figures.REVIEWS_BY_MONTH)]
    for month, printed in zip(_MONTHS, figures.REPORTS_BY_MONTH, strict=True):
        name = f"reports so many days before, {date(LAST.year, month, 1):%B}"
        found.append(figure(REPORT, name, dict(sorted(days[month].items())), dict(sorted(printed.items()))))
    return found


def _alerts(cases: Sequence[Case]) -> list[Figure]:
    """The report prints no count: only that some were repeats, and none was open or went higher."""
    alerts = [alert for case in cases for alert in case.alerts.values()]
    high = (Rung.DIRECTOR_OF_CHILDRENS_SERVICES, Rung.LSCB_CHAIR)
    repeated = sum(alert.repeat_of is not None for alert in alerts)
    still = sum(alert.state is not AlertState.RESOLVED for alert in alerts)
    return [
        figure(REPORT, "practice alerts (not printed)", len(alerts), figures.ALERTS),
        figure(REPORT, "repeats (not printed)", repeated, figures.ALERTS_REPEATED),
        figure(REPORT, "alerts not resolved", still, 0),
        figure(REPORT, "beyond the Head of Service", sum(alert.rung in high for alert in alerts), 0),
    ]
