"""The office: who holds which rung on which day, and how they are reached."""

from datetime import date
from typing import Any

import pytest

from services.domain.calendar import with_closure_days
from services.domain.events.office import ChannelKind, OfficeRole
from services.domain.office import Office, working_days
from tests.support.casework import (
    HANA,
    KNOWN,
    SAM,
    TOM,
    Post,
    Story,
    appointed,
    contact,
    event,
    given,
    no_office,
    raised,
    stood_down,
    told,
    voided,
)

RUNG = OfficeRole.TEAM_MANAGER


def holder(story: Story, day: str, role: OfficeRole = RUNG) -> str | None:
    found = story.office.holder(role, date.fromisoformat(day))
    return found.holder if found else None


def test_nobody_holds_a_rung_to_which_nobody_was_appointed() -> None:
    assert holder(no_office(), "2017-10-02") is None
    assert holder(given(appointed()), "2017-10-02", OfficeRole.LSCB_CHAIR) is None


def test_a_holder_holds_from_the_first_day_until_the_day_before_the_end() -> None:
    story = given(appointed(**{"from": "2017-10-02", "until": "2017-11-01"}))
    assert [holder(story, day) for day in ("2017-10-01", "2017-10-02", "2017-10-31", "2017-11-01")] == [
        None, TOM, TOM, None,
    ]  # fmt: skip


def test_a_holder_appointed_without_a_date_holds_from_the_london_date_of_the_appointment() -> None:
    story = given(appointed().saying(time="2018-06-14T23:30:00Z").at("2018-06-20"))
    assert holder(story, "2018-06-14") is None
    assert holder(story, "2018-06-15") == TOM


def test_the_holder_appointed_for_the_latest_day_holds_the_rung() -> None:
    story = given(appointed(SAM, **{"from": "2017-11-01"}), appointed(TOM, **{"from": "2017-10-01"}))
    assert holder(story, "2017-10-31") == TOM
    assert holder(story, "2017-11-01") == SAM


def test_when_a_stand_in_leaves_the_rung_falls_back() -> None:
    cover = appointed(SAM, **{"from": "2017-10-16", "until": "2017-10-23"})
    story = given(appointed(TOM, **{"from": "2017-01-01"}), cover)
    assert [holder(story, day) for day in ("2017-10-15", "2017-10-16", "2017-10-22", "2017-10-23")] == [
        TOM, SAM, SAM, TOM,
    ]  # fmt: skip


def test_of_two_appointed_for_the_same_day_the_one_recorded_last_holds_the_rung() -> None:
    story = given(appointed(TOM, **{"from": "2017-10-01"}), appointed(SAM, **{"from": "2017-10-01"}))
    assert holder(story, "2017-10-02") == SAM
    corrected = story.when(appointed(TOM, **{"from": "2017-10-01"})).then()
    assert holder(corrected, "2017-10-02") == TOM


def test_a_holder_stands_down_from_a_day_on() -> None:
    story = given(appointed(**{"from": "2017-01-01"}), stood_down(on="2017-10-16"))
    assert holder(story, "2017-10-15") == TOM
    assert holder(story, "2017-10-16") is None


def test_a_holder_who_stands_down_without_a_date_does_so_on_the_london_date_of_it() -> None:
    story = given(appointed(**{"from": "2017-01-01"}), stood_down().at("2018-06-14T23:30:00Z"))
    assert holder(story, "2018-06-14") == TOM
    assert holder(story, "2018-06-15") is None


def test_standing_down_from_one_rung_leaves_the_others() -> None:
    story = given(
        appointed(TOM, **{"from": "2017-01-01"}),
        appointed(TOM, "SERVICE_MANAGER", **{"from": "2017-01-01"}),
        appointed(SAM, "IRO", **{"from": "2017-01-01"}),
        stood_down(on="2017-10-02"),
    )
    assert holder(story, "2017-10-02") is None
    assert holder(story, "2017-10-02", OfficeRole.SERVICE_MANAGER) == TOM
    assert holder(story, "2017-10-02", OfficeRole.IRO) == SAM


def test_standing_down_neither_lengthens_nor_ends_another_time_in_office() -> None:
    story = given(
        appointed(**{"from": "2016-01-01", "until": "2017-01-01"}),
        appointed(**{"from": "2018-01-01"}),
        stood_down(on="2017-06-01"),
    )
    assert [holder(story, day) for day in ("2016-12-31", "2017-01-01", "2017-12-31", "2018-01-01")] == [
        TOM, None, None, TOM,
    ]  # fmt: skip


def test_a_person_is_reached_under_whatever_they_hold_that_day() -> None:
    channels = [{"kind": "EMAIL", "address": "hana@example.org"}]
    story = given(
        appointed(HANA, "IRO", **{"from": "2016-01-01", "until": "2017-01-01"}),
        appointed(HANA, "HEAD_OF_SERVICE", channels=channels, **{"from": "2017-01-01"}),
    )
    found = story.office.person(HANA, date(2017, 10, 2))
    assert found is not None
    assert found.role is OfficeRole.HEAD_OF_SERVICE
    assert [(channel.kind, channel.address) for channel in found.channels] == [
        (ChannelKind.EMAIL, "hana@example.org")
    ]
    assert story.office.person(HANA, date(2015, 12, 31)) is None
    assert story.office.person(TOM, date(2017, 10, 2)) is None


