"""What the audience of a demo sees: the day, what was recorded on it, and who got a message."""

import mailbox
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec
from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.domain import calendar
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for

READER: Final = "head.of.service@council.example"
"""Whose first message about the alert is shown in full."""
ALERT: Final = "Practice alert"  # how the subjects of messages about one begin

TITLES: Final = {
    "TEAM_MANAGER": "Team Manager",
    "SERVICE_MANAGER": "Service Manager",
    "HEAD_OF_SERVICE": "Head of Service",
    "DIRECTOR_OF_CHILDRENS_SERVICES": "Director of Children's Services",
    "LSCB_CHAIR": "Chair of the LSCB",
    "IRO": "Independent Reviewing Officer",
    "CP_CHAIR": "Child Protection Conference Chair",
}
"""What those who are appointed are called."""


class Item(msgspec.Struct, frozen=True):
    """One line of a timeline, as the projector answers it."""

    position: int
    type: str
    recordedat: datetime
    sentence: str
    flags: list[str]


class Telling(msgspec.Struct, frozen=True):
    """One attempt to tell somebody."""

    kind: str
    at: datetime
    sent: bool
    holder: str | None = None


class Step(msgspec.Struct, frozen=True):
    """One rung of an alert's ladder."""

    rung: str
    at: datetime
    day0: date
    due_on: date
    told: list[Telling]
    trigger: str | None = None
    answered_at: datetime | None = None
    decision: str | None = None


class Alert(msgspec.Struct, frozen=True):
    """One alert, as the projector answers it."""

    alert_id: str
    case_id: str
    state: str
    issue_code: str
    cap_on: date
    steps: list[Step]
    repeat_of: str | None = None


class _Timeline(msgspec.Struct):
    items: list[Item]


class _Alerts(msgspec.Struct):
    items: list[Alert]


class Stage:
    """Prints what is new since it printed last. `case_id` is the case that the story is about."""

    def __init__(self, console: Console, projector_url: str, token: str, maildir: Path) -> None:
        self.case_id = ""
        self._console = console
        self._http = httpx.AsyncClient(
            base_url=projector_url,
            timeout=30,
            verify=authorities_for(projector_url),
            trust_env=False,
            headers=bearer(token),
        )
        self._maildir = maildir
        self._day: date | None = None
        self._shown = 0
        self._read: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def show_appointment(self, at: datetime, data: Mapping[str, Any]) -> None:
        """Say who holds a rung."""
        title = TITLES.get(str(data["rung"]), str(data["rung"]))
        self._print_line(at, Text(f"{data['holder']} is appointed {title}.", style="dim"))

    async def show_news(self, now: datetime) -> None:
        """Print what was recorded, and which messages came, since the last call."""
        for item in await self._timeline() if self.case_id else ():
            if item.position > self._shown:
                self._shown = item.position
                if not item.type.startswith("Notification"):  # the messages themselves are shown
                    self._print_line(item.recordedat, _sentence(item))
        for letter in self._new_letters():
            self._print_line(
                now, Text.assemble(("✉  ", "cyan"), f"{letter['To']}: {str(letter['Subject']).strip()}")
            )

    async def close_curtain(self) -> None:
        """Print the timeline, each alert's ladder, and the first message about it to the Head of Service."""
        self._console.print()
        self._console.rule(f"The timeline of {self.case_id}", align="left")
        self._console.print(_timeline_table(await self._timeline()))
        for alert in await self._alerts():
            self._console.rule(f"The ladder of {alert.alert_id}", align="left")
            self._console.print(_ladder_summary(alert))
            self._console.print(_ladder_table(alert))
        self._console.rule("The first message about the alert that the Head of Service got", align="left")
        self._console.print(Panel(Text(_in_full(self._first_letter_to(READER))), expand=False))
        self._console.print(
            "`make up` runs the stack for keeps; `.venv/bin/caseledger --help` lists the commands."
        )

    async def _timeline(self) -> list[Item]:
        answer = await self._http.get(f"/v1/cases/{self.case_id}/timeline", params={"limit": 200})
        return msgspec.json.decode(answer.raise_for_status().content, type=_Timeline).items

    async def _alerts(self) -> list[Alert]:
        answer = await self._http.get("/v1/alerts", params={"case_id": self.case_id})
        return msgspec.json.decode(answer.raise_for_status().content, type=_Alerts).items

    def _print_line(self, at: datetime, line: Text) -> None:
        day = calendar.london_date(at)
        if day != self._day:
            quiet = (day - self._day).days - 1 if self._day else 0
            if quiet > 0:
                self._console.print(
                    f"\n[dim]… {quiet} {'day' if quiet == 1 else 'days'} without anything due[/]"
                )
            self._day = day
            self._console.print(f"\n[bold]{day:%A} {day.day} {day:%B %Y}[/]")
        row = Table.grid(padding=(0, 0, 0, 2))  # what is too long for the terminal goes on below itself
        row.add_row(f"{calendar.in_london(at):%H:%M}", line)
        self._console.print(row)

    def _letters(self) -> dict[str, EmailMessage]:
        """The messages in the maildir, oldest first."""
        kept = mailbox.Maildir(self._maildir, create=False)
        parser = BytesParser(policy=policy.default)
        letters = {key: parser.parsebytes(kept.get_bytes(key)) for key in kept.keys()}  # noqa: SIM118 - not a dict
        return dict(sorted(letters.items(), key=lambda each: each[1]["Date"].datetime))

    def _new_letters(self) -> list[EmailMessage]:
        letters = self._letters()
        new = [letter for key, letter in letters.items() if key not in self._read]
        self._read.update(letters)
        return new

    def _first_letter_to(self, address: str) -> EmailMessage:
        to_them = (letter for letter in self._letters().values() if address in str(letter["To"]))
        return next(letter for letter in to_them if ALERT in str(letter["Subject"]))


