"""Private fostering arrangements: since when the authority knows, who cares, and how often it visited."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from services.domain.events.private_fostering import (
    CarerRelation,
    PrivateFosteringAssessed,
    PrivateFosteringEnded,
    PrivateFosteringNotified,
    PrivateFosteringVisitMade,
)
from services.domain.state.care import ArrangementState, arrangements, state_of_arrangement
from services.projector.views.lists.listed import Item, List, Told


class Arrangement(Item, frozen=True, kw_only=True):
    """One arrangement, from the day on which the authority was told. `starts_on` is when the child moves in.

    `suitable` is what the latest assessment found.
    """

    ID: ClassVar[str] = "arrangement_id"

    arrangement_id: str
    state: ArrangementState
    starts_on: date | None
    intended_days: int | None
    carer_relation: CarerRelation | None
    visits: int
    last_visit_on: date | None
    assessed_on: date | None
    suitable: bool | None
    end_reason: str | None


def view(told: Told) -> Iterator[Arrangement]:
    """Every arrangement, also one of which only the end is known."""
    for arrangement_id, span in arrangements(told.facts).items():
        notified = told.one(PrivateFosteringNotified, arrangement_id)
        ended = told.one(PrivateFosteringEnded, arrangement_id)
        visits = told.each(PrivateFosteringVisitMade, arrangement_id=arrangement_id)
        assessed = told.last(PrivateFosteringAssessed, arrangement_id=arrangement_id)
        yield Arrangement(
            case_id=told.case_id,
            arrangement_id=arrangement_id,
            state=state_of_arrangement(told.facts, span),
            began_on=span.first,
            over_on=span.over_on,
            starts_on=notified.starts_on if notified else None,
            intended_days=notified.intended_days if notified else None,
            carer_relation=notified.carer_relation if notified else None,
            visits=len(visits),
            last_visit_on=visits[-1].on if visits else None,
            assessed_on=assessed.on if assessed else None,
            suitable=assessed.event.suitable if assessed else None,
            end_reason=ended.reason if ended else None,
        )


LIST = List(
    "arrangements", Arrangement, ArrangementState, (PrivateFosteringNotified, PrivateFosteringEnded), view
)