@pytest.mark.parametrize("until", ["2017-10-01", "2017-10-02"])
def test_an_appointment_ends_after_it_begins(until: str) -> None:
    wrong = appointed(**{"from": "2017-10-02", "until": until})
    no_office().when(wrong).then_refused("ends_before_it_begins", "/data/until")
    no_office().when(appointed(until=until)).then_refused("ends_before_it_begins")  # it is 2 October
    no_office().when(appointed(until="2017-10-03")).then_admitted()


def test_only_somebody_who_was_appointed_stands_down() -> None:
    no_office().when(stood_down()).then_refused("not_appointed", "/data/holder")
    given(appointed(SAM)).when(stood_down(TOM)).then_refused("not_appointed")
    given(appointed(TOM, "IRO")).when(stood_down(TOM)).then_refused("not_appointed")


def test_an_appointment_recorded_in_error_is_voided() -> None:
    story = given(appointed(TOM, **{"from": "2017-01-01"}), appointed(SAM, **{"from": "2017-06-01"}))
    assert holder(story.when(voided("event-2")).then_admitted(), "2017-10-02") == TOM


def test_only_an_appointment_is_voided_in_the_office() -> None:
    story = given(appointed(), stood_down())
    story.when(voided("event-2")).then_refused("no_such_event", "/data/target_event_id")
    story.when(voided("event-9")).then_refused("no_such_event")
    given(appointed(), voided("event-1")).when(voided("event-1")).then_refused("no_such_event")


def test_an_id_that_two_sources_used_does_not_say_which_appointment_to_void() -> None:
    story = given(appointed(), appointed(SAM).saying(id="event-1", source="/elsewhere"))
    story.when(voided("event-1")).then_refused("ambiguous_event")


@pytest.mark.parametrize("post", [contact(), raised()])
def test_a_case_is_not_the_office(post: Post) -> None:
    no_office().when(post).then_refused("belongs_to_a_case", "/type")


def test_every_event_moves_the_offices_version() -> None:
    assert no_office().state == Office()
    assert given(appointed(), stood_down(), appointed()).office.version == 3


def test_a_change_recorded_late_is_flagged() -> None:
    no_office().when(appointed().saying(time="2017-09-01T09:00:00Z")).then_admitted("late_entry")


def closures(*dates: str) -> Post:
    return event("ClosureDaysSet", dates=list(dates))


def adopted(version: str, first: str) -> Post:
    return event("PolicyAdopted", name="THRESHOLD_DOCUMENT", version=version, **{"from": first})


def test_an_office_that_set_no_closure_days_has_none() -> None:
    assert given(appointed()).office.closure_days == frozenset()


def test_the_closure_days_that_were_set_last_are_all_that_there_are() -> None:
    story = given(closures("2017-12-27", "2017-12-28"), closures("2017-12-29"))
    assert story.office.closure_days == {date(2017, 12, 29)}
    given(closures()).when(closures()).then_admitted()


def test_the_office_counts_without_its_closure_days_under_a_calendar_of_its_own_name() -> None:
    open_always, closed = given(appointed()).office, given(closures("2017-12-27")).office
    assert working_days(open_always, KNOWN) == KNOWN
    assert working_days(closed, KNOWN) == with_closure_days(KNOWN, [date(2017, 12, 27)])
    assert working_days(closed, KNOWN).version != KNOWN.version


def test_closure_days_that_are_voided_give_way_to_those_before_them() -> None:
    story = given(closures("2017-12-27"), closures("2017-12-29"), voided("event-2"))
    assert story.office.closure_days == {date(2017, 12, 27)}


def test_the_version_of_a_policy_that_is_in_force_is_the_latest_adopted_by_then() -> None:
    story = given(adopted("2018", "2018-04-01"), adopted("2017", "2017-04-01"))
    found = [story.office.policy("THRESHOLD_DOCUMENT", date(2017 + n, 4, 1)) for n in range(2)]
    assert [policy.version if policy else None for policy in found] == ["2017", "2018"]
    assert story.office.policy("THRESHOLD_DOCUMENT", date(2017, 3, 31)) is None
    assert story.office.policy("ANOTHER", date(2018, 4, 1)) is None


def test_a_policy_that_is_voided_was_never_adopted() -> None:
    story = given(adopted("2017", "2017-04-01"), voided("event-1"))
    assert story.office.policy("THRESHOLD_DOCUMENT", date(2018, 4, 1)) is None


@pytest.mark.parametrize("post", [closures("2017-12-27"), adopted("2017", "2017-04-01")])
def test_what_the_office_sets_is_not_set_in_a_case(post: Post) -> None:
    given(contact()).when(post).then_refused("belongs_to_the_office", "/type")


def digest(**data: Any) -> Post:
    return event("NotificationSent", notification_id="message-1", kind="DIGEST", **data)


def test_what_became_of_a_digest_is_recorded_in_the_office_and_of_an_alert_in_its_case() -> None:
    no_office().when(digest()).then_admitted()
    no_office().when(digest(alert_id="alert-1")).then_refused("belongs_to_a_case", "/type")
    no_office().when(told()).then_refused("belongs_to_a_case", "/type")
    given(raised()).when(digest()).then_refused("belongs_to_the_office", "/type")
    given(raised()).when(event("NotificationSent", notification_id="1", kind="CAP")).then_refused(
        "no_such_alert", "/data/alert_id"
    )


def test_whoever_holds_a_rung_for_all_teams_comes_before_those_who_hold_it_for_one() -> None:
    of_one_team = appointed(SAM, team="PROTECTION_TEAM", **{"from": "2017-02-01"})
    assert holder(given(of_one_team), "2017-10-02") == SAM
    assert holder(given(appointed(TOM, **{"from": "2017-01-01"}), of_one_team), "2017-10-02") == TOM
