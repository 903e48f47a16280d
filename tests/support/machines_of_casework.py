"""The machines that are drawn: of each the states, and the sample events that are tried in each of them."""

import sys
from typing import Final

from msgspec.structs import replace

from services.domain import ladder
from services.domain.alert import CLOSED as CLOSED_ALERTS
from services.domain.alert import AlertState
from services.domain.state.allegations import AllegationState
from services.domain.state.allegations import state as state_of_allegation
from services.domain.state.assessments import AssessmentState, assessments, state_of_assessment
from services.domain.state.care import (
    ArrangementState,
    PeriodState,
    PlacementState,
    arrangements,
    periods,
    placements,
    state_of_arrangement,
    state_of_period,
    state_of_placement,
)
from services.domain.state.conferences import ConferenceState, conference_ids, state_of_conference
from services.domain.state.enquiries import EnquiryState, enquiries, state_of_enquiry
from services.domain.state.plans import PlanState, plans, state_of_plan
from services.domain.state.reviews import ReviewState, review_ids, state_of_review
from services.domain.state.status import CaseStatus
from tests.support.casework import (
    ALERT,
    ESCALATED_TO,
    IRIS,
    TOM,
    Post,
    Story,
    accepted,
    contact,
    escalated,
    event,
    exhausted,
    given,
    informal,
    plan,
    raised,
    rejected,
    resolved,
    responded,
    strategy,
    withdrawn,
)
from tests.support.machines import WEEK, Machine, Step, label_of, lines


def _fact(post: Post, *, begins: bool = False) -> Step:
    return Step(label_of(post), lambda story: replace(post, recorded=story.now + WEEK), begins)


def _step(post: Post, *, begins: bool = False) -> Step:
    return Step(post.type, lambda _: post, begins)


CLOSED: Final = event("CaseClosed", reason="RC8")
TAKEN: Final = event("ChildBecameLookedAfter", period_id="period-1")
CEASED: Final = event("ChildCeasedLookedAfter", period_id="period-1")
SOON: Final = "2018-06-01T10:00:00Z"


def _begun(name: str, **data: str) -> Step:
    return _fact(event(name, **data), begins=True)


def _then(name: str, **data: str) -> Step:
    return _fact(event(name, **data))


def _alert_state(story: Story) -> str | None:
    alert = story.case.alerts.get(ALERT)
    return str(alert.state) if alert else None


def _alert_key(story: Story) -> object:
    alert = story.case.alerts.get(ALERT)
    return (alert.state, alert.rung) if alert else None


def _expired(story: Story) -> Post | None:
    """What the ladder calls for when nobody answered in time."""
    alert = story.case.alerts.get(ALERT)
    if alert is None or alert.rung is None or alert.due_on is None or not alert.window_open:
        return None
    upwards = ladder.above(alert.rung)
    called_for = escalated(upwards) if upwards else exhausted()
    return replace(called_for, recorded=max(story.now, ladder.expiry(alert.due_on)))


def _turned_down(story: Story) -> Post | None:
    """What the ladder calls for when a response was rejected."""
    alert = story.case.alerts.get(ALERT)
    if alert is None or alert.rung is None or alert.state is not AlertState.REJECTED:
        return None
    upwards = ladder.above(alert.rung)
    return escalated(upwards, "RESPONSE_REJECTED") if upwards else exhausted()


def _answered(story: Story) -> Post | None:
    alert = story.case.alerts.get(ALERT)
    return responded(by=TOM, rung=alert.rung) if alert and alert.rung else None


LADDER: Final = Machine(
    title="Practice alert",
    states=AlertState,
    state=_alert_state,
    key=_alert_key,
    within=frozenset(AlertState) - CLOSED_ALERTS - {AlertState.INFORMAL},
    steps=(
        _step(informal(), begins=True),
        _step(raised(), begins=True),
        _step(raised()),
        Step("the window expires", _expired),
        Step("ResponseReceived", _answered),
        _step(accepted(by=IRIS)),
        _step(rejected(by=IRIS)),
        Step("climbs", _turned_down),
        _step(resolved()),
        _step(withdrawn()),
    ),
    notes=f"Each climb is an event: {', '.join(f'`{name}`' for name in ESCALATED_TO.values())}, or "
    "`LadderExhausted` at the top. The reviewer may also bypass rungs (`IRO_BYPASS`), from every open state, "
    "upwards only. The dates: [the ladder and its dates](the-ladder-and-its-dates.md).",
)

RECEIVED: Final = event("LadoReferralReceived", role="CHILD_MINDERS", concern="PHYSICAL")
REOPENED: Final = event("LadoCaseReopened")
ENQUIRED_INTO: Final = (
    event("LadoThresholdDecided", decision="INTERNAL_ENQUIRY_CSM"),
    event("LadoOutcomeRecorded", outcome="UNFOUNDED"),
    event("LadoCaseClosed"),
)
ALLEGATIONS: Final = (
    (*ENQUIRED_INTO, REOPENED, *ENQUIRED_INTO),
    *((event("LadoThresholdDecided", decision=end), REOPENED) for end in ("LOGGED_CLOSED", "ADVICE")),
)

