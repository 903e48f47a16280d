"""Sentences of looked-after children, their placements, reviews, health and education, and of fostering."""

from typing import assert_never

from services.domain import calendar
from services.domain.events import CareEvent
from services.domain.events.care_planning import (
    AdvocateAccepted,
    AdvocateOffered,
    CarePlanDistributed,
    PathwayPlanMade,
    PermanencePlanSet,
)
from services.domain.events.checklist import IroChecklistSubmitted
from services.domain.events.health_education import (
    DentalCheckRecorded,
    EyeCheckRecorded,
    HealthAssessmentCompleted,
    HealthAssessmentKind,
    PepReviewed,
)
from services.domain.events.looked_after import (
    CeasedReason,
    ChildBecameLookedAfter,
    ChildCeasedLookedAfter,
    IroAppointed,
    IroChanged,
    LegalStatusChanged,
)
from services.domain.events.placement import PlacementEnded, PlacementStarted
from services.domain.events.private_fostering import (
    PrivateFosteringAssessed,
    PrivateFosteringEnded,
    PrivateFosteringNotified,
    PrivateFosteringVisitMade,
)
from services.domain.events.review import (
    ClaReviewRescheduled,
    ClaReviewScheduled,
    IroMetChild,
    ReviewCompleted,
    ReviewMeetingHeld,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.sentences.words import because, day, on, words


def sentence(event: CareEvent) -> str:
    """One sentence, capital to full stop."""
    match event:
        case ChildBecameLookedAfter():
            return f"The child became looked after{on(event.started_on)}."
        case IroAppointed(iro=iro):
            return f"The reviewing officer {iro} was appointed{on(event.on)}."
        case IroChanged(iro=iro):
            return f"The reviewing officer {iro} took over{on(event.on)}."
        case LegalStatusChanged(to=to):
            return f"The legal status changed{on(event.on)} to {to}."
        case ChildCeasedLookedAfter(reason=reason):
            why = f": {words(CeasedReason(reason).name)}" if reason else ""
            return f"The child ceased to be looked after{on(event.ceased_on)}{why}."
        case PlacementStarted(type=kind):
            return f"A placement began{on(event.started_on)}{because(kind)}."
        case PlacementEnded():
            return f"A placement ended{on(event.ended_on)}{because(event.reason)}."
        case ClaReviewScheduled(scheduled_for=at):
            return f"A looked-after review was scheduled for {day(calendar.london_date(at))}."
        case ClaReviewRescheduled(scheduled_for=at):
            return f"A looked-after review was moved to {day(calendar.london_date(at))}."
        case ReviewReportReceived(recipient=recipient):
            return f"The report for a review reached the {_to(recipient)}{on(event.received_on)}."
        case ReviewMeetingHeld():
            return f"A looked-after review was held{on(event.held_on)}."
        case IroMetChild():
            return f"The reviewing officer met the child{on(event.met_on)}."
        case ReviewCompleted():
            return f"A looked-after review was completed{on(event.completed_on)}."
        case ReviewRecommendationsDistributed():
            return f"The recommendations of a review were distributed{on(event.on)}."
        case IroChecklistSubmitted():
            return f"The checklist of a review was handed in{on(event.submitted_on)}."
        case PermanencePlanSet(permanency=permanency):
            return f"The plan for permanence was set{on(event.on)}: {words(permanency)}."
        case CarePlanDistributed():
            return f"The care plan was distributed{on(event.on)}."
        case PathwayPlanMade():
            return f"A pathway plan was made{on(event.on)}."
        case AdvocateOffered():
            return f"An advocate was offered{on(event.on)}."
        case AdvocateAccepted():
            return f"The offer of an advocate was accepted{on(event.on)}."
        case PepReviewed():
            return f"The personal education plan was reviewed{on(event.on)}."
        case HealthAssessmentCompleted(kind=kind):
            which = "An initial" if kind is HealthAssessmentKind.IHA else "A review"
            return f"{which} health assessment was completed{on(event.on)}."
        case DentalCheckRecorded():
            return f"The child's teeth were checked{on(event.on)}."
        case EyeCheckRecorded():
            return f"The child's eyes were checked{on(event.on)}."
        case PrivateFosteringNotified():
            return f"A private fostering arrangement was notified{on(event.notified_on)}."
        case PrivateFosteringVisitMade():
            return f"A visit was made to a private fostering arrangement{on(event.on)}."
        case PrivateFosteringAssessed():
            return f"A private fostering arrangement was assessed{on(event.on)}."
        case PrivateFosteringEnded():
            return f"A private fostering arrangement ended{on(event.ended_on)}."
        case _:
            assert_never(event)


def _to(recipient: str) -> str:
    return "reviewing officer" if recipient == "IRO" else words(recipient)
