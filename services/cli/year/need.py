"""Children in need: the referrals that led to no conference and into no care, and what came of them.

The 305 referrals are 35 with a conference, 9 into care, and 261 here: 54 with a section 47 enquiry that
called for no conference, 22 closed with no further action, 185 assessed, 36 of these of 18 children.
"""

from datetime import date, timedelta
from typing import Final

from services.cli.year.contacts import referral
from services.cli.year.days import at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.people import WORKERS, Child, Nursery, others
from services.domain.events.assessment import (
    AssessmentAuthorised,
    AssessmentConsentRefused,
    AssessmentExtended,
    AssessmentOutcome,
    AssessmentStarted,
    ChildSeen,
    Consent,
    NextStep,
)
from services.domain.events.enquiry import EnquiryOutcome, Section47Completed, Section47Started
from services.domain.events.plan import (
    CinReviewDecision,
    CinReviewHeld,
    CoreGroupHeld,
    FamilyNetworkMeetingHeld,
    PlanEnded,
    PlanKind,
    PlanMade,
    PlanStep,
    Progress,
)
from services.domain.events.referral import (
    AllocationReason,
    CaseClosed,
    CaseReallocated,
    ClosureReason,
    PrimaryNeed,
    ReferralClosedNfa,
)
from services.domain.events.strategy import StrategyDecision, StrategyHeld

_COURSES: Final = {"ENQUIRED": 54, "NOTHING": 22, "ASSESSED": 149, "TWICE": 18}
_NEEDS: Final = (
    *(PrimaryNeed.ABUSE_OR_NEGLECT,) * 5,
    PrimaryNeed.FAMILY_IN_ACUTE_STRESS,
    PrimaryNeed.FAMILY_DYSFUNCTION,
    PrimaryNeed.DISABILITY_OR_ILLNESS,
)
_FACTORS: Final = ("1A", "3A", "3B", "4B", "16A", "17A")
_NO_FACTOR: Final = "21"
_LIMIT: Final = 45
_AGENCIES: Final = ("SOCIAL_CARE", "POLICE", "HEALTH", "SCHOOL")


def children_in_need(diary: Diary, nursery: Nursery) -> None:
    """Everything that became of these 261 referrals within the year."""
    dice = Dice(diary.seed, "need")
    for course in dice.deal(_COURSES):
        match course:
            case "TWICE":
                _twice(diary, dice, nursery)
            case "NOTHING":
                _nothing(diary, dice, nursery)
            case "ENQUIRED":
                on = _day(dice, 0, 1_120)
                _enquired(diary, dice, nursery.child(on), on)
            case _:
                on = _day(dice, 0, 1_150)
                _assessed(diary, dice, nursery.child(on), on)


def assess(  # noqa: PLR0913, PLR0917 -- who is assessed, from when until when, and what is found
    diary: Diary, dice: Dice, child: Child, start: date, end: date, outcome: AssessmentOutcome, nth: int = 1
) -> None:
    """One assessment, from its start to its authorisation, with the visits in between."""
    assessment, referred = child.object_id("assessment", nth), child.object_id("referral", nth)
    consent = Consent.DISPENSED if outcome is AssessmentOutcome.SIGNIFICANT_HARM else Consent.GIVEN
    started = AssessmentStarted(assessment_id=assessment, referral_id=referred, consent=consent)
    diary.note(child.case, started, at(start, 9, 45), child.worker)
    see(diary, dice, child, later(start, dice.between(1, 7)))
    see(diary, dice, child, later(start, dice.between(10, 16)))
    limit = later(start, _LIMIT)
    if end > limit:
        extended = AssessmentExtended(assessment_id=assessment, reason="FAMILY_AWAY", new_target=end)
        diary.note(child.case, extended, at(later(limit, -2), 14), child.manager)
    in_need = outcome is not AssessmentOutcome.NOT_IN_NEED
    authorised = AssessmentAuthorised(
        assessment_id=assessment,
        outcome=outcome,
        factors=(dice.pick(_FACTORS),) if in_need else (_NO_FACTOR,),
    )
    diary.note(child.case, authorised, at(end, 15, 20), child.manager)


