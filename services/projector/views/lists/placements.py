"""Placements: where, and with whom, a looked-after child lives or lived."""

from collections.abc import Iterator
from typing import ClassVar

from services.domain.events.placement import (
    PlacementCode,
    PlacementEnded,
    PlacementProvider,
    PlacementStarted,
    PlacementType,
)
from services.domain.state.care import PlacementState, period_of, placements, state_of_placement
from services.projector.views.lists.listed import Item, List, Told


class Placement(Item, frozen=True, kw_only=True):
    """One placement, and the looked-after period in which it began."""

    ID: ClassVar[str] = "placement_id"

    placement_id: str
    state: PlacementState
    period_id: str | None
    type: PlacementType | None
    code: PlacementCode | None
    provider: PlacementProvider | None
    in_area: bool | None
    permanent: bool | None
    reason: str | None
    end_reason: str | None


def view(told: Told) -> Iterator[Placement]:
    """Every placement, also one of which only the end is known."""
    for placement_id, span in placements(told.facts).items():
        began = told.one(PlacementStarted, placement_id)
        ended = told.one(PlacementEnded, placement_id)
        period = period_of(told.facts, span.first) if span.first else None
        yield Placement(
            case_id=told.case_id,
            placement_id=placement_id,
            state=state_of_placement(told.facts, span),
            began_on=span.first,
            over_on=span.over_on,
            period_id=period.object_id if period else None,
            type=began.type if began else None,
            code=began.code if began else None,
            provider=began.provider if began else None,
            in_area=began.in_area if began else None,
            permanent=began.permanent if began else None,
            reason=began.reason if began else None,
            end_reason=ended.reason if ended else None,
        )


LIST = List("placements", Placement, PlacementState, (PlacementStarted, PlacementEnded), view)
