"""Private fostering: three arrangements; the reports print no number."""

from datetime import date, timedelta
from typing import Final

from services.cli.year.days import LAST, at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.people import Nursery
from services.domain.events.child import AgeBand
from services.domain.events.private_fostering import (
    CarerRelation,
    PrivateFosteringAssessed,
    PrivateFosteringEnded,
    PrivateFosteringNotified,
    PrivateFosteringVisitMade,
)

_NOTIFIED: Final = (0.6, 4.3, 7.2)
_ENDED: Final = (None, 9.1, None)
_RELATIONS: Final = (CarerRelation.FRIENDS_PARENT, CarerRelation.HOST_FAMILY, CarerRelation.EXTENDED_FAMILY)


def private_fostering(diary: Diary, nursery: Nursery) -> None:
    """Told, visited within a week or so, assessed, and visited every six weeks."""
    dice = Dice(diary.seed, "fostering")
    for nth, relation in enumerate(_RELATIONS):
        notified, ended = working(month(_NOTIFIED[nth])), _ENDED[nth]
        until = working(month(ended)) if ended else LAST
        child = nursery.child(notified, age_band=AgeBand.FROM_10_TO_15)
        arrangement = child.object_id("arrangement")
        told = PrivateFosteringNotified(
            arrangement_id=arrangement,
            starts_on=notified - timedelta(days=9),
            intended_days=dice.between(40, 300),
            child_dob=child.born,
            disabled=False,
            carer_relation=relation,
        )
        diary.note(child.case, child.details(), at(notified, 9), child.worker)
        diary.note(child.case, told, at(notified, 10), child.worker)
        day = later(notified, 9 if nth == 1 else 3)
        assessed = PrivateFosteringAssessed(arrangement_id=arrangement, suitable=True)
        diary.note(child.case, assessed, at(later(day, 20), 15), child.manager)
        for on in _visits(dice, day, until):
            visited = PrivateFosteringVisitMade(arrangement_id=arrangement, child_seen_alone=True)
            diary.note(child.case, visited, at(on, 16), child.worker)
        if ended:
            over = PrivateFosteringEnded(arrangement_id=arrangement, reason="RETURNED_HOME")
            diary.note(child.case, over, at(until, 12), child.worker)


def _visits(dice: Dice, first: date, until: date) -> list[date]:
    found, day = [], first
    while day < until:
        found.append(day)
        day = working(day + timedelta(days=dice.between(35, 42)))
    return found