def _sentence(item: Item) -> Text:
    climbs = item.type.startswith(("Escalated", "LadderExhausted", "StatutoryCapReached"))
    flags = f"  ⚑ {' '.join(item.flags)}" if item.flags else ""
    return Text.assemble((item.sentence, "bold yellow" if climbs else ""), (flags, "magenta"))


def _timeline_table(items: Sequence[Item]) -> Table:
    table = Table("", "recorded", "what happened", box=box.SIMPLE, pad_edge=False)
    for item in items:
        row = Text.assemble(_sentence(item), (f"  ({item.type})", "dim"))
        table.add_row(str(item.position), _moment(item.recordedat), row)
    return table


def _ladder_summary(alert: Alert) -> str:
    repeat = f" A repeat of {alert.repeat_of}." if alert.repeat_of else ""
    return f"{alert.issue_code}, now {alert.state}. Statutory cap: {_day(alert.cap_on)}.{repeat}"


def _ladder_table(alert: Alert) -> Table:
    """A row a rung: its window and its answer on the left, who was told on the right."""
    table = Table("rung", "who was told", box=box.SIMPLE, pad_edge=False, show_lines=True)
    for step in alert.steps:
        answered = f"answered {_moment(step.answered_at)}" if step.answered_at else "not answered"
        rung = Text.assemble(
            (f"{step.rung}\n", "bold"),
            f"{step.trigger or 'RAISED'} {_moment(step.at)}\n",
            f"day 0 {_day(step.day0)}, due {_day(step.due_on)}\n",
            f"{answered}{f', {step.decision}' if step.decision else ''}",
        )
        told = (f"{_moment(each.at)}  {each.holder or 'nobody'} {each.kind}" for each in step.told)
        table.add_row(rung, "\n".join(told))
    return table


def _in_full(letter: EmailMessage) -> str:
    head = "\n".join(f"{name}: {letter[name]}" for name in ("From", "To", "Date", "Subject"))
    body = letter.get_body(("plain",))
    return f"{head}\n\n{body.get_content().rstrip() if body else ''}"


def _moment(instant: datetime) -> str:
    return f"{calendar.in_london(instant):%d %b %Y %H:%M}"


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
