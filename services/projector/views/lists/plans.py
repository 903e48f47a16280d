"""Plans: of which kind each is, in which category of abuse, and whether it is current."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from services.domain.events.plan import (
    AbuseCategory,
    PlanCategoryChanged,
    PlanEnded,
    PlanKind,
    PlanMade,
    PlanRevised,
    PlanStep,
)
from services.domain.state.plans import PlanState, plans, state_of_plan
from services.projector.views.lists.listed import Item, List, Told


class Plan(Item, frozen=True, kw_only=True):
    """One plan, from the day on which it was made. `category` is the latest one; `step` what came after."""

    ID: ClassVar[str] = "plan_id"

    plan_id: str
    state: PlanState
    kind: PlanKind | None
    category: AbuseCategory | None
    first_category: AbuseCategory | None
    previous_cp_count: int | None
    conference_id: str | None
    revised_on: date | None
    end_reason: str | None
    step: PlanStep | None


def view(told: Told) -> Iterator[Plan]:
    """Every plan, also one of which only the end is known."""
    for plan_id, span in plans(told.facts).items():
        made, ended = told.one(PlanMade, plan_id), told.one(PlanEnded, plan_id)
        changed = told.last(PlanCategoryChanged, plan_id=plan_id)
        revised = told.last(PlanRevised, plan_id=plan_id)
        yield Plan(
            case_id=told.case_id,
            plan_id=plan_id,
            state=state_of_plan(span),
            began_on=span.first,
            over_on=span.over_on,
            kind=made.plan_kind if made else None,
            category=changed.event.category if changed else made.category if made else None,
            first_category=made.category if made else None,
            previous_cp_count=made.previous_cp_count if made else None,
            conference_id=made.conference_id if made else None,
            revised_on=revised.on if revised else None,
            end_reason=ended.reason if ended else None,
            step=ended.step if ended else None,
        )


LIST = List("plans", Plan, PlanState, (PlanMade, PlanEnded), view)
