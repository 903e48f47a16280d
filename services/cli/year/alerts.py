"""Practice alerts: fourteen, three of them repeats, all resolved, none beyond the Head of Service.

The report prints no number. Each step is a person's: a response that is rejected takes the alert up, and so
does the reviewing officer where nobody answers. Each step up stands in the same minute as what called for
it, and nothing is answered late, so that a ladder which is being watched has nothing left to do.
"""

from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from services.cli.year.care import Lived
from services.cli.year.days import DAYS, at, later
from services.cli.year.diary import By, Diary
from services.cli.year.dice import Dice
from services.cli.year.people import (
    CP_CHAIR,
    FORMER_IRO,
    HEAD_OF_SERVICE,
    IN_POST_ON,
    IRO,
    SERVICE_MANAGER,
    Child,
)
from services.cli.year.protection import Planned
from services.cli.year.review_papers import review_id
from services.cli.year.reviews import Plans
from services.domain import ladder
from services.domain.events.alert import (
    EscalatedToHeadOfService,
    EscalatedToServiceManager,
    GoodPracticeRecorded,
    InformalResolutionAttempted,
    IssueCode,
    Origin,
    PracticeAlertAcknowledged,
    PracticeAlertRaised,
    PracticeAlertResolved,
    Proposal,
    RaiserRole,
    Resolution,
    ResponseAccepted,
    ResponseReceived,
    ResponseRejected,
    Rung,
    Trigger,
)

_PATHS: Final = {1: 9, 2: 3, 3: 2}
"""How many rungs an alert came to, and how many alerts did."""
_RUNGS: Final = (Rung.TEAM_MANAGER, Rung.SERVICE_MANAGER, Rung.HEAD_OF_SERVICE)
_ISSUES: Final = (
    IssueCode.CARE_PLAN_DRIFT,
    IssueCode.LATE_REPORT,
    IssueCode.PARENT_COMMUNICATION,
    IssueCode.CONTACT_NOT_FACILITATED,
    IssueCode.EDUCATION,
    IssueCode.STATUTORY_VISIT,
)
_OF_CHAIRS: Final = (IssueCode.CORE_GROUP_INEFFECTIVE, IssueCode.CARE_PLAN_DRIFT, IssueCode.CHANGE_OF_WORKER)
_CONFERENCES: Final = (9, 14, 22)
"""Of which children on plans the chair raised one, some weeks after the initial conference."""
_MINUTE: Final = timedelta(minutes=1)


class Concern(Struct, frozen=True, kw_only=True):
    """What is raised: about whom, by whom, when and out of what."""

    child: Child
    number: int
    raiser: By
    issue: IssueCode
    on: date
    origin: Origin
    origin_id: str

    @property
    def alert_id(self) -> str:
        """The alert's id."""
        return self.child.object_id("alert", self.number)

    def owner(self, day: date) -> By:
        """Who decides on it: whoever raised it, or who came after an officer who left."""
        return IRO if self.raiser == FORMER_IRO and day >= IN_POST_ON else self.raiser


def practice_alerts(diary: Diary, lived: list[Lived], planned: list[Planned], plans: Plans) -> None:
    """Write down every alert, from raising to resolution."""
    dice = Dice(diary.seed, "alerts")
    concerns = [*_of_reviews(dice, lived, plans), *_of_conferences(planned)]
    for concern, rungs in zip(concerns, dice.deal(_PATHS), strict=True):
        _climb(diary, dice, concern, _RUNGS[:rungs])
    for each in lived[:3]:
        praise = GoodPracticeRecorded(what="Invented good practice.", told="Invented worker")
        held = plans[each.name, 0]
        diary.note(each.child.case, praise, at(held.held_on, 17), held.chair)


def _of_reviews(dice: Dice, lived: list[Lived], plans: Plans) -> list[Concern]:
    found = []
    for each in lived:
        issue = dice.pick(_ISSUES)
        for number, nth in enumerate(each.life.alerts, 1):
            plan = plans[each.name, nth]
            concern = Concern(
                child=each.child,
                number=number,
                raiser=plan.chair,
                issue=issue,
                on=later(plan.held_on, 2),
                origin=Origin.CLA_REVIEW,
                origin_id=review_id(each.child, len(each.earlier) + nth + 1),
            )
            found.append(concern)
    return found


