"""Looked-after periods: under what law, for what reasons, under which officer, and how each ended."""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

from services.domain.events.looked_after import (
    CareReason,
    CeasedReason,
    ChildBecameLookedAfter,
    ChildCeasedLookedAfter,
    Destination,
    IroAppointed,
    IroChanged,
    LegalStatus,
    LegalStatusChanged,
)
from services.domain.events.referral import PrimaryNeed
from services.domain.facts import Fact
from services.domain.state.care import PeriodState, periods, state_of_period
from services.domain.state.span import Span
from services.projector.views.lists.listed import Item, List, Told


class Period(Item, frozen=True, kw_only=True):
    """One period. `legal_status` and `iro`, an account, are the latest, each since a day."""

    ID: ClassVar[str] = "period_id"

    period_id: str
    state: PeriodState
    legal_status: LegalStatus | None
    legal_status_since: date | None
    need_code: PrimaryNeed | None
    reasons: tuple[CareReason, ...]
    iro: str | None
    iro_since: date | None
    ceased_reason: CeasedReason | None
    destination: Destination | None


def view(told: Told) -> Iterator[Period]:
    """Every period, also one of which only the end is known."""
    for period_id, span in periods(told.facts).items():
        began = told.one(ChildBecameLookedAfter, period_id)
        ceased = told.one(ChildCeasedLookedAfter, period_id)
        changed = _last(told.each(LegalStatusChanged), span)
        officer = _last(told.each(IroAppointed) + told.each(IroChanged), span)
        first_status = began.legal_status if began else None
        yield Period(
            case_id=told.case_id,
            period_id=period_id,
            state=state_of_period(span),
            began_on=span.first,
            over_on=span.over_on,
            legal_status=changed.event.to if changed else first_status,
            legal_status_since=changed.on if changed else span.first if first_status else None,
            need_code=began.need_code if began else None,
            reasons=began.reasons if began else (),
            iro=officer.event.iro if officer else None,
            iro_since=officer.on if officer else None,
            ceased_reason=ceased.reason if ceased else None,
            destination=ceased.destination if ceased else None,
        )


def _last(facts: list[Fact[Any]], period: Span) -> Fact[Any] | None:
    """What happened last of those that name the period, or name none and are of a day within it."""
    own = [each for each in facts if _is_of(each, period)]
    return max(own, key=lambda each: (each.on, each.told), default=None)


def _is_of(fact: Fact[Any], period: Span) -> bool:
    named: str | None = fact.event.period_id
    return named == period.object_id if named else period.holds_on(fact.on)


LIST = List("periods", Period, PeriodState, (ChildBecameLookedAfter, ChildCeasedLookedAfter), view)
