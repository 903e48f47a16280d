"""Casework in given/when/then: `given(raised()).when(responded()).then_admitted()`.

Nothing here knows the rules. Each step is JSON that is parsed, admitted, written, composed, decoded and
folded, as the ledger does it, so that every test goes through the document that would be on disk.
"""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from msgspec import Struct, json
from msgspec.structs import replace

from services.domain import case as cases
from services.domain import ladder
from services.domain import office as offices
from services.domain.admission import admit
from services.domain.alert import Alert, AlertState
from services.domain.calendar import Calendar, england_and_wales
from services.domain.case import Case
from services.domain.event import (
    CaseVersion,
    Recorded,
    Submission,
    compose,
    decode,
    to_the_millisecond,
    write,
)
from services.domain.events import OFFICE_EVENT_TYPES
from services.domain.ladder import Action, Climb, Exhaust, ReachCap, Tell
from services.domain.office import OFFICE, Office
from services.domain.posted import parse
from services.domain.verdict import Admitted, Refused

CASE: Final = "case-1"
ALERT: Final = "alert-1"
MONDAY: Final = datetime(2017, 10, 2, 9, tzinfo=UTC)  # 2 October 2017, 10:00 in London
KNOWN: Final = england_and_wales()

IRIS: Final = "iro:17"  # raises the alerts
TOM: Final = "manager:4"  # Team Manager
SAM: Final = "manager:3"  # Service Manager
HANA: Final = "manager:2"  # Head of Service

ESCALATED_TO: Final = {
    "SERVICE_MANAGER": "EscalatedToServiceManager",
    "HEAD_OF_SERVICE": "EscalatedToHeadOfService",
    "DIRECTOR_OF_CHILDRENS_SERVICES": "EscalatedToDirectorOfChildrensServices",
    "LSCB_CHAIR": "EscalatedToLscbChair",
}


class Post(Struct, frozen=True, kw_only=True):
    """One event as a client posts it; recorded `at` an instant, or at that of the step before."""

    type: str
    data: dict[str, Any]
    attributes: dict[str, Any]
    recorded: datetime | None = None

    def at(self, moment: str) -> "Post":
        """The same, recorded at `moment`: an instant, or a day (then at noon in UTC)."""
        return replace(self, recorded=instant(moment))

    def saying(self, **attributes: str) -> "Post":
        """The same with more CloudEvents attributes, such as `time` or `actor`."""
        return replace(self, attributes=self.attributes | attributes)

    def body(self, new_id: str) -> bytes:
        """The JSON of it."""
        return json.encode(
            {"id": new_id, "source": "/test", **self.attributes, "type": self.type, "data": self.data}
        )


def instant(moment: str) -> datetime:
    """`2017-10-09T22:59:59Z`, or `2017-10-09` for that day's noon."""
    return datetime.fromisoformat(moment if "T" in moment else f"{moment}T12:00:00Z")


def event(name: str, /, **data: Any) -> Post:
    """Any event, with this data."""
    return Post(type=name, data=data, attributes={})


def contact(contact_id: str = "contact-1") -> Post:
    return event("ContactReceived", contact_id=contact_id)


def strategy(decision: str = "S47_SINGLE", strategy_id: str = "strategy-1") -> Post:
    return event("StrategyHeld", strategy_id=strategy_id, decision=decision)


def plan(plan_kind: str = "CP", plan_id: str = "plan-1", **data: Any) -> Post:
    return event("PlanMade", plan_id=plan_id, plan_kind=plan_kind, **data)


def voided(target: str) -> Post:
    return event("EventVoided", target_event_id=target)


def informal(alert_id: str = ALERT) -> Post:
    return event("InformalResolutionAttempted", alert_id=alert_id)


def raised(alert_id: str = ALERT, issue_code: str = "CARE_PLAN_DRIFT", **data: Any) -> Post:
    return event(
        "PracticeAlertRaised", alert_id=alert_id, issue_code=issue_code, **{"raised_by": IRIS, **data}
    )


