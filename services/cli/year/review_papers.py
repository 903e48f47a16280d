"""The papers of one review: arranged, reported to, held, completed, its checklist and its recommendations."""

from datetime import date
from typing import Final

from services.cli.year.days import at, later
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.people import CLERK, FORMER_IRO, Child, is_under
from services.cli.year.reviews import Plan
from services.domain.events.care_planning import CarePlanDistributed
from services.domain.events.checklist import (
    Chairing,
    ChecklistParticipation,
    DaysBefore,
    IroChecklistSubmitted,
    Some,
    UnlessTooYoung,
    ViewsIncluded,
)
from services.domain.events.looked_after import LegalStatus
from services.domain.events.review import (
    ClaReviewRescheduled,
    ClaReviewScheduled,
    IroMetChild,
    OutOfTimeReason,
    Participation,
    Quality,
    Recipient,
    ReviewCompleted,
    ReviewKind,
    ReviewMeetingHeld,
    ReviewReason,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.events.shape import Answer

_TALKING: Final = 4
_CHAIRING: Final = 12
_REPORT_DAYS: Final = {0: DaysBefore.DAY_OF, 1: DaysBefore.ONE, 2: DaysBefore.TWO}


def review_id(child: Child, number: int) -> str:
    """What a child's nth review is called."""
    return child.object_id("review", number)


def earlier_review(diary: Diary, child: Child, number: int, kind: ReviewKind, held_on: date) -> None:
    """A review before the year, as much of it as was brought over."""
    review = review_id(child, number)
    scheduled = ClaReviewScheduled(review_id=review, scheduled_for=at(held_on, 10), kind=kind)
    diary.note(child.case, scheduled, at(later(held_on, -15), 12), CLERK)
    report = ReviewReportReceived(review_id=review, recipient=Recipient.IRO)
    diary.note(child.case, report, at(later(held_on, -3), 15), CLERK)
    held = ReviewMeetingHeld(
        review_id=review, reason=_reason(kind), participation=_participation(child, held_on, 1)
    )
    diary.note(child.case, held, at(held_on, 11), FORMER_IRO)
    checklist = IroChecklistSubmitted(review_id=review, iro=FORMER_IRO.actor, kind=kind)
    diary.note(child.case, checklist, at(later(held_on, 1), 10), FORMER_IRO)
    sent = ReviewRecommendationsDistributed(review_id=review)
    diary.note(child.case, sent, at(later(held_on, 8), 15), CLERK)


def review(  # noqa: PLR0913, PLR0917 -- whose review, which, and what is known of it
    diary: Diary,
    dice: Dice,
    child: Child,
    number: int,
    kind: ReviewKind,
    plan: Plan,
    *,
    arranged: date,
    legal: LegalStatus,
    late: bool,
) -> None:
    """A review of the year, with all that goes before and after it."""
    review, held_on, chair = review_id(child, number), plan.held_on, plan.chair
    first = plan.first_planned or held_on
    scheduled = ClaReviewScheduled(review_id=review, scheduled_for=at(first, 10), kind=kind)
    diary.note(child.case, scheduled, at(max(later(arranged, 1), later(first, -30)), 14), CLERK)
    if plan.first_planned:
        moved = ClaReviewRescheduled(
            review_id=review, scheduled_for=at(held_on, 10), reason="IRO_UNAVAILABLE"
        )
        diary.note(child.case, moved, at(later(first, -1), 9, 30), CLERK)
    if dice.chance(70) and later(held_on, -12) > arranged:
        distributed = CarePlanDistributed(review_id=review)
        diary.note(child.case, distributed, at(later(held_on, -dice.between(9, 12)), 14), child.worker)
    if plan.report_on:
        quality = dice.pick((Quality.GOOD, Quality.GOOD, Quality.REQUIRES_IMPROVEMENT, Quality.OUTSTANDING))
        report = ReviewReportReceived(review_id=review, recipient=Recipient.IRO, quality=quality)
        came = at(plan.report_on, 9) if plan.report_on <= held_on else at(plan.report_on, 15)
        diary.note(child.case, report, came, CLERK)
    took_part = _participation(child, held_on, dice.below(4))
    held = ReviewMeetingHeld(
        review_id=review,
        reason=_reason(kind),
        participation=took_part,
        attendance=("CHILD", "PARENT", "CARER", "SOCIAL_WORKER", "SCHOOL"),
        chaired_by_child=False,
        out_of_time_reason=OutOfTimeReason.CHILD_UNAVAILABLE if late else None,
    )
    diary.note(child.case, held, at(held_on, 11), chair)
    if dice.chance(4):  # the clerk records it again, not knowing that the officer had
        diary.note(child.case, held, at(held_on, 11), CLERK, typed_at=at(later(held_on, 1), 16))
    met_on = held_on if dice.chance(80) else later(held_on, dice.between(1, 6))
    met = IroMetChild(review_id=review, iro=chair.actor)
    diary.note(child.case, met, at(met_on, 12), chair)
    diary.note(child.case, ReviewCompleted(review_id=review), at(met_on, 12, 30), chair)
    checklist = _checklist(dice, child, review, kind, plan, took_part, legal=legal, late=late)
    on = later(held_on, dice.between(1, 2) if dice.chance(85) else dice.between(3, 6))
    diary.note(child.case, checklist, at(on, 16), chair)
    if plan.distributed_on:
        sent = ReviewRecommendationsDistributed(review_id=review)
        diary.note(child.case, sent, at(plan.distributed_on, 15), CLERK)


def _reason(kind: ReviewKind) -> ReviewReason:
    return ReviewReason.NEWLY_ACCOMM if kind is ReviewKind.INITIAL else ReviewReason.ONGOING


def _participation(child: Child, on: date, chance: int) -> Participation:
    if is_under(child, _TALKING, on):
        return Participation.UNDER_4
    return (
        Participation.ATTENDED_AND_SPOKE,
        Participation.ATTENDED_AND_SPOKE,
        Participation.VIEWS_OTHERWISE,
        Participation.ATTENDED_SILENT,
    )[chance]


def _checklist(  # noqa: PLR0913, PLR0917 -- a form is filled in from everything
    dice: Dice,
    child: Child,
    review: str,
    kind: ReviewKind,
    plan: Plan,
    took_part: Participation,
    *,
    legal: LegalStatus,
    late: bool,
) -> IroChecklistSubmitted:
    """The form of Appendix A in full. It says of itself whether the review was in time, as the form does."""
    on, young = plan.held_on, took_part is Participation.UNDER_4
    came = took_part in {Participation.ATTENDED_AND_SPOKE, Participation.ATTENDED_SILENT}
    before = (on - plan.report_on).days if plan.report_on else -1
    report = DaysBefore.NONE if before < 0 else _REPORT_DAYS.get(before, DaysBefore.THREE_OR_MORE)
    part = ChecklistParticipation.ATTENDED if came else ChecklistParticipation.DNA
    return IroChecklistSubmitted(
        review_id=review,
        child_name=f"Invented Child {child.number}",
        iro=plan.chair.actor,
        review_date=on,
        review_time="10:00",
        social_worker=child.worker.actor,
        team=child.team,
        participation=(ChecklistParticipation.UNDER_4,) if young else (part,),
        views_sought=Answer.NOT_APPLICABLE if came or young else Answer.YES,
        iro_met_child=True,
        chaired_by_child=Chairing.NOT_APPROPRIATE if is_under(child, _CHAIRING, on) else Chairing.DECLINED,
        parents_attended=dice.chance(70),
        details_correct=dice.chance(95),
        report_to_iro=report,
        report_to_child=DaysBefore.NOT_APPLICABLE if young else report,
        report_to_parents=report,
        report_has_childs_views=ViewsIncluded.NOT_FRASER if young else ViewsIncluded.YES,
        care_plan_updated=dice.chance(92),
        permanence_provided=dice.chance(95),
        pathway_plan=UnlessTooYoung.TOO_YOUNG if is_under(child, 16, on) else UnlessTooYoung.YES,
        kind=kind,
        reason=_reason(kind),
        in_timescale=not late,
        out_of_time_reason=OutOfTimeReason.CHILD_UNAVAILABLE if late else None,
        on_protection_plan=False,
        legal_status=legal,
        relevant_invited=Some.YES,
        professionals_participated=Some.YES if dice.chance(80) else Some.SOME,
        worker_attended=dice.chance(96),
        good_practice=dice.chance(25),
        drift_or_delay=plan.alert,
        pep_updated=UnlessTooYoung.TOO_YOUNG if young else UnlessTooYoung.YES,
        medical=dice.chance(92),
        dental=UnlessTooYoung.TOO_YOUNG if is_under(child, 1, on) else UnlessTooYoung.YES,
        eye=dice.chance(90),
        advocate_offered=Answer.NOT_APPLICABLE if young else Answer.YES,
        practice_alert_triggered=plan.alert,
        signature="Invented Signature",
        signed_on=on,
    )
