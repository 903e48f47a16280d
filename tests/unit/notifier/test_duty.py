"""What is due of an alert, as a pure function: given/when/then without a server."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.domain import alert as alerts
from services.domain.alert import Alert, AlertState
from services.domain.calendar import england_and_wales, london_date
from services.domain.events.alert import Rung
from services.domain.events.office import Channel, ChannelKind, OfficeRole
from services.domain.office import Appointment, Office
from services.notifier.duty import Duty, Matter, duty

DAYS = england_and_wales()
RAISED = datetime(2017, 10, 2, 9, tzinfo=UTC)
IRIS, TOM, SAM, DORA = "iro:17", "manager:4", "manager:3", "manager:1"


def appointment(role: str, holder: str, *, first: str = "2017-01-01", reached: bool = True) -> Appointment:
    by_mail = (Channel(kind=ChannelKind.EMAIL, address=f"{holder}@council.example"),)
    return Appointment(
        event_id=f"{role} {holder}",
        role=OfficeRole(role),
        holder=holder,
        channels=by_mail if reached else (),
        first=date.fromisoformat(first),
    )


HELD = (
    appointment("IRO", IRIS),
    appointment("TEAM_MANAGER", TOM),
    appointment("SERVICE_MANAGER", SAM),
    appointment("DIRECTOR_OF_CHILDRENS_SERVICES", DORA),
)


def alert(**changes: Any) -> Alert:
    known: dict[str, Any] = {
        "case_id": "case-1",
        "alert_id": "alert-1",
        "state": AlertState.AT_TEAM_MANAGER,
        "raised_by": IRIS,
        "rung": Rung.TEAM_MANAGER,
        "day0": date(2017, 10, 2),
        "due_on": date(2017, 10, 9),
        "cap_on": date(2017, 10, 30),
    }
    return Alert(**{**known, **changes})


def due(
    of: Alert,
    now: datetime = RAISED,
    *,
    held: tuple[Appointment, ...] = HELD,
    nobody: frozenset[str] = frozenset(),
) -> Duty:
    matter = Matter(alert=of, nobody=nobody, office=Office(appointments=held), today=london_date(now))
    return duty(matter, now, DAYS)


def test_a_new_alert_is_told_to_the_holder_of_its_rung_and_looked_at_again_on_the_reminders_morning() -> None:
    found = due(alert())
    assert [(letter.kind, letter.holder, letter.channel) for letter in found.letters] == [
        ("RUNG_TOLD", TOM, "EMAIL")
    ]
    assert found.posts == ()
    assert found.next_at == datetime(2017, 10, 5, 8, tzinfo=UTC)


def test_what_was_told_is_called_for_but_not_told_again() -> None:
    (letter,) = due(alert()).letters
    again = due(alert(told=frozenset({letter.notification_id})))
    assert again.letters == ()
    assert again.called_for == {letter.notification_id}


def test_while_an_alert_is_about_to_climb_nobody_is_told_anything() -> None:
    found = due(alert(), datetime(2017, 10, 9, 23, tzinfo=UTC))
    assert [(post.type, post.data) for post in found.posts] == [
        ("EscalatedToServiceManager", {"alert_id": "alert-1", "trigger": "WINDOW_EXPIRED"})
    ]
    assert (found.letters, found.called_for) == ((), frozenset())


def test_a_vacant_rung_is_noted_once_and_the_next_holder_and_the_raiser_are_told() -> None:
    vacant = tuple(each for each in HELD if each.holder != TOM)
    found = due(alert(), held=vacant)
    (post,) = found.posts
    assert (post.type, post.data["error"], post.data["kind"]) == (
        "NotificationFailed",
        "NO_HOLDER",
        "RUNG_TOLD",
    )
    assert "holder" not in post.data
    assert {(letter.kind, letter.holder) for letter in found.letters} == {
        ("RUNG_VACANT", SAM),
        ("RUNG_VACANT", IRIS),
    }
    noted = due(alert(), held=vacant, nobody=frozenset({post.data["notification_id"]}))
    assert noted.posts == ()
    assert noted.letters == found.letters


def test_a_reminder_to_a_vacant_rung_says_nothing_more() -> None:
    vacant = tuple(each for each in HELD if each.holder != TOM)
    before, later = (due(alert(), at, held=vacant) for at in (RAISED, datetime(2017, 10, 9, 12, tzinfo=UTC)))
    assert later.posts == before.posts
    assert later.letters == before.letters


def test_of_a_vacant_chair_the_director_is_told() -> None:
    at_chair = alert(state=AlertState.AT_CHAIR, rung=Rung.LSCB_CHAIR)
    assert {letter.holder for letter in due(at_chair).letters} == {DORA, IRIS}


def test_a_missing_director_is_the_one_who_was_not_told_that_the_ladder_is_exhausted() -> None:
    exhausted = alert(state=AlertState.EXHAUSTED, rung=Rung.LSCB_CHAIR, exhausted_on=date(2017, 11, 6))
    found = due(
        exhausted,
        datetime(2017, 11, 7, 0, 1, tzinfo=UTC),
        held=(appointment("IRO", IRIS), appointment("LSCB_CHAIR", "chair:1")),
    )
    (failed,) = [post.data for post in found.posts if post.data.get("kind") == "EXHAUSTED"]
    assert (failed["error"], failed["rung"]) == ("NO_HOLDER", "DIRECTOR_OF_CHILDRENS_SERVICES")


def test_a_raiser_whom_nobody_knows_cannot_be_told_and_the_ledger_is_told_so() -> None:
    asked = alert(
        state=AlertState.AWAITING_IRO,
        raised_by="iro:99",
        response=alerts.Response(rung=Rung.TEAM_MANAGER, responder=TOM, received_on=date(2017, 10, 2)),
    )
    (post,) = due(asked).posts
    assert (post.data["error"], post.data["holder"], post.data["kind"]) == (
        "NO_ADDRESS",
        "iro:99",
        "IRO_TO_DECIDE",
    )


def test_whoever_holds_a_rung_since_the_reminders_day_is_not_reminded_of_that_day() -> None:
    new = (*HELD, appointment("TEAM_MANAGER", "manager:9", first="2017-10-06"))
    found = due(alert(), datetime(2017, 10, 6, 9, tzinfo=UTC), held=new)
    assert [(letter.kind, letter.holder) for letter in found.letters] == [("RUNG_TOLD", "manager:9")]


def test_an_alert_is_looked_at_again_at_the_midnight_at_which_its_rung_changes_hands() -> None:
    new = (*HELD, appointment("TEAM_MANAGER", "manager:9", first="2017-10-04"))
    assert due(alert(), held=new).next_at == datetime(2017, 10, 3, 23, tzinfo=UTC)


def test_the_end_of_an_alert_is_told_to_those_who_held_the_rung_that_day() -> None:
    closed = alert(
        state=AlertState.RESOLVED,
        told=frozenset({"anything"}),
        closed_at=datetime(2017, 10, 5, 12, tzinfo=UTC),
    )
    new = (*HELD, appointment("TEAM_MANAGER", "manager:9", first="2018-10-06"))
    a_year_later = due(closed, datetime(2018, 10, 8, 12, tzinfo=UTC), held=new)
    assert {letter.holder for letter in a_year_later.letters} == {TOM, IRIS}
    assert a_year_later.next_at is None


@for_all(minutes=st.integers(min_value=0, max_value=60 * 24 * 60))
def test_at_any_instant_the_same_is_due_under_the_same_ids(minutes: int) -> None:
    now = RAISED + timedelta(minutes=minutes)
    assert due(alert(), now) == due(alert(), now)


@for_all(minutes=st.integers(min_value=0, max_value=60 * 24 * 60))
def test_an_open_alert_is_always_looked_at_again_or_has_something_to_append(minutes: int) -> None:
    now = RAISED + timedelta(minutes=minutes)
    found = due(alert(), now)
    assert found.posts or found.next_at
    assert found.next_at is None or found.next_at > now
