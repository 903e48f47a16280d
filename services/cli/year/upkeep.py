"""What is kept up for a looked-after child: placement, visits, care plan, health and education."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from services.cli.year.days import FIRST, at, later, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.lives import Life
from services.cli.year.need import see
from services.cli.year.people import CLERK, Child, is_under
from services.domain import calendar
from services.domain.events.care_planning import PathwayPlanMade, PermanencePlanSet, Permanency
from services.domain.events.health_education import (
    DentalCheckRecorded,
    EyeCheckRecorded,
    HealthAssessmentCompleted,
    HealthAssessmentKind,
    PepReviewed,
)
from services.domain.events.looked_after import Destination, LegalStatus
from services.domain.events.placement import (
    PlacementEnded,
    PlacementProvider,
    PlacementStarted,
    PlacementType,
)
from services.domain.events.plan import PlanRevised
from services.domain.events.shape import Event

_TYPES: Final = (
    *(PlacementType.FOSTER_CARER,) * 6,
    PlacementType.RESIDENTIAL,
    PlacementType.CONNECTED_PERSONS,
    PlacementType.CONNECTED_PERSONS,
)
_PERMANENCY: Final = {
    Destination.SGO_TO_FAMILY: Permanency.SGO,
    Destination.ADOPTED: Permanency.ADOPTION,
    Destination.CARE_LEAVER_HOME_AT_17: Permanency.INDEPENDENCE,
    Destination.HOME_NO_ORDER: Permanency.RETURN_HOME,
    Destination.HOME_CHILD_ARRANGEMENT_ORDER: Permanency.RETURN_HOME,
}
_SCHOOL_AGE: Final = 4
_ADULT_LIFE: Final = 16
_MONTHS: Final = 12


def placements(diary: Diary, dice: Dice, child: Child, life: Life, came: date, went: date | None) -> None:  # noqa: PLR0913, PLR0917 -- whose, and from when until when
    """One placement, or two: some children moved within the year."""
    moved = later(max(came, FIRST), dice.between(40, 120)) if dice.chance(20) else None
    if moved and went and later(moved, 30) >= went:
        moved = None
    starts = [came, *([moved] if moved else [])]
    for nth, start in enumerate(starts, 1):
        kind = PlacementType.ADOPTION if life.to is Destination.ADOPTED and nth > 1 else dice.pick(_TYPES)
        private = kind is PlacementType.RESIDENTIAL
        started = PlacementStarted(
            placement_id=child.object_id("placement", nth),
            type=kind,
            provider=PlacementProvider.PRIVATE if private else PlacementProvider.OWN,
            in_area=not private and dice.chance(70),
            permanent=life.went is None and life.legal is LegalStatus.FCO and nth == len(starts),
            reason="MOVE" if nth > 1 else None,
        )
        diary.note(child.case, started, at(start, 13, 30 if nth == 1 else 0), child.worker)
    ends = [*([(moved, "MOVE")] if moved else []), *([(went, "CEASED")] if went else [])]
    for nth, (end, reason) in enumerate(ends, 1):
        ended = PlacementEnded(placement_id=child.object_id("placement", nth), reason=reason)
        diary.note(child.case, ended, at(end, 12 if reason == "MOVE" else 15), child.worker)


def visits(diary: Diary, dice: Dice, child: Child, came: date, until: date) -> None:
    """The first within a week, then one every six weeks at most."""
    day = later(came, dice.between(1, 4))
    while day < until:
        see(diary, dice, child, day)
        day = later(day, dice.between(22, 27))


def care_plan(diary: Diary, dice: Dice, child: Child, life: Life, came: date, until: date) -> None:  # noqa: PLR0913, PLR0917 -- as above
    """Permanence is decided on in the first months; the plan is revised every year."""
    usual = Permanency.ADOPTION if life.awaits_adoption else Permanency.LONG_TERM_FOSTERING_LA
    wanted = PermanencePlanSet(permanency=_PERMANENCY.get(life.to, usual) if life.to else usual)
    decided = later(came, dice.between(50, 75))
    if decided < until:
        diary.note(child.case, wanted, at(decided, 15), child.worker)
    revised = PlanRevised(plan_id=child.object_id("care-plan"), reason="YEARLY")
    for on in _every(came, until, lambda _: 330 + dice.below(25)):
        diary.note(child.case, revised, at(on, 16), child.worker)


def health_and_education(diary: Diary, dice: Dice, child: Child, came: date, until: date) -> None:
    """Health assessments by age, teeth, eyes, and three reviews a year of the education plan."""

    def examined(nth: int) -> Event:
        kind = HealthAssessmentKind.RHA if nth else HealthAssessmentKind.IHA
        return HealthAssessmentCompleted(kind=kind)

    days = [later(came, dice.between(12, 23))]
    days += _every(days[0], until, lambda on: (165 if is_under(child, 5, on) else 345) + dice.below(25))
    for nth, on in enumerate(day for day in days if day < until):
        diary.note(child.case, examined(nth), at(on, 11), CLERK)
    _regularly(diary, child, DentalCheckRecorded(), _every(came, until, lambda _: 300 + dice.below(80)))
    _regularly(diary, child, EyeCheckRecorded(), _every(came, until, lambda _: 560 + dice.below(140)))
    if not is_under(child, _SCHOOL_AGE, came):
        first = later(came, dice.between(8, 19))
        if first < until:
            days = [first, *_every(first, until, lambda _: 100 + dice.below(24))]
            _regularly(diary, child, PepReviewed(), days)
    sixteen = calendar.add_months(child.born, _ADULT_LIFE * _MONTHS)
    wait = timedelta(days=20 + dice.below(60))
    if sixteen < until and (planned := working(max(sixteen, came) + wait)) < until:
        diary.note(child.case, PathwayPlanMade(), at(planned, 14), child.worker)


def _every(start: date, until: date, interval: Callable[[date], int]) -> list[date]:
    """The working days after `start`, at so many days' distance, as long as it lasts."""
    found, day = [], working(start + timedelta(days=interval(start)))
    while day < until:
        found.append(day)
        day = working(day + timedelta(days=interval(day)))
    return found


def _regularly(diary: Diary, child: Child, event: Event, days: list[date]) -> None:
    for on in days:
        diary.note(child.case, event, at(on, 10, 30), CLERK)