def see(diary: Diary, dice: Dice, child: Child, on: date) -> None:
    """A visit; one in twelve is typed in days later."""
    when = at(on, dice.between(10, 16), dice.below(60))
    late = at(later(on, dice.between(3, 9)), 17, dice.below(60)) if dice.chance(8) else None
    seen = ChildSeen(seen_alone=dice.chance(75), unannounced=dice.chance(15), place="home")
    diary.note(child.case, seen, when, child.worker, typed_at=late)


def need_plan(  # noqa: PLR0913, PLR0917 -- whose plan, and from when until when
    diary: Diary, dice: Dice, child: Child, start: date, weeks: int, nth: int = 1
) -> date:
    """A child in need plan with its meetings, reviews and visits; gives its last day."""
    plan, end = child.object_id("need-plan", nth), working(start + timedelta(weeks=weeks))
    diary.note(child.case, PlanMade(plan_id=plan, plan_kind=PlanKind.CIN), at(start, 16), child.worker)
    met = FamilyNetworkMeetingHeld(plan_id=plan)
    diary.note(child.case, met, at(later(start, dice.between(3, 6)), 16), child.worker)
    day = working(start + timedelta(weeks=6, days=-dice.below(6)))
    while day < end:
        core = CoreGroupHeld(
            plan_id=plan, attendees=("PARENT", "SCHOOL", "SOCIAL_WORKER"), progress=Progress.PROGRESS
        )
        diary.note(child.case, core, at(day, 14), child.worker)
        day = working(day + timedelta(weeks=6, days=-dice.below(6)))
    for week in range(12, weeks, 22):
        on = working(start + timedelta(weeks=week, days=-dice.below(4)))
        going_on = CinReviewHeld(plan_id=plan, decision=CinReviewDecision.CONTINUE)
        diary.note(child.case, going_on, at(on, 11), child.manager)
    day = later(start, dice.between(12, 20))
    while day < end:
        see(diary, dice, child, day)
        day = later(day, dice.between(14, 20))
    closing = CinReviewHeld(plan_id=plan, decision=CinReviewDecision.CLOSE)
    diary.note(child.case, closing, at(end, 11), child.manager)
    ended = PlanEnded(plan_id=plan, reason="NEEDS_MET", step=PlanStep.CLOSED)
    diary.note(child.case, ended, at(end, 12), child.manager)
    return end


def close(diary: Diary, child: Child, on: date, reason: ClosureReason) -> None:
    """The case is closed."""
    diary.note(child.case, CaseClosed(reason=reason), at(on, 17), child.manager)


def hand_over(diary: Diary, dice: Dice, child: Child, on: date) -> None:
    """Another worker of the team takes the case over."""
    new = dice.pick(others(WORKERS[child.team], child.worker))
    reason = dice.pick(
        (AllocationReason.LEFT_ROLE, AllocationReason.CASE_MANAGEMENT, AllocationReason.ABSENCE)
    )
    taken_over = CaseReallocated(worker=new.actor, team=child.team, reason=reason)
    diary.note(child.case, taken_over, at(on, 10, 5), child.manager)


def enquire(diary: Diary, child: Child, on: date, end: date, outcome: EnquiryOutcome) -> None:
    """A strategy discussion and the enquiry that it decided on."""
    strategy, enquiry = child.object_id("strategy"), child.object_id("enquiry")
    discussed = StrategyHeld(
        strategy_id=strategy,
        decision=StrategyDecision.S47_JOINT if child.number % 3 else StrategyDecision.S47_SINGLE,
        agencies=_AGENCIES,
        immediate_protection=False,
    )
    diary.note(child.case, discussed, at(on, 14), child.manager)
    started = Section47Started(
        enquiry_id=enquiry, strategy_id=strategy, referral_id=child.object_id("referral")
    )
    diary.note(child.case, started, at(on, 15), child.worker)
    required = outcome is EnquiryOutcome.SUBSTANTIATED_ONGOING
    completed = Section47Completed(enquiry_id=enquiry, outcome=outcome, icpc_required=required)
    diary.note(child.case, completed, at(end, 15), child.manager)


