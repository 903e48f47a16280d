"""An alert as a page for a manager's phone: where it stands, by when, every step, and no personal data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Final

from litestar import MediaType
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType

from services.domain import calendar
from services.domain.alert import AlertState
from services.domain.as_at import NOW, AsAt
from services.domain.events.alert import NotificationKind
from services.domain.sentence import rung_title
from services.projector.answers import Alert
from services.projector.views.steps import Step, Telling

_STATES: Final = {
    AlertState.INFORMAL: "Not raised yet: an informal resolution was tried.",
    AlertState.AWAITING_IRO: "Answered. The reviewer is to accept or reject the answer.",
    AlertState.ACCEPTED: "The answer was accepted. The alert stays open until it is resolved.",
    AlertState.REJECTED: "The answer was rejected. The alert goes up to the next rung.",
    AlertState.EXHAUSTED: "Nobody answered on any rung. The alert stays open until it is resolved.",
    AlertState.RESOLVED: "Resolved.",
    AlertState.WITHDRAWN: "Withdrawn by its raiser.",
}
_TOLD: Final = {
    NotificationKind.RUNG_TOLD: "told",
    NotificationKind.REMINDER: "reminded",
    NotificationKind.CAP: "told of the statutory cap",
    NotificationKind.EXHAUSTED: "told that the ladder is exhausted",
    NotificationKind.IRO_TO_DECIDE: "asked to decide",
    NotificationKind.RESOLVED: "told of the end",
    NotificationKind.RUNG_VACANT: "told that a rung has no holder",
}

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 38rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.3rem; line-height: 1.3 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .2rem }
p { margin: .4rem 0 } .due { font-size: 1.2rem; font-weight: 600 } .late { color: #c0392b }
.clock { background: #b03a2e; color: #fff; padding: .5rem .8rem; border-radius: .4rem }
ul { margin: .3rem 0; padding-left: 1.2rem } footer, .small { font-size: .9rem; opacity: .75 }
"""

_CLOSED: Final = """<h1>This link opens nothing</h1>
<p>It is over, or was broken on its way, or what it led to is not shown without a login.</p>
<p>Open the newest message about it and follow the link there, all of it; or look in the case management
system.</p>"""


@dataclass
class AlsoAsPage(Operation):
    """A route whose answer is also had as a page."""

    def __post_init__(self) -> None:
        """Document the form that a browser asks for."""
        answer = (self.responses or {})["200"]
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            schema = Schema(type=OpenAPIType.STRING, description="The same, to be read by a person.")
            answer.content[MediaType.HTML] = OpenAPIMediaType(schema=schema)


def render(alert: Alert, now: datetime, *, test_clock: bool, asked: AsAt = NOW) -> str:
    """The whole page. It needs nothing else: no script, no picture, no address elsewhere."""
    body = "\n".join(_body(alert, now, asked, test_clock=test_clock))
    return _framed(f"Practice alert {escape(alert.alert_id)}", body)


def closed() -> str:
    """What whoever follows a link sees that is over or broken, or leads to what no link opens."""
    return _framed("This link opens nothing", _CLOSED)


def _framed(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _body(alert: Alert, now: datetime, asked: AsAt, *, test_clock: bool) -> Iterator[str]:
    if test_clock:
        yield f'<p class="clock">A rehearsal: it is {_moment(now)} on a test clock.</p>'
    if not asked.is_now:
        yield f'<p class="clock">Looking back: {escape(_asked(asked))}.</p>'
    yield f"<h1>Practice alert: {_words(alert.issue_code or '')}</h1>"
    yield from _standing(alert, calendar.london_date(asked.moment(now)))
    for step in alert.steps:
        yield from _step(step)
    yield (
        f"<footer><p>Alert {escape(alert.alert_id)} on case {escape(alert.case_id)}. "
        f"An answer is given in the case management system, which tells the ledger.</p></footer>"
    )


def _asked(asked: AsAt) -> str:
    known = (
        f"as it was known on {_moment(asked.recorded_until)}" if asked.recorded_until else "as is known now"
    )
    return f"{known}, of how it was on {_moment(asked.occurred_until)}" if asked.occurred_until else known


def _standing(alert: Alert, today: date) -> Iterator[str]:
    if alert.state in _STATES:
        yield f"<p>{_STATES[alert.state]}</p>"
    else:
        yield f"<p>Waiting for {escape(rung_title(alert.rung, today))} to answer.</p>"
        late = " late" if alert.days_left is not None and alert.days_left < 0 else ""
        yield f'<p class="due{late}">{_due(alert)}</p>'
    if alert.open and alert.cap_on:
        cap = "passed on" if alert.cap_reached else "end on"
        yield f'<p class="small">The statutory 20 working days {cap} {_day(alert.cap_on)}.</p>'
    if alert.repeat_of:
        yield f'<p class="small">A repeat of {escape(alert.repeat_of)}: same case, same issue.</p>'
    if alert.cafcass_open:
        yield '<p class="small">Referred to CAFCASS as well.</p>'


def _due(alert: Alert) -> str:
    by = f"Answer by {_day(alert.due_on)}" if alert.due_on else "Answer due"
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
    yield f"<p>Since {_moment(step.at)}{f', due {_day(step.due_on)}' if step.due_on else ''}.</p>"
    if step.answered_at:
        decision = (
            f"; {_words(step.decision)} {_moment(step.decided_at)}"
            if step.decided_at and step.decision
            else ""
        )
        yield f"<p>Answered {_moment(step.answered_at)}{decision}.</p>"
    if step.told:
        yield "<ul>" + "".join(f"<li>{_telling(each)}</li>" for each in step.told) + "</ul>"


def _telling(telling: Telling) -> str:
    if telling.holder is None:
        return f"{_moment(telling.at)}: nobody holds this rung"
    outcome = f"was {_TOLD[telling.kind]}" if telling.sent else "could not be reached"
    return f"{_moment(telling.at)}: {escape(telling.holder)} {outcome}"


def _words(code: str) -> str:
    return escape(code.replace("_", " ").lower())


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _moment(instant: datetime) -> str:
    local = calendar.in_london(instant)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"
