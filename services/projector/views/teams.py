"""Teams: whose a case was, as was known from one of its events to the next.

An allocation that is typed in late, or voided, changes what is known from then on, and not what a look before
it is judged by.
"""

from msgspec import Struct

from services.domain.case import voided
from services.domain.event import Recorded
from services.domain.events.correction import EventVoided
from services.domain.events.referral import CaseAllocated, CaseReallocated
from services.domain.facts import gather
from services.domain.state.allocation import allocations
from services.projector.views.history import History


class TeamRow(Struct, frozen=True, kw_only=True):
    """From the event at `position` on, the case was known to be `team`'s; null: nobody's."""

    case_id: str
    position: int
    team: str | None


def view(history: History) -> list[TeamRow]:
    """A row for each event after which it was another team's."""
    rows: list[TeamRow] = []
    told: list[Recorded] = []
    for record in history:
        if not isinstance(record.event, CaseAllocated | CaseReallocated | EventVoided):
            continue
        told.append(record)
        team = _team(told)
        if team != (rows[-1].team if rows else None):
            rows.append(TeamRow(case_id=record.stream, position=record.position, team=team))
    return rows


def _team(told: list[Recorded]) -> str | None:
    gone = voided(told)
    standing = [each for each in told if each.caseversion not in gone]
    found = allocations(gather([each for each in standing if not isinstance(each.event, EventVoided)]))
    return found[-1].team if found else None
