"""What a message says: what is asked, by when, of which rung, and what happens if nobody answers.

A reference and a link, codes and dates. Never a name, never a word of the concern, nothing about the child.
Of a restricted case not even the link, which would name the case, and opens for nobody.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from services.domain import calendar, ladder
from services.domain.alert import Alert, AlertState
from services.domain.calendar import Calendar
from services.domain.events.alert import NotificationKind, Rung
from services.notifier.deliveries import Claim

PARTNERSHIP_SINCE: Final = date(2019, 9, 29)  # the date on which safeguarding partners took over from LSCBs

_RUNG_NAMES: Final = {
    Rung.TEAM_MANAGER: "Team Manager",
    Rung.SERVICE_MANAGER: "Service Manager",
    Rung.HEAD_OF_SERVICE: "Head of Service",
    Rung.DIRECTOR_OF_CHILDRENS_SERVICES: "Director of Children's Services",
    Rung.LSCB_CHAIR: "Chair of the LSCB",
}
_PARTNERSHIP_CHAIR: Final = "Chair of the safeguarding partnership"

Linking = Callable[[str], str]
"""Gives the whole link to a path of the projector's."""

Said = tuple[str, list[str]]  # a subject, and paragraphs


class Message(Struct, frozen=True, kw_only=True):
    """One message, ready for any channel: for people its text, for machines a topic and what it says.

    `html` says what `text` says. `test_clock` marks a rehearsal.
    """

    notification_id: str
    topic: str
    about: dict[str, Any]
    subject: str
    text: str
    html: str | None = None
    sent_at: datetime
    test_clock: bool


class Facts(Struct, frozen=True, kw_only=True):
    """What a message is made of. `today` is the London date."""

    claim: Claim
    alert: Alert
    today: date
    days: Calendar
    restricted: bool = False

    @property
    def rung(self) -> str:
        """The rung that the message is about, in words."""
        return rung_name(self.claim.rung or self.alert.rung or Rung.TEAM_MANAGER, self.today)

    @property
    def for_raiser(self) -> bool:
        """Whether the reader raised the alert."""
        return self.claim.holder == self.alert.raised_by


def compose(facts: Facts, *, link: Linking, now: datetime, test_clock: bool) -> Message:
    """Write the message. Raises `BeyondCalendar`."""
    claim, alert = facts.claim, facts.alert
    subject, paragraphs = _SAID[claim.kind](facts)
    page = None if facts.restricted else link(path_of(claim.case_id, claim.alert_id))
    lines = [*paragraphs, f"Reference: {claim.alert_id}{_repeats(alert)}\n{_where(page)}"]
    about = {
        "kind": claim.kind,
        "case_id": None if facts.restricted else claim.case_id,
        "alert_id": claim.alert_id,
        "state": alert.state,
        "rung": claim.rung,
        "due_on": alert.due_on if alert.window_open else None,
        "link": page,
    }
    return Message(
        notification_id=claim.notification_id,
        topic=f"practice_alert.{claim.kind.lower()}",
        about=about,
        subject=mark(subject, test_clock=test_clock),
        text="\n\n".join([*lines, *closing(claim.notification_id, test_clock=test_clock)]) + "\n",
        sent_at=now,
        test_clock=test_clock,
    )


def mark(subject: str, *, test_clock: bool) -> str:
    """The subject, under which nobody takes a rehearsal for the real thing."""
    return f"{'[Rehearsal] ' if test_clock else ''}{subject}"


def closing(notification_id: str, *, test_clock: bool) -> list[str]:
    """The paragraphs with which every message ends."""
    rehearsal = ["This is a rehearsal: it was sent on a test clock."] if test_clock else []
    return [*rehearsal, f"Sent by the case ledger. Message {notification_id}"]


def path_of(case_id: str, alert_id: str) -> str:
    """Where an alert is read."""
    return f"/v1/alerts/{quote(alert_id, safe='')}?case_id={quote(case_id, safe='')}"


def rung_name(rung: Rung, day: date) -> str:
    """A rung in words, as it was called on a day."""
    if rung is Rung.LSCB_CHAIR and day >= PARTNERSHIP_SINCE:
        return _PARTNERSHIP_CHAIR
    return _RUNG_NAMES[rung]


