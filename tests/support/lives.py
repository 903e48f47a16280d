"""Random facts of a child's life: of very few objects, on a few days, so that they meet and contradict."""

from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from tests.support.casework import Post, event

DAYS: Final = st.dates(date(2018, 1, 1), date(2018, 3, 31)).map(str)
IDS: Final = st.sampled_from("12")

# What may be told of a child: the type, the fields with a day, those with an id, and all others.
TOLD: Final[list[tuple[str, str, str | None, dict[str, list[Any]]]]] = [
    ("ContactReceived", "", "contact_id", {}),
    ("ContactTriaged", "triaged_on", "contact_id", {"outcome": ["NFA", "REFERRAL"]}),
    ("ReferralAccepted", "referral_date", "referral_id", {}),
    ("ReferralClosedNfa", "closed_on", "referral_id", {}),
    ("CaseClosed", "closed_on", None, {"reason": ["RC1"]}),
    ("AssessmentStarted", "start_date", "assessment_id", {"referral_id": ["1", "2", None]}),
    ("AssessmentAuthorised", "authorised_on", "assessment_id", {"outcome": ["CIN", "NOT_IN_NEED"]}),
    ("ChildSeen", "seen_on", None, {}),
    ("StrategyHeld", "", "strategy_id", {"decision": ["S47_JOINT", "NO_S47"]}),
    ("Section47Started", "started_on", "enquiry_id", {"referral_id": ["1", None]}),
    ("Section47Completed", "completed_on", "enquiry_id", {"outcome": ["NOT_SUBSTANTIATED"]}),
    ("ConferenceHeld", "held_on", "conference_id", {"decision": ["CP_PLAN", "REMAINS", "NFA"]}),
    ("PlanMade", "made_on", "plan_id", {"plan_kind": ["CIN", "CP"], "conference_id": ["1", None]}),
    ("PlanEnded", "ended_on", "plan_id", {}),
    ("CoreGroupHeld", "held_on", None, {"plan_id": ["1", None]}),
    ("CinReviewHeld", "held_on", None, {"decision": ["CONTINUE"]}),
    ("ChildBecameLookedAfter", "started_on", "period_id", {}),
    ("ChildCeasedLookedAfter", "ceased_on", "period_id", {}),
    ("PlacementStarted", "started_on", "placement_id", {"permanent": [True, None]}),
    ("PlacementEnded", "ended_on", "placement_id", {}),
    ("ReviewMeetingHeld", "held_on", "review_id", {}),
    ("ReviewCompleted", "completed_on", "review_id", {}),
    ("HealthAssessmentCompleted", "on", None, {"kind": ["IHA", "RHA"]}),
    ("PrivateFosteringNotified", "notified_on", "arrangement_id", {}),
    ("PrivateFosteringVisitMade", "on", "arrangement_id", {}),
]


@st.composite
def facts(draw: st.DrawFn) -> Post:
    """One fact about one of very few objects, on one of a few days."""
    name, day, object_id, choices = draw(st.sampled_from(TOLD))
    on = draw(DAYS)
    data = {field: draw(st.sampled_from(values)) for field, values in choices.items()}
    data |= {day: on} if day else {}
    data |= {object_id: draw(IDS)} if object_id else {}
    return event(name, **data).saying(time=f"{on}T12:00:00Z")
