"""Looked-after children: from the day on which they came until the year ends, or they go."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from services.cli.year import upkeep
from services.cli.year.contacts import referral
from services.cli.year.days import FIRST, LAST, at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.figures import ADVOCACY
from services.cli.year.lives import LIVES, Life
from services.cli.year.need import assess, close, enquire
from services.cli.year.people import FORMER_IRO, IN_POST_ON, IRO, SQAS_MANAGER, Child, Nursery, is_under
from services.cli.year.review_papers import earlier_review, review
from services.cli.year.reviews import Plans
from services.domain.events.assessment import AssessmentOutcome
from services.domain.events.care_planning import AdvocateAccepted, AdvocateOffered
from services.domain.events.child import AgeBand
from services.domain.events.enquiry import EnquiryOutcome
from services.domain.events.looked_after import (
    CareReason,
    CeasedReason,
    ChildBecameLookedAfter,
    ChildCeasedLookedAfter,
    Destination,
    IroAppointed,
    IroChanged,
    LegalStatus,
    LegalStatusChanged,
)
from services.domain.events.plan import PlanEnded, PlanKind, PlanMade, PlanStep
from services.domain.events.referral import ClosureReason, LegalBasis, PrimaryNeed
from services.domain.events.review import ReviewKind
from services.domain.events.strategy import ProtectiveActionKind, ProtectiveActionTaken

_REASONS: Final = {
    Destination.HOME_CHILD_ARRANGEMENT_ORDER: CeasedReason.CHILD_ARRANGEMENTS_ORDER,
    Destination.HOME_NO_ORDER: CeasedReason.RETURNED_TO_PARENTS_PLANNED,
    Destination.SGO_TO_FAMILY: CeasedReason.SGO_RELATIVE_FOSTER_CARER,
    Destination.UASC_CAO_TO_RELATIVES: CeasedReason.CHILD_ARRANGEMENTS_ORDER,
    Destination.CARE_LEAVER_HOME_AT_17: CeasedReason.RETURNED_TO_PARENTS_UNPLANNED,
    Destination.ADOPTED: CeasedReason.ADOPTED_CONSENT_DISPENSED,
}
_CLOSED: Final = {
    Destination.ADOPTED: ClosureReason.ADOPTED,
    Destination.HOME_CHILD_ARRANGEMENT_ORDER: ClosureReason.RESIDENCE_OR_GUARDIANSHIP_ORDER,
    Destination.SGO_TO_FAMILY: ClosureReason.RESIDENCE_OR_GUARDIANSHIP_ORDER,
    Destination.UASC_CAO_TO_RELATIVES: ClosureReason.RESIDENCE_OR_GUARDIANSHIP_ORDER,
}
_BANDS: Final = (AgeBand.FROM_1_TO_4, AgeBand.FROM_5_TO_9, AgeBand.FROM_5_TO_9, *(AgeBand.FROM_10_TO_15,) * 4)
_WHY: Final = (
    CareReason.NEGLECT,
    CareReason.DOMESTIC_VIOLENCE,
    CareReason.DRUGS_OR_ALCOHOL_ABUSE,
    CareReason.PARENT_MENTAL_HEALTH,
    CareReason.FAMILY_DYSFUNCTION,
    CareReason.BEYOND_PARENTAL_CONTROL,
)
_PROCEEDINGS: Final = timedelta(weeks=26)
_YOUNGEST_WITH_ADVOCATE: Final = 6
_SETTLED: Final = 3


class Lived(Struct, frozen=True, kw_only=True):
    """A life of the table, the child who lived it, and its days."""

    name: str
    child: Child
    life: Life
    earlier: tuple[date, ...]
    """The reviews before the year, in order."""
    came: date
    went: date | None

    @property
    def until(self) -> date:
        """The last day on which anything is done."""
        return self.went or LAST


def looked_after(diary: Diary, nursery: Nursery, plans: Plans) -> list[Lived]:
    """Write down every looked-after child's life; gives them all."""
    dice = Dice(diary.seed, "care")
    families: dict[int, str] = {}
    lived = [_lived(dice, nursery, name, number, families) for number, name in enumerate(LIVES)]
    with_advocate = {each.name for each in dice.shuffled(_able(lived))[:ADVOCACY]}
    for each in lived:
        _come(diary, dice, each)
        _officers(diary, dice, each)
        _plan(diary, dice, each)
        _reviews(diary, dice, each, plans)
        upkeep.placements(diary, dice, each.child, each.life, each.came, each.went)
        upkeep.visits(diary, dice, each.child, each.came, each.until)
        upkeep.health_and_education(diary, dice, each.child, each.came, each.until)
        if each.name in with_advocate:
            _advocate(diary, dice, each)
        if each.went:
            _go(diary, each, each.went)
    return lived