def _day(dice: Dice, least: int, most: int) -> date:
    """A working day between two hundredths of a month since April."""
    return working(month(dice.between(least, most) / 100 + 0.1))


def _enquired(diary: Diary, dice: Dice, child: Child, on: date) -> None:
    referred = referral(diary, dice, child, on, need=dice.pick(_NEEDS))
    strategy = later(referred, dice.between(0, 3)) if dice.chance(70) else later(referred, 4)
    start = later(referred, 1)
    end = later(strategy, dice.between(8, 14))
    found = (EnquiryOutcome.NOT_SUBSTANTIATED, EnquiryOutcome.SUBSTANTIATED_NOT_ONGOING)
    enquire(diary, child, later(strategy, 1), end, dice.pick(found))
    _conclude(diary, dice, child, start, AssessmentOutcome.CIN if dice.chance(55) else None)


def _nothing(diary: Diary, dice: Dice, nursery: Nursery) -> None:
    on = _day(dice, 0, 1_150)
    child = nursery.child(on)
    referred = referral(diary, dice, child, on, need=PrimaryNeed.NOT_STATED)
    if dice.chance(30):
        refused = AssessmentConsentRefused(next_step=NextStep.CLOSE, by="MOTHER")
        diary.note(child.case, refused, at(later(referred, 1), 10), child.worker)
    closed = ReferralClosedNfa(referral_id=child.object_id("referral"))
    diary.note(child.case, closed, at(later(referred, dice.between(1, 4)), 16), child.manager)


def _assessed(diary: Diary, dice: Dice, child: Child, on: date) -> None:
    referred = referral(diary, dice, child, on, need=dice.pick(_NEEDS))
    outcome = AssessmentOutcome.CIN if dice.chance(38) else None
    _conclude(diary, dice, child, later(referred, dice.between(0, 2) + 1), outcome)


def _twice(diary: Diary, dice: Dice, nursery: Nursery) -> None:
    """Referred, assessed and closed by the autumn; referred again in the winter."""
    on = _day(dice, 0, 280)
    child = nursery.child(on)
    referred = referral(diary, dice, child, on, need=dice.pick(_NEEDS))
    _conclude(diary, dice, child, later(referred, 1), None)
    again = referral(diary, dice, child, _day(dice, 700, 1_120), need=dice.pick(_NEEDS), nth=2)
    _conclude(diary, dice, child, later(again, 1), None, nth=2)


def _conclude(  # noqa: PLR0913, PLR0917 -- as `assess`
    diary: Diary, dice: Dice, child: Child, start: date, outcome: AssessmentOutcome | None, nth: int = 1
) -> None:
    """Assess, and then plan or close."""
    days = dice.between(20, 44) if dice.chance(88) else dice.between(46, 58)
    end = later(start, days)
    if outcome is AssessmentOutcome.CIN:
        assess(diary, dice, child, start, end, outcome, nth)
        if dice.chance(25):
            hand_over(diary, dice, child, later(end, dice.between(3, 20)))
        last = need_plan(diary, dice, child, later(end, 1), dice.between(13, 38), nth)
        close(diary, child, later(last, 1), ClosureReason.OTHER_SERVICES_AFTER_ASSESSMENT)
        return
    help_early = dice.chance(20)
    found = AssessmentOutcome.EARLY_HELP if help_early else AssessmentOutcome.NOT_IN_NEED
    assess(diary, dice, child, start, end, found, nth)
    reason = (
        ClosureReason.NO_FURTHER_ACTION_AFTER_ASSESSMENT if help_early else ClosureReason.ASSESSED_NOT_IN_NEED
    )
    close(diary, child, later(end, 1), reason)