OBJECTS: Final = (
    Machine(
        title="Plan",
        states=PlanState,
        state=lambda story: next(map(state_of_plan, plans(story.case.facts).values()), None),
        steps=(_fact(plan(), begins=True), _then("PlanEnded", plan_id="plan-1"), _fact(CLOSED)),
    ),
    Machine(
        title="Looked-after period",
        states=PeriodState,
        state=lambda story: next(map(state_of_period, periods(story.case.facts).values()), None),
        steps=(_fact(TAKEN, begins=True), _fact(CEASED), _fact(CLOSED)),
    ),
    Machine(
        title="Placement",
        states=PlacementState,
        state=lambda story: next(
            (state_of_placement(story.case.facts, span) for span in placements(story.case.facts).values()),
            None,
        ),
        before=given(TAKEN),
        steps=(
            _begun("PlacementStarted", placement_id="placement-1"),
            _then("PlacementEnded", placement_id="placement-1"),
            _fact(CEASED),
            _fact(CLOSED),
        ),
    ),
    Machine(
        title="Looked-after review",
        states=ReviewState,
        state=lambda story: next(
            (state_of_review(story.case.facts, each) for each in review_ids(story.case.facts)), None
        ),
        before=given(TAKEN),
        steps=(
            _begun("ClaReviewScheduled", review_id="review-1", scheduled_for=SOON),
            _then("ReviewMeetingHeld", review_id="review-1"),
            _then("IroMetChild", review_id="review-1"),
            _then("ReviewCompleted", review_id="review-1"),
            _fact(CEASED),
            _fact(CLOSED),
        ),
    ),
    Machine(
        title="Assessment",
        states=AssessmentState,
        state=lambda story: next(map(state_of_assessment, assessments(story.case.facts).values()), None),
        steps=(
            _begun("AssessmentStarted", assessment_id="assessment-1"),
            _then("AssessmentAuthorised", assessment_id="assessment-1", outcome="CIN"),
            _fact(CLOSED),
        ),
    ),
    Machine(
        title="Section 47 enquiry",
        states=EnquiryState,
        state=lambda story: next(map(state_of_enquiry, enquiries(story.case.facts).values()), None),
        steps=(
            _begun("Section47Started", enquiry_id="enquiry-1"),
            _then("Section47Completed", enquiry_id="enquiry-1", outcome="NOT_SUBSTANTIATED"),
            _fact(CLOSED),
        ),
    ),
    Machine(
        title="Conference",
        states=ConferenceState,
        state=lambda story: next(
            (state_of_conference(story.case.facts, each) for each in conference_ids(story.case.facts)), None
        ),
        steps=(
            _begun("ConferenceScheduled", conference_id="conference-1", kind="ICPC", scheduled_for=SOON),
            _then("ConferenceHeld", conference_id="conference-1", decision="CP_PLAN"),
            _fact(CLOSED),
        ),
    ),
    Machine(
        title="Allegation against an adult who works with children",
        states=AllegationState,
        state=lambda story: state_of_allegation(story.case.facts),
        lives=tuple((RECEIVED, *life) for life in ALLEGATIONS),
        notes="Drawn from usual lives of an allegation. Of several steps on one day the furthest counts.",
    ),
    Machine(
        title="Private fostering arrangement",
        states=ArrangementState,
        state=lambda story: next(
            (
                state_of_arrangement(story.case.facts, span)
                for span in arrangements(story.case.facts).values()
            ),
            None,
        ),
        steps=(
            _begun("PrivateFosteringNotified", arrangement_id="arrangement-1"),
            _then("PrivateFosteringAssessed", arrangement_id="arrangement-1"),
            _then("PrivateFosteringEnded", arrangement_id="arrangement-1"),
            _fact(CLOSED),
        ),
    ),
)

REFERRED: Final = (contact(), event("ReferralAccepted", referral_id="referral-1"))
ASSESSED: Final = (
    *REFERRED,
    event("AssessmentStarted", assessment_id="assessment-1"),
    event("AssessmentAuthorised", assessment_id="assessment-1", outcome="CIN"),
)
NEED_PLAN: Final = plan("CIN", "plan-1")
NEED_PLAN_ENDED: Final = event("PlanEnded", plan_id="plan-1")
ENQUIRY: Final = (
    strategy(),
    event("Section47Started", enquiry_id="enquiry-1"),
    event("Section47Completed", enquiry_id="enquiry-1", outcome="SUBSTANTIATED_ONGOING"),
)
PROTECTED: Final = (*REFERRED, *ENQUIRY, plan("CP", "plan-2"))
LIVES: Final = (
    (*REFERRED, event("ReferralClosedNfa", referral_id="referral-1")),
    (*REFERRED, CLOSED, event("ReferralAccepted", referral_id="referral-2")),
    (*ASSESSED, NEED_PLAN, NEED_PLAN_ENDED, CLOSED),
    (*ASSESSED[:3], CLOSED),
    (*ASSESSED[:3], strategy()),
    (*ASSESSED, NEED_PLAN, strategy(), NEED_PLAN_ENDED),
    (*ASSESSED, NEED_PLAN, CLOSED),
    (*REFERRED, *ENQUIRY, NEED_PLAN),
    (*REFERRED, strategy(), CLOSED),
    (*PROTECTED, event("PlanEnded", plan_id="plan-2"), NEED_PLAN),
    (*REFERRED, strategy(), plan("CP", "plan-2")),
    (*PROTECTED, CLOSED),
    (*PROTECTED, TAKEN, CEASED),
    (*ASSESSED, NEED_PLAN, TAKEN, CEASED),
    (*REFERRED, TAKEN, CEASED),
    (*REFERRED, TAKEN, CLOSED),
    (RECEIVED, event("LadoCaseClosed")),
)

STATUS: Final = Machine(
    title="Case status",
    states=CaseStatus,
    state=lambda story: story.case.status,
    lives=LIVES,
    notes="When what a status stands for has ended, the next one that is still called for counts: "
    f"{', '.join(f'`{status}`' for status in reversed(CaseStatus))}. Drawn from usual lives of a case.",
)
MACHINES: Final = (STATUS, LADDER, *OBJECTS)


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines(MACHINES)))
