"""Case status: one row a case, with where it stands, whose it is, how much is known and what is open."""

from datetime import date, datetime

from msgspec import Struct

from services.domain import case as cases
from services.domain.state.allocation import allocations
from services.domain.state.families import family_of
from services.domain.state.status import CaseStatus
from services.projector.views.history import History, standing


class StatusRow(Struct, frozen=True, kw_only=True):
    """One case. `position` is that of its first event; its instants leave voided events out.

    `team` and `worker` are those to whom it was given last, on the London date `allocated_on`.
    """

    case_id: str
    position: int
    version: int
    status: CaseStatus
    opened_at: datetime | None
    last_event_at: datetime | None
    last_recorded_at: datetime
    last_position: int
    events: int
    voided_events: int
    alerts: int
    open_alerts: int
    team: str | None
    worker: str | None
    allocated_on: date | None
    family_id: str | None


def view(history: History) -> list[StatusRow]:
    """The case's one row."""
    first, last = history[0], history[-1]
    case = cases.refold(first.stream, history)
    times = [record.time for record in standing(history)]
    alerts = case.alerts.values()
    owner = next(reversed(allocations(case.facts)), None)
    return [
        StatusRow(
            case_id=first.stream,
            position=first.position,
            version=last.caseversion,
            status=case.status,
            opened_at=min(times, default=None),
            last_event_at=max(times, default=None),
            last_recorded_at=last.recordedat,
            last_position=last.position,
            events=len(history),
            voided_events=len(case.voided),
            alerts=len(alerts),
            open_alerts=sum(alert.is_open for alert in alerts),
            team=owner.team if owner else None,
            worker=owner.worker if owner else None,
            allocated_on=owner.since if owner else None,
            family_id=family_of(case.facts),
        )
    ]
