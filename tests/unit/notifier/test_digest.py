"""A morning's digest: on which days, for whom, and how it reads."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.domain.calendar import england_and_wales, with_closure_days
from services.domain.events.alert import Rung
from services.domain.events.office import Channel, ChannelKind, OfficeRole
from services.domain.office import Appointment, Office
from services.notifier import audience, digest, digest_message
from services.notifier.digest import MOST, Digest, Item, Part
from services.notifier.message import Message

DAYS = england_and_wales()
MONDAY = date(2017, 10, 16)
PINNED = "043985c3-7245-552e-9a94-34a6f9a0c78b"  # a release that derived another would tell again
MAIL = Channel(kind=ChannelKind.EMAIL, address="somebody@council.example")


def holds(role: str, holder: str, team: str | None = None, **known: Any) -> Appointment:
    given = {"first": date(2017, 1, 1), "channels": (MAIL,), **known}
    return Appointment(event_id=f"{role} {holder}", role=OfficeRole(role), holder=holder, team=team, **given)


def office(*appointments: Appointment) -> Office:
    return Office(appointments=appointments)


def whose(*appointments: Appointment) -> dict[str, tuple[Rung, audience.Teams]]:
    return {each.holder: (each.rung, each.teams) for each in audience.readers(office(*appointments), MONDAY)}


def test_a_team_manager_reads_of_their_team_and_whoever_stands_above_of_all() -> None:
    assert whose(
        holds("TEAM_MANAGER", "tom", "PROTECTION_TEAM"),
        holds("TEAM_MANAGER", "tess", "DUTY_TEAM"),
        holds("SERVICE_MANAGER", "sam"),
        holds("DIRECTOR_OF_CHILDRENS_SERVICES", "dora"),
    ) == {
        "tom": (Rung.TEAM_MANAGER, ("PROTECTION_TEAM",)),
        "tess": (Rung.TEAM_MANAGER, ("DUTY_TEAM",)),
        "sam": (Rung.SERVICE_MANAGER, None),
        "dora": (Rung.DIRECTOR_OF_CHILDRENS_SERVICES, None),
    }


def test_who_holds_several_is_told_once_of_all_of_them() -> None:
    two = holds("TEAM_MANAGER", "tom", "B"), holds("TEAM_MANAGER", "tom", "A")
    assert whose(*two) == {"tom": (Rung.TEAM_MANAGER, ("A", "B"))}
    assert whose(*two, holds("SERVICE_MANAGER", "tom", channels=())) == {"tom": (Rung.TEAM_MANAGER, None)}


def test_whoever_was_appointed_last_to_a_team_holds_it_and_nobody_who_is_outside_the_authority() -> None:
    assert whose(
        holds("TEAM_MANAGER", "tom", "A"),
        holds("TEAM_MANAGER", "tess", "A", first=date(2017, 10, 16)),
        holds("TEAM_MANAGER", "theo", "B", until=MONDAY),
        holds("LSCB_CHAIR", "chaim"),
        holds("IRO", "iris"),
    ) == {"tess": (Rung.TEAM_MANAGER, ("A",))}


@pytest.mark.parametrize(
    ("now", "told_on", "expected"),
    [
        ("2017-10-16T07:59", None, "2017-10-16T08:00"),  # 09:00 in London, summer time
        ("2017-10-16T14:00", "2017-10-13", "2017-10-16T08:00"),
        ("2017-10-16T14:00", "2017-10-16", "2017-10-17T08:00"),
        ("2017-10-20T14:00", "2017-10-20", "2017-10-23T08:00"),
        ("2017-10-28T14:00", "2017-10-27", "2017-10-30T09:00"),  # a week-end, and the clocks go back
        ("2017-12-22T14:00", "2017-12-22", "2017-12-28T09:00"),  # Christmas, and a closure day
    ],
)
def test_digests_are_due_at_nine_on_working_days_only_todays(
    now: str, told_on: str | None, expected: str
) -> None:
    days = with_closure_days(DAYS, [date(2017, 12, 27)])
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    on = date.fromisoformat(told_on) if told_on else None
    due = audience.next_morning(at, on, office(holds("TEAM_MANAGER", "tom")), days)
    assert due == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert audience.next_morning(at, on, office(holds("IRO", "iris")), days) is None


def test_the_id_of_a_digest_is_that_of_its_holder_and_day() -> None:
    assert audience.notification_id("manager:4", MONDAY) == PINNED
    assert audience.notification_id("manager:4", date(2017, 10, 17)) != PINNED


def items(number: int, due_on: date) -> tuple[Item, ...]:
    return tuple(
        Item(case_id=f"case-{n}", rule="CARE", name="Care <plan>", due_on=due_on) for n in range(number)
    )


def told(**known: Any) -> Message:
    given: dict[str, Any] = {
        "day": MONDAY,
        "since": date(2017, 10, 13),
        "until": date(2017, 10, 23),
        "teams": ("A", "B"),
        "overdue": Part(count=1, items=items(1, date(2017, 10, 13))),
        "coming": Part(count=0),
        "earlier": 7,
    }
    return digest_message.compose(
        Digest(**{**given, **known}),
        "id-1",
        link="https://cases.example".__add__,
        now=datetime(2017, 10, 16, 8, tzinfo=UTC),
        test_clock=False,
    )


def test_a_digest_says_what_became_overdue_what_comes_and_where_the_rest_is() -> None:
    said = told(coming=Part(count=12, items=items(MOST, MONDAY)))
    assert said.subject == "Deadlines: 1 newly overdue, 12 due by Monday 23 October"
    assert "The deadlines of A and B on Monday 16 October 2017." in said.text
    assert (
        "Became overdue since Friday 13 October 2017: 1\n"
        "- Care <plan>\n  case-0, due Friday 13 October 2017, 3 days late\n"
    ) in said.text
    assert "Due by Monday 23 October 2017: 12\n- Care <plan>\n  case-0, due today" in said.text
    assert "and 2 more" in said.text
    assert "Overdue for longer: 7." in said.text
    assert "https://cases.example/v1/deadlines?state=OVERDUE&team=A" in said.text
    assert "state=OPEN&state=DUE_SOON&due_before=2017-10-24&team=B" in said.text


def test_a_first_digest_does_not_say_since_when() -> None:
    said = told(since=None)
    assert said.subject == "Deadlines: 1 overdue"
    assert "\nOverdue: 1\n" in said.text


def test_the_html_says_the_same_and_escapes_it() -> None:
    html = told().html or ""
    assert "<li>Care &lt;plan&gt;<br>" in html
    assert '<a href="https://cases.example/v1/cases/case-0/deadlines">case-0</a>' in html
    assert 'href="https://cases.example/v1/deadlines?state=OVERDUE&amp;team=A&amp;limit=200"' in html


def test_a_digest_stays_short_however_much_is_due() -> None:
    late, soon = (
        Part(count=900, items=items(MOST, date(2017, 1, 2))),
        Part(count=900, items=items(MOST, MONDAY)),
    )
    assert len(told(overdue=late, coming=soon, teams=None).text) < 2_500


def test_where_the_known_calendar_ends_a_digest_looks_a_week_ahead() -> None:
    last = date(2028, 12, 29)
    assert digest.span(last, None, DAYS).until == date(2029, 1, 5)