def acknowledged() -> Post:
    return event("PracticeAlertAcknowledged", alert_id=ALERT, by=TOM)


def responded(by: str = TOM, rung: str = "TEAM_MANAGER") -> Post:
    return event("ResponseReceived", alert_id=ALERT, rung=rung, responder=by)


def accepted(by: str = IRIS) -> Post:
    return event("ResponseAccepted", alert_id=ALERT, by=by)


def rejected(by: str = IRIS) -> Post:
    return event("ResponseRejected", alert_id=ALERT, by=by)


def escalated(to: str = "SERVICE_MANAGER", trigger: str = "WINDOW_EXPIRED", **data: Any) -> Post:
    return event(ESCALATED_TO[to], alert_id=ALERT, trigger=trigger, **data)


def bypassed(to: str) -> Post:
    return escalated(to, "IRO_BYPASS")


def exhausted() -> Post:
    return event("LadderExhausted", alert_id=ALERT)


def cap_reached() -> Post:
    return event("StatutoryCapReached", alert_id=ALERT)


def cafcass_referral() -> Post:
    return event("CafcassReferralMade", alert_id=ALERT, by=IRIS)


def cafcass_outcome() -> Post:
    return event("CafcassOutcomeReceived", alert_id=ALERT, outcome="NO_FURTHER_ACTION")


def resolved(**data: Any) -> Post:
    return event("PracticeAlertResolved", alert_id=ALERT, **data)


def withdrawn(by: str | None = IRIS) -> Post:
    return event("PracticeAlertWithdrawn", alert_id=ALERT, **({"by": by} if by else {}))


def told(notification_id: str = "message-1", **data: Any) -> Post:
    kind = {"kind": "RUNG_TOLD", **data}
    return event("NotificationSent", alert_id=ALERT, notification_id=notification_id, **kind)


def not_told(notification_id: str = "message-1") -> Post:
    return event("NotificationFailed", alert_id=ALERT, notification_id=notification_id, kind="RUNG_TOLD")


def appointed(holder: str = TOM, rung: str = "TEAM_MANAGER", **data: Any) -> Post:
    return event("RungHolderAppointed", rung=rung, holder=holder, **data)


def stood_down(holder: str = TOM, rung: str = "TEAM_MANAGER", **data: Any) -> Post:
    return event("RungHolderStoodDown", rung=rung, holder=holder, **data)


