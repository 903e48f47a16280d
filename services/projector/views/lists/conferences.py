"""Child protection conferences: arranged for when, held when and by whom, and what each decided."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar

from services.domain.events.conference import (
    AgencyReportReceived,
    ConferenceDecision,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.state.conferences import (
    TOLD_BY,
    ConferenceState,
    conference_ids,
    kind_of,
    lapsed_on,
    state_of_conference,
)
from services.projector.views.lists.listed import Item, List, Told


class Conference(Item, frozen=True, kw_only=True):
    """One conference, from the day on which it was arranged until it was held, or lapsed.

    `moved` is how often it was put off or brought forward from `first_scheduled_for`; `reports_from` names
    the agencies that sent a report; `chair` is an account.
    """

    ID: ClassVar[str] = "conference_id"

    conference_id: str
    state: ConferenceState
    kind: ConferenceKind | None
    scheduled_for: datetime | None
    first_scheduled_for: datetime | None
    moved: int
    reports_from: list[str]
    held_on: date | None
    decision: ConferenceDecision | None
    chair: str | None
    agencies_present: tuple[str, ...]
    agencies_absent: tuple[str, ...]
    quorate: bool | None
    child_invited: bool | None
    child_attended: bool | None
    advocate: bool | None
    da_factor: bool | None


def view(told: Told) -> Iterator[Conference]:
    """Every conference that was arranged or held."""
    return (_conference(told, conference_id) for conference_id in conference_ids(told.facts))


def _conference(told: Told, conference_id: str) -> Conference:
    arranged = told.one(ConferenceScheduled, conference_id)
    moves = told.each(ConferenceRescheduled, conference_id=conference_id)
    reports = told.each(AgencyReportReceived, conference_id=conference_id)
    held, held_on = told.one(ConferenceHeld, conference_id), told.on(ConferenceHeld, conference_id)
    first = arranged.scheduled_for if arranged else None
    return Conference(
        case_id=told.case_id,
        conference_id=conference_id,
        state=state_of_conference(told.facts, conference_id),
        began_on=told.on(ConferenceScheduled, conference_id) or held_on,
        over_on=held_on or lapsed_on(told.facts, conference_id),
        kind=kind_of(told.facts, conference_id),
        scheduled_for=moves[-1].event.scheduled_for if moves else first,
        first_scheduled_for=first,
        moved=len(moves),
        reports_from=sorted({each.event.agency for each in reports}),
        held_on=held_on,
        decision=held.decision if held else None,
        chair=held.chair if held else None,
        agencies_present=held.agencies_present if held else (),
        agencies_absent=held.agencies_absent if held else (),
        quorate=held.quorate if held else None,
        child_invited=held.child_invited if held else None,
        child_attended=held.child_attended if held else None,
        advocate=held.advocate if held else None,
        da_factor=held.da_factor if held else None,
    )


LIST = List("conferences", Conference, ConferenceState, TOLD_BY, view)