def _lived(dice: Dice, nursery: Nursery, name: str, number: int, families: dict[int, str]) -> Lived:
    life = LIVES[name]
    earlier = _earlier(life, number)
    if life.came is not None:
        came = working(month(life.came))
    else:  # the first review within twenty working days, the second within three months of it
        first = working(month(earlier[0] - 2.7))
        came, earlier = later(first, -18), (earlier[0] - 2.7, *earlier)
    if life.siblings:
        families[life.siblings] = families.get(life.siblings) or nursery.family()
    child = nursery.child(
        came, team="PERMANENCY_TEAM", family=families.get(life.siblings), age_band=_band(dice, life)
    )
    days = tuple(working(month(each)) for each in earlier)
    went = working(month(life.went)) if life.went else None
    return Lived(name=name, child=child, life=life, earlier=days, came=came, went=went)


def _earlier(life: Life, number: int) -> tuple[float, ...]:
    """The reviews before the year but the first one, by months since April, in order."""
    if life.came is not None:
        return ()
    return tuple(life.last_before - 5.6 * back for back in reversed(range(1 + number % 3)))


def _band(dice: Dice, life: Life) -> AgeBand:
    if life.to in {Destination.CARE_LEAVER_HOME_AT_17, Destination.UASC_CAO_TO_RELATIVES}:
        return AgeBand.FROM_16
    if life.to is Destination.ADOPTED or life.awaits_adoption:
        return AgeBand.FROM_1_TO_4
    return dice.pick(_BANDS)


def _able(lived: Sequence[Lived]) -> list[Lived]:
    """Who may have an advocate: old enough, and looked after for a good while of the year."""
    return [
        each
        for each in lived
        if not is_under(each.child, _YOUNGEST_WITH_ADVOCATE, FIRST)
        and (each.life.went is None or each.life.went > _SETTLED)
    ]


def _come(diary: Diary, dice: Dice, lived: Lived) -> None:
    child, life, alone = lived.child, lived.life, lived.life.to is Destination.UASC_CAO_TO_RELATIVES
    need = PrimaryNeed.ABSENT_PARENTING if alone else PrimaryNeed.ABUSE_OR_NEGLECT
    voluntary = life.legal is LegalStatus.S20
    contacted = later(lived.came, -dice.between(8, 10))
    basis = LegalBasis.S20 if voluntary else LegalBasis.S31
    start = later(referral(diary, dice, child, contacted, need=need, basis=basis), 1)
    if life.came is not None and life.legal is LegalStatus.ICO:
        enquire(diary, child, start, later(start, 4), EnquiryOutcome.SUBSTANTIATED_NOT_ONGOING)
        _protect(diary, child, lived.came)
    assess(diary, dice, child, start, later(start, dice.between(25, 42)), AssessmentOutcome.SIGNIFICANT_HARM)
    reasons = (CareReason.UNACCOMPANIED_MINOR_ASYLUM,) if alone else tuple(dice.shuffled(_WHY)[:2])
    came = ChildBecameLookedAfter(
        period_id=child.object_id("period"),
        legal_status=LegalStatus.S20 if voluntary else LegalStatus.ICO,
        need_code=need,
        reasons=reasons,
    )
    diary.note(child.case, came, at(lived.came, 13), child.worker)
    if not voluntary and life.legal is not LegalStatus.ICO:
        changed = LegalStatusChanged(
            to=life.legal, from_=LegalStatus.ICO, period_id=child.object_id("period")
        )
        diary.note(child.case, changed, at(working(lived.came + _PROCEEDINGS), 15), child.worker)