class Story(Struct, frozen=True, kw_only=True, dict=True):
    """What has been recorded so far; the nth event's id is `event-n`."""

    state: Case | Office
    records: tuple[Recorded, ...] = ()
    now: datetime = MONDAY
    days: Calendar = KNOWN
    policies: Office = Office()

    @cached_property
    def case(self) -> Case:
        """The case, folded one event at a time, which must come to the same as folding all of them."""
        assert isinstance(self.state, Case)
        assert cases.refold(CASE, self.records) == self.state
        return self.state

    @property
    def office(self) -> Office:
        assert isinstance(self.state, Office)
        return self.state

    @property
    def alert(self) -> Alert:
        return self.case.alerts[ALERT]

    def when(self, post: Post) -> "Outcome":
        """Post one event more."""
        now = post.recorded or self.now
        assert not self.records or now >= self.now, f"time does not go back: {now} after {self.now}"
        stream = CASE if isinstance(self.state, Case) else OFFICE
        submission = parse(post.body(f"event-{len(self.records) + 1}"), stream, _no_id)
        verdict = admit(self.state, submission, now, self.days, self.policies)
        if isinstance(verdict, Refused):
            return Outcome(before=self, refused=verdict)
        return Outcome(before=self, after=replace(self, now=now).with_(submission, verdict))

    def with_(self, submission: Submission, verdict: Admitted) -> "Story":
        """The story with what was admitted now."""
        version = CaseVersion(self.state.version + 1)
        written = write(submission, verdict.event, verdict.flags, version, to_the_millisecond(self.now))
        record = as_stored(written, position=len(self.records) + 1)
        return replace(self, state=fold(self.state, record), records=(*self.records, record))


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of the event that was posted last."""

    before: Story
    after: Story | None = None
    refused: Refused | None = None

    def then(self) -> Story:
        """The story with it; fails if it was refused."""
        assert self.after is not None, f"refused: {self.refused}"
        return self.after

    def then_refused(self, rule: str, at: str | None = None) -> None:
        assert self.refused is not None, f"admitted: {self.record.event} {self.record.flags}"
        assert self.refused.rule == rule
        assert self.refused.reason
        assert at is None or self.refused.at == at

    def then_admitted(self, *flags: str) -> Story:
        """Admitted under exactly these flags."""
        assert self.record.flags == flags
        return self.then()

    def then_state(self, state: AlertState) -> Alert:
        assert self.alert.state is state
        return self.alert

    @property
    def record(self) -> Recorded:
        return self.then().records[-1]

    @property
    def alert(self) -> Alert:
        return self.then().alert


def given(*posts: Post, days: Calendar = KNOWN) -> Story:
    """A story in which all of these were admitted."""
    office = any(post.type in OFFICE_EVENT_TYPES for post in posts)
    story = Story(state=Office() if office else Case(case_id=CASE), days=days)
    for post in posts:
        story = story.when(post).then()
    return story


def nothing() -> Story:
    """A case of which nothing has been recorded."""
    return given()


def no_office() -> Story:
    """An office in which nobody was ever appointed."""
    return Story(state=Office())


def left_alone(story: Story, until: datetime) -> Story:
    """The story at `until` if nobody does anything; what the ladder calls for is done when it falls due."""
    while True:
        story = kept(story)
        following = ladder.agenda(_alert(story, ALERT), story.now, story.days).next_at
        if following is None or following > until:
            return replace(story, now=until)
        story = replace(story, now=following)


def kept(story: Story, alert_id: str = ALERT) -> Story:
    """The story once everything that the alert calls for at this moment is done and recorded."""
    while posts := _called_for(story, alert_id):
        for post in posts:
            story = story.when(post).then()
    return story


def _called_for(story: Story, alert_id: str) -> list[Post]:
    alert = _alert(story, alert_id)
    due = ladder.agenda(alert, story.now, story.days).due
    posts = [_calling(alert, action) for action in due]
    return [post for post in posts if post.attributes["id"] not in alert.told]


def _alert(story: Story, alert_id: str) -> Alert:
    """The alert as it is on the way to the story that is looked at, whose case is folded anew then."""
    assert isinstance(story.state, Case)
    return story.state.alerts[alert_id]


def _calling(alert: Alert, action: Action) -> Post:
    if isinstance(action, Tell):
        message = ladder.notification_id(alert, action, "holder")
        return _of(alert, message, told(message, kind=action.kind, rung=action.rung))
    match action:
        case Climb(to=to, trigger=trigger):
            return _of(alert, action.event_id, escalated(to, trigger))
        case Exhaust():
            return _of(alert, action.event_id, exhausted())
        case ReachCap():
            return _of(alert, action.event_id, cap_reached())


def _of(alert: Alert, event_id: str, post: Post) -> Post:
    attributes = {"id": event_id, "source": "/notifier"}
    return replace(post, data=post.data | {"alert_id": alert.alert_id}, attributes=attributes)


def as_stored(record: Recorded, position: int) -> Recorded:
    """Through the bytes on disk and back."""
    document = compose(record)
    return decode(b'{"position":%d,' % position + document.removeprefix(b"{"))


def fold(state: Case | Office, record: Recorded) -> Case | Office:
    return cases.fold(state, record) if isinstance(state, Case) else offices.fold(state, record)


def record_of(name: str, data: dict[str, Any], *, number: int, at: datetime, stream: str = CASE) -> Recorded:
    """A document of any event as the ledger could hold it, whether or not it would have been admitted."""
    post = Post(type=name, data=data, attributes={})
    submission = parse(post.body(f"event-{number}"), stream, _no_id)
    return as_stored(write(submission, submission.event, (), CaseVersion(number), at), number)


def _no_id() -> str:
    raise AssertionError("every post here has an id")
