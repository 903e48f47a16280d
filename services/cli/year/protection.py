"""Child protection: twenty families, from their initial conferences to the end of their plans.

A conference is one meeting for a whole family: each child's case tells of it under the same id.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from services.cli.year.contacts import referral
from services.cli.year.days import at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.families import FAMILIES, Family
from services.cli.year.need import assess, close, enquire, need_plan, see
from services.cli.year.people import ADMINISTRATOR, CP_CHAIR, Child, Nursery, is_under
from services.domain.events.assessment import AssessmentOutcome
from services.domain.events.child import AgeBand, ChildDetailsCorrected, Ethnicity, Sex
from services.domain.events.chronology import ChronologyEntryAdded
from services.domain.events.conference import (
    AgencyReportReceived,
    ConferenceDecision,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.events.correction import EventVoided
from services.domain.events.enquiry import EnquiryOutcome
from services.domain.events.plan import (
    CoreGroupHeld,
    PlanEnded,
    PlanKind,
    PlanMade,
    PlanStep,
    Progress,
)
from services.domain.events.referral import ClosureReason

TWICE: Final = (  # entered twice in the list of plans: family, band, sex
    (3, AgeBand.FROM_1_TO_4, Sex.MALE),
    (9, AgeBand.FROM_5_TO_9, Sex.MALE),
    (15, AgeBand.FROM_10_TO_15, Sex.FEMALE),
)
_BANDS: Final = {
    AgeBand.UNDER_1: 2,
    AgeBand.FROM_1_TO_4: 8,
    AgeBand.FROM_5_TO_9: 12,
    AgeBand.FROM_10_TO_15: 13,
    AgeBand.FROM_16: 1,
}
_SEXES: Final = {Sex.MALE: 19, Sex.FEMALE: 17}
_ETHNICITIES: Final = {
    Ethnicity.WHITE_BRITISH: 31,
    Ethnicity.ANY_OTHER_WHITE: 4,
    Ethnicity.NOT_YET_OBTAINED: 1,
}
_UNBORN_IN: Final = 7
"""The family of the unborn child: its conference was in May, the birth is in summer."""
_AGENCIES: Final = ("POLICE", "HEALTH", "SCHOOL")
_INVITED_FROM: Final = 11


class Planned(Struct, frozen=True):
    """A child on a child protection plan: from its first day to its last one, if it ended."""

    child: Child
    start: date
    last: date | None
    conferences: tuple[str, ...]

    def is_on_plan(self, day: date) -> bool:
        """Whether the plan is in force on a day."""
        return self.start <= day and (self.last is None or day < self.last)


class Person(Struct, frozen=True):
    """What is dealt to a child before the child is invented."""

    band: AgeBand
    sex: Sex
    ethnicity: Ethnicity


def child_protection(diary: Diary, nursery: Nursery) -> list[Planned]:
    """Every family with a conference in or before the year; gives the children on plans."""
    dice = Dice(diary.seed, "protection")
    persons = _persons(dice)
    planned: list[Planned] = []
    for number, family in enumerate(FAMILIES):
        children = list(_children(nursery, family, number, persons))
        initial = working(month(family.initial))
        _initial(diary, dice, family, number, children)
        if family.category is None:
            _in_need_instead(diary, dice, children[0], initial)
            continue
        _plans(diary, dice, family, number, children)
        last = working(month(family.reviews[-1])) if family.over else None
        named = tuple(_named(number, working(month(each))) for each in (family.initial, *family.reviews))
        planned += [Planned(child, initial, last, named) for child in children]
    return planned


def _named(number: int, on: date) -> str:
    return f"conference-{number + 1}-{on:%y%m%d}"


def _persons(dice: Dice) -> Iterator[Person]:
    """The children on plans, less the unborn one and those entered twice, who are given."""
    dealt = zip(dice.deal(_BANDS), dice.deal(_SEXES), dice.deal(_ETHNICITIES), strict=True)
    yield from (Person(*each) for each in dealt)


def _children(nursery: Nursery, family: Family, number: int, persons: Iterator[Person]) -> Iterator[Child]:
    family_id, known_on = nursery.family(), later(working(month(family.initial)), -20)
    given = [Person(band, sex, Ethnicity.WHITE_BRITISH) for of, band, sex in TWICE if of == number]
    given += [Person(AgeBand.UNBORN, Sex.FEMALE, Ethnicity.WHITE_BRITISH)] if number == _UNBORN_IN else []
    for nth in range(family.children):
        person = (given[nth] if nth < len(given) else next(persons)) if family.category else None
        yield nursery.child(
            known_on,
            team="PROTECTION_TEAM",
            family=family_id,
            age_band=person.band if person else AgeBand.FROM_5_TO_9,
            sex=person.sex if person else None,
            ethnicity=person.ethnicity if person else None,
        )


def _initial(diary: Diary, dice: Dice, family: Family, number: int, children: Sequence[Child]) -> None:
    """From the referral to the initial conference."""
    initial = working(month(family.initial))
    strategy = later(initial, -dice.between(11, 14))
    referred = later(strategy, -dice.between(3, 5))
    for child in children:
        _before_the_conference(diary, dice, child, referred, strategy, initial)
    decision = ConferenceDecision.CP_PLAN if family.category else ConferenceDecision.CIN_PLAN
    _conference(diary, dice, family, number, children, ConferenceKind.ICPC, initial, decision)


def _in_need_instead(diary: Diary, dice: Dice, child: Child, initial: date) -> None:
    last = need_plan(diary, dice, child, initial, dice.between(14, 24))
    close(diary, child, later(last, 1), ClosureReason.OTHER_SERVICES_AFTER_ASSESSMENT)


def _plans(diary: Diary, dice: Dice, family: Family, number: int, children: Sequence[Child]) -> None:
    """The plans of a family, and their review conferences."""
    start, last = working(month(family.initial)), None
    for nth, review in enumerate(family.reviews):
        on = working(month(review))
        over = family.over and nth == len(family.reviews) - 1
        decision = ConferenceDecision.DISCHARGED if over else ConferenceDecision.REMAINS
        _conference(diary, dice, family, number, children, ConferenceKind.RCPC, on, decision)
        last = on if over else None
    for nth, child in enumerate(children):
        _on_a_plan(diary, dice, child, family, number, start, last)
        if nth == 0 and number in {of for of, _, _ in TWICE}:
            _entered_twice(diary, child, family, number, start)


def _before_the_conference(  # noqa: PLR0913, PLR0917 -- the days on which it goes on
    diary: Diary, dice: Dice, child: Child, contacted: date, strategy: date, initial: date
) -> None:
    referred = referral(diary, dice, child, contacted)
    start = max(later(referred, 1), strategy)
    enquire(diary, child, start, later(initial, -dice.between(5, 7)), EnquiryOutcome.SUBSTANTIATED_ONGOING)
    end = later(start, dice.between(26, 43))
    assess(diary, dice, child, start, end, AssessmentOutcome.SIGNIFICANT_HARM)


def _conference(  # noqa: PLR0913, PLR0917 -- of which family, of what kind, when, and with what end
    diary: Diary,
    dice: Dice,
    family: Family,
    number: int,
    children: Sequence[Child],
    kind: ConferenceKind,
    on: date,
    decision: ConferenceDecision,
) -> None:
    """One meeting, told in the case of each child."""
    conference = _named(number, on)
    initial = kind is ConferenceKind.ICPC
    arranged = later(on, -5 if initial else -20)
    absent = dice.pick(_AGENCIES) if dice.chance(30) else ""
    reports = {
        agency: later(on, -_days_before(dice, initial=initial)) for agency in _AGENCIES if agency != absent
    }
    reports["SOCIAL_CARE"] = later(on, -1 if dice.chance(80) else 0)
    late = dice.pick(_AGENCIES) if dice.chance(12) else ""
    first = later(on, -3) if not initial and dice.chance(15) else on
    for child in children:
        scheduled = ConferenceScheduled(conference_id=conference, kind=kind, scheduled_for=at(first, 10))
        diary.note(child.case, scheduled, at(arranged, 15, 40), ADMINISTRATOR)
        if first != on:
            moved = ConferenceRescheduled(
                conference_id=conference, scheduled_for=at(on, 10), reason="NOT_QUORATE"
            )
            diary.note(child.case, moved, at(first, 9), ADMINISTRATOR)
        for agency, day in reports.items():
            report = AgencyReportReceived(conference_id=conference, agency=agency)
            came = at(later(on, 2), 12) if agency == late else at(day, 9, 15)
            diary.note(child.case, report, came, ADMINISTRATOR)
        grown = not is_under(child, _INVITED_FROM, on)
        held = ConferenceHeld(
            conference_id=conference,
            decision=decision,
            chair=CP_CHAIR.actor,
            agencies_present=tuple(agency for agency in _AGENCIES if agency != absent),
            agencies_absent=(absent,) if absent else (),
            quorate=True,
            child_invited=grown,
            child_attended=grown and dice.chance(50),
            advocate=grown and dice.chance(30),
            da_factor=family.abuse,
        )
        diary.note(child.case, held, at(on, 12), CP_CHAIR)


def _days_before(dice: Dice, *, initial: bool) -> int:
    """Working days: one agency in six sends its report too late."""
    if dice.chance(16):
        return 1
    return dice.between(2, 4) if initial else dice.between(3, 7)


def _on_a_plan(  # noqa: PLR0913, PLR0917 -- whose plan, from when until when
    diary: Diary, dice: Dice, child: Child, family: Family, number: int, start: date, last: date | None
) -> None:
    diary.note(child.case, _plan(child, family, number, start), at(start, 12, 30), CP_CHAIR)
    if child.age_band is AgeBand.UNBORN:
        born = ChildDetailsCorrected(
            name=f"Invented Baby {child.number}", date_of_birth=child.born, sex=child.sex
        )
        diary.note(child.case, born, at(later(child.born, 1), 10), child.worker)
    entry = ChronologyEntryAdded(
        entry_id=child.object_id("entry"), heading="PROTECTION_PLAN", on=start, text="An invented matter."
    )
    diary.note(child.case, entry, at(later(start, 2), 16, 30), child.worker)
    plan, end = child.object_id("plan"), last or later(start, 280)
    day = later(start, dice.between(6, 10))
    while day < end:
        progress = Progress.DRIFT if dice.chance(12) else Progress.PROGRESS
        core = CoreGroupHeld(plan_id=plan, attendees=("PARENT", *_AGENCIES[1:]), progress=progress)
        diary.note(child.case, core, at(day, 14), child.worker)
        day = later(day, dice.between(22, 28))
    day = later(start, dice.between(3, 9))
    while day < end:
        see(diary, dice, child, day)
        day = later(day, dice.between(9, 14))
    if last:
        ended = PlanEnded(plan_id=plan, reason="CONFERENCE_DECISION", step=PlanStep.DOWN_CIN)
        diary.note(child.case, ended, at(last, 12, 20), CP_CHAIR)
        over = need_plan(diary, dice, child, last, dice.between(13, 20))
        close(diary, child, later(over, 1), ClosureReason.OTHER_SERVICES_AFTER_ASSESSMENT)


def _plan(child: Child, family: Family, number: int, start: date, nth: int = 1) -> PlanMade:
    return PlanMade(
        plan_id=child.object_id("plan", nth),
        plan_kind=PlanKind.CP,
        category=family.category,
        previous_cp_count=0,
        conference_id=_named(number, start),
    )


def _entered_twice(diary: Diary, child: Child, family: Family, number: int, start: date) -> None:
    """The plan is entered a second time, under another id, and that entry is voided."""
    again = _plan(child, family, number, start, nth=2)
    second = diary.note(
        child.case, again, at(start, 12, 30), ADMINISTRATOR, typed_at=at(later(start, 1), 9, 20)
    )
    voided = EventVoided(target_event_id=second, reason="Entered twice.")
    diary.note(child.case, voided, at(later(start, 4), 11), ADMINISTRATOR)