def _protect(diary: Diary, child: Child, came: date) -> None:
    """The police protected the child on the evening before it came into care."""
    taken = ProtectiveActionTaken(
        action_id=child.object_id("action"),
        kind=ProtectiveActionKind.POLICE_PROTECTION,
        from_=at(came - timedelta(days=1), 20),
        to=at(came, 12),
    )
    diary.note(child.case, taken, at(came, 12), child.manager)


def _officers(diary: Diary, dice: Dice, lived: Lived) -> None:
    """Each child has a reviewing officer; all get the new one when she comes."""
    case, period = lived.child.case, lived.child.object_id("period")
    first = IRO if lived.came >= IN_POST_ON else FORMER_IRO
    appointed = IroAppointed(iro=first.actor, period_id=period)
    diary.note(case, appointed, at(later(lived.came, dice.between(1, 4)), 10), SQAS_MANAGER)
    if first is FORMER_IRO and lived.until > IN_POST_ON:
        changed = IroChanged(iro=IRO.actor, period_id=period)
        diary.note(case, changed, at(IN_POST_ON, 9, 30), SQAS_MANAGER)


def _plan(diary: Diary, dice: Dice, lived: Lived) -> None:
    """The care plan, and how the child is to have a home for good."""
    child = lived.child
    made = PlanMade(plan_id=child.object_id("care-plan"), plan_kind=PlanKind.CARE)
    diary.note(child.case, made, at(later(lived.came, dice.between(5, 9)), 16), child.worker)
    upkeep.care_plan(diary, dice, child, lived.life, lived.came, lived.until)


def _reviews(diary: Diary, dice: Dice, lived: Lived, plans: Plans) -> None:
    kinds = [ReviewKind.INITIAL, ReviewKind.SECOND]
    for nth, held_on in enumerate(lived.earlier):
        kind = kinds.pop(0) if kinds else ReviewKind.SUBSEQUENT
        earlier_review(diary, lived.child, nth + 1, kind, held_on)
    before = lived.earlier[-1] if lived.earlier else lived.came
    for nth in range(len(lived.life.reviews)):
        kind = kinds.pop(0) if kinds else ReviewKind.SUBSEQUENT
        plan = plans[lived.name, nth]
        number = len(lived.earlier) + nth + 1
        late = lived.life.late and nth == len(lived.life.reviews) - 1
        review(
            diary, dice, lived.child, number, kind, plan, arranged=before, legal=lived.life.legal, late=late
        )
        before = plan.held_on


def _advocate(diary: Diary, dice: Dice, lived: Lived) -> None:
    case, worker = lived.child.case, lived.child.worker
    on = later(max(lived.came, FIRST), dice.between(10, 40))
    diary.note(case, AdvocateOffered(), at(on, 11), worker)
    diary.note(case, AdvocateAccepted(), at(later(on, dice.between(1, 6)), 12), worker)


def _go(diary: Diary, lived: Lived, went: date) -> None:
    child, to = lived.child, lived.life.to
    ceased = ChildCeasedLookedAfter(
        period_id=child.object_id("period"), reason=_REASONS[to] if to else None, destination=to
    )
    ended = PlanEnded(
        plan_id=child.object_id("care-plan"), reason="CEASED_LOOKED_AFTER", step=PlanStep.CLOSED
    )
    diary.note(child.case, ceased, at(went, 16), child.manager)
    diary.note(child.case, ended, at(went, 16, 30), child.manager)
    close(diary, child, later(went, 2), _CLOSED.get(to, ClosureReason.OTHER) if to else ClosureReason.OTHER)
