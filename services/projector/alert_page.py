"""An alert as a page for a manager's phone: where it stands, by when, every step, and no personal data."""

from collections.abc import Iterator
from datetime import date, datetime
from html import escape
from typing import Final

from services.domain import calendar
from services.domain.alert import AlertState
from services.domain.as_at import NOW, AsAt
from services.domain.events.alert import NotificationKind
from services.domain.sentence import rung_title
from services.projector import page
from services.projector.answers import Alert
from services.projector.page import day_of, moment, words
from services.projector.views.steps import Step, Telling

_STATES: Final = {
    AlertState.INFORMAL: "Not raised yet: an informal resolution was tried.",
    AlertState.AWAITING_IRO: "Answered. The reviewer is to accept or reject the answer.",
    AlertState.ACCEPTED: "The answer was accepted. The alert stays open until it is resolved.",
    AlertState.REJECTED: "The answer was rejected. The alert goes up to the next rung.",
    AlertState.EXHAUSTED: "Nobody answered on any rung. The alert stays open until it is resolved.",
}
_ENDED: Final = {AlertState.RESOLVED: "Resolved", AlertState.WITHDRAWN: "Withdrawn by its raiser"}
_TOLD: Final = {
    NotificationKind.RUNG_TOLD: "told",
    NotificationKind.REMINDER: "reminded",
    NotificationKind.CAP: "told of the statutory cap",
    NotificationKind.EXHAUSTED: "told that the ladder is exhausted",
    NotificationKind.IRO_TO_DECIDE: "asked to decide",
    NotificationKind.RESOLVED: "told of the end",
    NotificationKind.RUNG_VACANT: "told that a rung has no holder",
}


def render(alert: Alert, now: datetime, *, test_clock: bool, asked: AsAt = NOW) -> str:
    """The whole page. It needs nothing else: no script, no picture, no address elsewhere."""
    body = "\n".join(_body(alert, now, asked, test_clock=test_clock))
    return page.framed(f"Practice alert {escape(alert.alert_id)}", body)


def _body(alert: Alert, now: datetime, asked: AsAt, *, test_clock: bool) -> Iterator[str]:
    yield from page.standing(now, asked, test_clock=test_clock)
    yield f"<h1>Practice alert: {words(alert.issue_code or '')}</h1>"
    yield from _standing(alert, calendar.london_date(asked.moment(now)))
    for step in alert.steps:
        yield from _step(step)
    yield (
        f"<footer><p>Alert {escape(alert.alert_id)} on case {escape(alert.case_id)}. "
        f"An answer is given in the case management system, which tells the ledger.</p></footer>"
    )


def _standing(alert: Alert, today: date) -> Iterator[str]:
    if alert.state in _STATES:
        yield f"<p>{_STATES[alert.state]}</p>"
    elif alert.state in _ENDED:
        yield f"<p>{_ENDED[alert.state]}{_when_and_how(alert)}.</p>"
    else:
        yield f"<p>Waiting for {escape(rung_title(alert.rung, today))} to answer.</p>"
        late = " late" if alert.days_left is not None and alert.days_left < 0 else ""
        yield f'<p class="due{late}">{_due(alert)}</p>'
    if alert.open and alert.cap_on:
        cap = "passed on" if alert.cap_reached else "end on"
        yield f'<p class="small">The statutory 20 working days {cap} {day_of(alert.cap_on)}.</p>'
    if alert.repeat_of:
        yield f'<p class="small">A repeat of {escape(alert.repeat_of)}: same case, same issue.</p>'
    if alert.cafcass_open:
        yield '<p class="small">Referred to CAFCASS as well.</p>'


def _when_and_how(alert: Alert) -> str:
    ended_on = alert.resolved_on or (calendar.london_date(alert.closed_at) if alert.closed_at else None)
    how = f": {words(alert.resolution)}" if alert.resolution else ""
    return f"{f' on {day_of(ended_on)}' if ended_on else ''}{how}"


def _due(alert: Alert) -> str:
    by = f"Answer by {day_of(alert.due_on)}" if alert.due_on else "Answer due"
    match alert.days_left:
        case None:
            return by
        case 0:
            return f"{by}: today"
        case left if left < 0:
            return f"{by}: overdue"
        case left:
            return f"{by}: {left} working day{'' if left == 1 else 's'} left"


def _step(step: Step) -> Iterator[str]:
    title = rung_title(step.rung, calendar.london_date(step.at)).removeprefix("the ")
    yield f"<h2>{escape(title[0].upper() + title[1:])}</h2>"
    yield f"<p>Since {moment(step.at)}{f', due {day_of(step.due_on)}' if step.due_on else ''}.</p>"
    if step.answered_at:
        decision = (
            f"; {words(step.decision)} {moment(step.decided_at)}" if step.decided_at and step.decision else ""
        )
        yield f"<p>Answered {moment(step.answered_at)}{decision}.</p>"
    if step.told:
        yield "<ul>" + "".join(f"<li>{_telling(each)}</li>" for each in step.told) + "</ul>"


def _telling(telling: Telling) -> str:
    if telling.holder is None:
        return f"{moment(telling.at)}: nobody holds this rung"
    outcome = f"was {_TOLD[telling.kind]}" if telling.sent else "could not be reached"
    return f"{moment(telling.at)}: {escape(telling.holder)} {outcome}"