def _of_conferences(planned: list[Planned]) -> list[Concern]:
    found = []
    for nth, issue in zip(_CONFERENCES, _OF_CHAIRS, strict=True):
        each = planned[nth]
        on = later(each.start, 40)
        concern = Concern(
            child=each.child,
            number=1,
            raiser=CP_CHAIR,
            issue=issue,
            on=on,
            origin=Origin.CONFERENCE,
            origin_id=each.conferences[0],
        )
        found.append(concern)
    return found


def _climb(diary: Diary, dice: Dice, concern: Concern, rungs: tuple[Rung, ...]) -> None:
    _raise(diary, dice, concern)
    day, case, alert_id = concern.on, concern.child.case, concern.alert_id
    for rung in rungs:
        answerer, last = _holder(concern.child, rung), rung is rungs[-1]
        seen = PracticeAlertAcknowledged(alert_id=alert_id, by=answerer.actor, by_role=answerer.role)
        diary.note(case, seen, at(later(day, 1), 9, 20), answerer)
        if not last and rung is Rung.TEAM_MANAGER and dice.chance(50):
            day = later(day, 4)
            _go_up(diary, concern, rung, day, Trigger.IRO_BYPASS)
            continue
        answered = later(day, dice.between(2, 3))
        response = ResponseReceived(
            alert_id=alert_id,
            rung=rung,
            responder=answerer.actor,
            proposes=Proposal.ACTION_PLAN if last else Proposal.DISAGREE,
            text="An invented answer.",
        )
        diary.note(case, response, at(answered, 15), answerer)
        day = later(answered, 1)
        decider = concern.owner(day)
        if last:
            diary.note(case, ResponseAccepted(alert_id=alert_id, by=decider.actor), at(day, 10), decider)
        else:
            rejected = ResponseRejected(alert_id=alert_id, by=decider.actor, reason="Not enough.")
            diary.note(case, rejected, at(day, 10), decider)
            _go_up(diary, concern, rung, day, Trigger.RESPONSE_REJECTED)
    resolved = PracticeAlertResolved(
        alert_id=alert_id, resolution=dice.pick((Resolution.ACTION_TAKEN, Resolution.EXPLAINED))
    )
    day = later(day, dice.between(1, 5))
    diary.note(case, resolved, at(day, 14), concern.owner(day))


def _raise(diary: Diary, dice: Dice, concern: Concern) -> None:
    case, window = concern.child.case, ladder.open_window(concern.on, DAYS)
    if dice.chance(60):
        tried = InformalResolutionAttempted(alert_id=concern.alert_id, with_role="TEAM_MANAGER")
        diary.note(case, tried, at(later(concern.on, -1), 15), concern.raiser)
    raised = PracticeAlertRaised(
        alert_id=concern.alert_id,
        issue_code=concern.issue,
        origin=concern.origin,
        origin_id=concern.origin_id,
        raised_by=concern.raiser.actor,
        raised_by_role=RaiserRole(concern.raiser.role),
        issue="An invented concern.",
        day0=window.day0,
        due_on=window.due_on,
        cap_on=ladder.cap_date(concern.on, DAYS),
    )
    diary.note(case, raised, at(concern.on, 10), concern.raiser)


def _go_up(diary: Diary, concern: Concern, rung: Rung, day: date, trigger: Trigger) -> None:
    """The next rung, a minute after what called for it."""
    to_service_manager = rung is Rung.TEAM_MANAGER
    kind = EscalatedToServiceManager if to_service_manager else EscalatedToHeadOfService
    window = ladder.open_window(day, DAYS)
    escalated = kind(
        alert_id=concern.alert_id, trigger=trigger, from_rung=rung, day0=window.day0, due_on=window.due_on
    )
    diary.note(concern.child.case, escalated, at(day, 10) + _MINUTE, concern.owner(day))


def _holder(child: Child, rung: Rung) -> By:
    if rung is Rung.TEAM_MANAGER:
        return child.manager
    return SERVICE_MANAGER if rung is Rung.SERVICE_MANAGER else HEAD_OF_SERVICE
