"""Plans: each from the day on which it was made until it ended."""

from enum import StrEnum

from services.domain.events.plan import PlanEnded, PlanKind, PlanMade
from services.domain.facts import Facts
from services.domain.state.span import Span, between, stage


class PlanState(StrEnum):
    """Where a plan stands. One that nobody ended ends when its case is closed."""

    CURRENT = "CURRENT"
    ENDED = "ENDED"
    CLOSED_WITH_CASE = "CLOSED_WITH_CASE"


def plans(facts: Facts, *kinds: PlanKind) -> dict[str, Span]:
    """Every plan of these kinds, or of any, by its id; one of which only the end is known has no kind."""
    found = between(facts, PlanMade, PlanEnded, in_the_case=True)
    if not kinds:
        return found
    made = {each.object_id: each.event.plan_kind for each in facts.of(PlanMade)}
    return {plan_id: span for plan_id, span in found.items() if made.get(plan_id) in kinds}


def state_of_plan(plan: Span) -> PlanState:
    """Where a plan stands."""
    return stage(plan, PlanState.CURRENT, PlanState.ENDED, PlanState.CLOSED_WITH_CASE)