def in_words(day: date) -> str:
    """A date with its weekday: Monday 9 October 2017."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _asked(facts: Facts) -> Said:
    by = _by(facts)
    return f"Practice alert: please answer by {by}", [
        f"A practice alert has come to you as {facts.rung}. Please answer it.",
        f"Answer by: {by}, end of the day",
        _or_else(facts),
    ]


def _reminded(facts: Facts) -> Said:
    by = _by(facts)
    if facts.alert.due_on == facts.today:
        subject, first = f"Practice alert: answer due today, {by}", "is due to be answered today"
    else:
        subject, first = f"Practice alert: reminder, answer by {by}", "is waiting for your answer"
    return subject, [
        f"A practice alert that came to you as {facts.rung} {first}.",
        f"Answer by: {by}, end of the day",
        _or_else(facts),
    ]


def _to_decide(facts: Facts) -> Said:
    received_on = facts.alert.response.received_on if facts.alert.response else facts.today
    by = in_words(calendar.add_working_days(received_on, ladder.DECISION_WORKING_DAYS, facts.days))
    return f"Practice alert: accept or reject the response by {by}", [
        f"The {facts.rung} has responded to the practice alert that you raised. Please accept or reject it.",
        f"Decide by: {by}",
        "Until you decide, the alert climbs no further. If you reject it, the alert goes to the next rung.",
    ]


def _capped(facts: Facts) -> Said:
    which = "The practice alert that you raised" if facts.for_raiser else "A practice alert that came to you"
    now_with = rung_name(facts.alert.rung, facts.today) if facts.alert.rung else facts.rung
    due = f", to be answered by {_by(facts)}" if facts.alert.window_open else ""
    return "Practice alert: 20 working days have passed without resolution", [
        f"{which} is still open after 20 working days, the limit in the IRO Handbook.",
        f"It is with the {now_with}{due}.",
        "Please have it resolved. A reviewing officer may refer it to CAFCASS at any time.",
    ]


def _exhausted(facts: Facts) -> Said:
    top = rung_name(ladder.TOP, facts.today)
    return "Practice alert: unresolved at the highest rung", [
        f"A practice alert has gone through every rung, up to the {top}, and is not resolved.",
        "Please have it resolved today.",
        "There is no higher rung. You are reminded every working day until it is resolved or withdrawn.",
    ]


def _vacant(facts: Facts) -> Said:
    return f"Practice alert: nobody could be told as {facts.rung}", [
        f"A practice alert has come to the {facts.rung}, and there is nobody there whom we can reach.",
        f"An answer is due by {_by(facts)}. Please have somebody appointed, or see that it is answered.",
        _or_else(facts),
    ]


def _closed(facts: Facts) -> Said:
    how = "withdrawn" if facts.alert.state is AlertState.WITHDRAWN else "resolved"
    closed_at = facts.alert.closed_at
    on = f" on {in_words(calendar.london_date(closed_at))}" if closed_at else ""
    return f"Practice alert: {how}", [f"A practice alert was {how}{on}. Nothing more is asked of you."]


def _by(facts: Facts) -> str:
    return in_words(facts.alert.due_on) if facts.alert.due_on else "the due date"


def _or_else(facts: Facts) -> str:
    above = ladder.above(facts.alert.rung) if facts.alert.rung else None
    if above is None:
        return (
            "If nobody answers by then, there is no higher rung: the reviewing officer and the Director are "
            "reminded every working day until it is resolved."
        )
    return f"If nobody answers by then, it goes up to the {rung_name(above, facts.today)}."


def _where(page: str | None) -> str:
    if page is None:
        return "Its case is restricted: look it up in the case management system, with your own login."
    return f"Open it:\n{page}"


def _repeats(alert: Alert) -> str:
    return f"\nRepeats: {alert.repeat_of}" if alert.repeat_of else ""


_SAID: Final[dict[NotificationKind, Callable[[Facts], Said]]] = {
    NotificationKind.RUNG_TOLD: _asked,
    NotificationKind.REMINDER: _reminded,
    NotificationKind.IRO_TO_DECIDE: _to_decide,
    NotificationKind.CAP: _capped,
    NotificationKind.EXHAUSTED: _exhausted,
    NotificationKind.RUNG_VACANT: _vacant,
    NotificationKind.RESOLVED: _closed,
}
