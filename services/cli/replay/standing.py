"""Where a case stands at a moment: its status, its alerts and its deadlines, as a history tells them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from services.domain import case as cases
from services.domain import office as offices
from services.domain.calendar import Calendar, england_and_wales, with_closure_days
from services.domain.deadlines import Deadline, deadlines
from services.domain.event import Recorded
from services.domain.office import Office
from services.domain.state.status import CaseStatus
from services.projector.views import alerts
from services.projector.views.alerts import AlertRow

OF_THE_LADDER: Final = frozenset({"R", "CAP"})
"""Timers of alerts, which tell of themselves."""


class Standing(Struct, frozen=True, kw_only=True):
    """What an auditor asks of a case at `moment`; alerts by their ids, deadlines by theirs."""

    moment: datetime
    status: CaseStatus | None
    alerts: dict[str, AlertRow]
    deadlines: dict[str, Deadline]


class OfficeDays:
    """The calendar of each moment of recording: the closure days that the office had set by then."""

    def __init__(self, office: Iterable[Recorded]) -> None:
        self._settings: list[tuple[datetime, Calendar]] = []
        folded = Office()
        for record in office:
            folded = offices.fold(folded, record)
            days = with_closure_days(england_and_wales(), folded.closure_days)
            self._settings.append((record.recordedat, days))

    def at(self, moment: datetime) -> Calendar:
        """The calendar of a moment."""
        set_by_then = (days for since, days in reversed(self._settings) if since <= moment)
        return next(set_by_then, england_and_wales())


def stand(history: Sequence[Recorded], moment: datetime, days: Calendar) -> Standing:
    """Where a case stands at `moment`, counted in these days; of no history it has no status."""
    if not history:
        return Standing(moment=moment, status=None, alerts={}, deadlines={})
    case = cases.refold(history[0].stream, history)
    found = deadlines(case, moment, days)
    return Standing(
        moment=moment,
        status=case.status,
        alerts={row.alert_id: row for row in alerts.view(history)},
        deadlines={each.deadline_id: each for each in found if each.timer not in OF_THE_LADDER},
    )
