"""The ladder, climbed through a real ledger on a test clock, one rung at a time."""

from datetime import date, timedelta

from services.domain.calendar import england_and_wales, with_closure_days
from tests.integration.notifier.rehearsal import CHAIM, DORA, Notifier, Rehearsal
from tests.support.casework import (
    ALERT,
    CASE,
    HANA,
    IRIS,
    SAM,
    TOM,
    accepted,
    bypassed,
    cafcass_referral,
    event,
    raised,
    rejected,
    resolved,
    responded,
    withdrawn,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


async def test_an_alert_that_nobody_answers_climbs_to_the_chair_in_the_statutory_twenty_working_days(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-11-06T22:59:59Z")
    assert await office.ladder() == [
        ("PracticeAlertRaised", day("2017-10-02"), day("2017-10-09")),
        ("EscalatedToServiceManager", day("2017-10-09"), day("2017-10-16")),
        ("EscalatedToHeadOfService", day("2017-10-16"), day("2017-10-23")),
        ("EscalatedToDirectorOfChildrensServices", day("2017-10-23"), day("2017-10-30")),
        ("EscalatedToLscbChair", day("2017-10-30"), day("2017-11-06")),
    ]


async def test_each_rung_is_told_when_its_window_opens_and_reminded_on_the_third_day_and_the_due_morning(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-17T12:00:00Z")
    assert await office.told() == [
        ("2017-10-02", "RUNG_TOLD", TOM),
        ("2017-10-05", "REMINDER", TOM),
        ("2017-10-09", "REMINDER", TOM),
        ("2017-10-10", "RUNG_TOLD", SAM),
        ("2017-10-12", "REMINDER", SAM),
        ("2017-10-16", "REMINDER", SAM),
        ("2017-10-17", "RUNG_TOLD", HANA),
    ]


async def test_closure_days_move_a_reminder_and_the_next_window_but_no_due_date_that_was_given(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.post("office", event("ClosureDaysSet", dates=["2017-10-05", "2017-10-12"]))
    await office.advance(notifier, "2017-10-10T12:00:00Z")
    assert await office.ladder() == [
        ("PracticeAlertRaised", day("2017-10-02"), day("2017-10-09")),
        ("EscalatedToServiceManager", day("2017-10-09"), day("2017-10-17")),
    ]
    assert ("2017-10-06", "REMINDER", TOM) in await office.told()
    versions = [each["data"].get("calendar_version", "") for each in await office.documents()]
    assert [version for version in versions if "+closures." in version] == [
        with_closure_days(england_and_wales(), [day("2017-10-05"), day("2017-10-12")]).version
    ]


async def test_a_window_expires_at_london_midnight_and_not_a_moment_earlier(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-09T22:59:59.999Z")
    assert await office.steps() == ["PracticeAlertRaised"]
    await office.advance(notifier, "2017-10-09T23:00:00Z")
    assert await office.steps() == ["PracticeAlertRaised", "EscalatedToServiceManager"]


async def test_the_escalation_is_the_notifiers_own_and_the_ledger_sets_its_dates(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-10T00:00:00Z")
    escalation = next(
        each for each in await office.documents() if each["type"] == "EscalatedToServiceManager"
    )
    assert escalation["source"] == "/notifier"
    assert (escalation["actor"], escalation["actorrole"]) == ("notifier", "SYSTEM")
    assert escalation["time"] == escalation["recordedat"]
    assert escalation["data"]["trigger"] == "WINDOW_EXPIRED"
    assert escalation["data"]["from_rung"] == "TEAM_MANAGER"
    assert "flags" not in escalation


async def test_a_response_stops_the_window_and_the_raiser_is_asked_to_decide_and_reminded(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-04T12:00:00Z")
    await office.post(CASE, responded())
    await office.advance(notifier, "2017-10-20T12:00:00Z")
    assert await office.steps() == ["PracticeAlertRaised", "ResponseReceived"]
    assert await office.told() == [
        ("2017-10-02", "RUNG_TOLD", TOM),
        ("2017-10-04", "IRO_TO_DECIDE", IRIS),
        ("2017-10-11", "IRO_TO_DECIDE", IRIS),
    ]


async def test_an_accepted_response_ends_the_climb_and_the_resolution_is_told_to_those_concerned(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.settle(notifier)
    await office.post(CASE, responded(), accepted())
    await office.advance(notifier, "2017-10-12T12:00:00Z")
    await office.post(CASE, resolved())
    await office.advance(notifier, "2017-12-01T12:00:00Z")
    assert await office.steps() == [
        "PracticeAlertRaised",
        "ResponseReceived",
        "ResponseAccepted",
        "PracticeAlertResolved",
    ]
    assert ("2017-10-12", "RESOLVED", TOM) in await office.told()
    assert ("2017-10-12", "RESOLVED", IRIS) in await office.told()
    assert await notifier.windows() == []


async def test_a_rejected_response_goes_to_the_next_rung_at_once_whose_window_counts_from_that_day(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-04T12:00:00Z")
    await office.post(CASE, responded())
    await office.advance(notifier, "2017-10-05T12:00:00Z")
    await office.post(CASE, rejected())
    await office.settle(notifier)
    assert (await office.ladder())[-1] == (
        "EscalatedToServiceManager",
        day("2017-10-05"),
        day("2017-10-12"),
    )
    assert (await office.told())[-1] == ("2017-10-05", "RUNG_TOLD", SAM)


async def test_a_bypass_tells_the_rung_that_it_goes_to_and_the_ladder_goes_on_from_there(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-03T12:00:00Z")
    await office.post(CASE, bypassed("HEAD_OF_SERVICE"))
    await office.advance(notifier, "2017-10-11T12:00:00Z")
    assert await office.ladder() == [
        ("PracticeAlertRaised", day("2017-10-02"), day("2017-10-09")),
        ("EscalatedToHeadOfService", day("2017-10-03"), day("2017-10-10")),
        ("EscalatedToDirectorOfChildrensServices", day("2017-10-10"), day("2017-10-17")),
    ]
    assert ("2017-10-03", "RUNG_TOLD", HANA) in await office.told()
    assert SAM not in {to for _, _, to in await office.told()}


async def test_a_response_recorded_at_the_last_moment_wins_over_an_expiry_that_is_on_its_way(
    office: Rehearsal, notifier: Notifier
) -> None:
    """The response is in the ledger, but the notifier has not read it when the clock strikes."""
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-09T22:59:59Z")
    await office.post(CASE, responded())
    await office.move(notifier, "2017-10-09T23:00:00Z")
    assert await office.steps() == ["PracticeAlertRaised", "ResponseReceived"]


async def test_an_escalation_that_the_ledger_refuses_is_tried_again_later_and_harms_nothing(
    office: Rehearsal, notifier: Notifier
) -> None:
    """The notifier's clock is ahead of the ledger's, as machines' clocks are."""
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-09T22:30:00Z")
    answer = await notifier.http.put("/v1/clock", json={"now": "2017-10-09T23:00:00Z"})
    assert answer.status_code == 200
    assert answer.json()["next_due"] == "2017-10-09T23:01:00Z"
    assert await office.steps() == ["PracticeAlertRaised"]
    await office.advance(notifier, "2017-10-09T23:01:00Z")
    assert await office.steps() == ["PracticeAlertRaised", "EscalatedToServiceManager"]


async def test_the_christmas_holidays_do_not_count(office: Rehearsal, notifier: Notifier) -> None:
    await office.advance(notifier, "2017-12-24T12:00:00Z")  # a Sunday
    await office.post(CASE, raised())
    await office.advance(notifier, "2018-01-04T00:00:00Z")
    assert await office.ladder() == [
        ("PracticeAlertRaised", day("2017-12-24"), day("2018-01-03")),
        ("EscalatedToServiceManager", day("2018-01-03"), day("2018-01-10")),
    ]


async def test_after_downtime_nobody_is_passed_over_and_the_delay_is_said(
    office: Rehearsal,
) -> None:
    await office.post(CASE, raised())
    async with office.notifier() as notifier:
        await office.settle(notifier)
    await office.set_ledger("2017-10-19T12:00:00Z")
    async with office.notifier() as notifier:
        await office.settle(notifier)
        assert await office.ladder() == [
            ("PracticeAlertRaised", day("2017-10-02"), day("2017-10-09")),
            ("EscalatedToServiceManager", day("2017-10-19"), day("2017-10-26")),
        ]
        assert (await office.told())[-1] == ("2017-10-19", "RUNG_TOLD", SAM)
    escalation = next(
        each for each in await office.documents() if each["type"] == "EscalatedToServiceManager"
    )
    assert escalation["flags"] == "delayed_by_system"


async def test_the_cap_is_recorded_after_twenty_working_days_and_told_once(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-11-03T12:00:00Z")
    assert (await office.steps()).count("StatutoryCapReached") == 1
    capped = [(when, to) for when, kind, to in await office.told() if kind == "CAP"]
    assert sorted(capped) == sorted([("2017-10-31", IRIS), ("2017-10-31", DORA)])


async def test_an_exhausted_ladder_reminds_the_raiser_and_the_director_each_working_day_until_the_end(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-11-14T12:00:00Z")
    await office.post(CASE, resolved())
    await office.advance(notifier, "2017-11-30T12:00:00Z")
    assert (await office.steps()).count("LadderExhausted") == 1
    exhausted = [(when, to) for when, kind, to in await office.told() if kind == "EXHAUSTED"]
    days = ["2017-11-07", "2017-11-08", "2017-11-09", "2017-11-10", "2017-11-13", "2017-11-14"]
    assert sorted(exhausted) == sorted((when, to) for when in days for to in (IRIS, DORA))
    assert ("2017-11-14", "RESOLVED", CHAIM) in await office.told()


async def test_a_referral_to_cafcass_does_not_stop_the_ladder(office: Rehearsal, notifier: Notifier) -> None:
    await office.post(CASE, raised(), cafcass_referral())
    await office.advance(notifier, "2017-10-10T12:00:00Z")
    assert (await office.steps())[-1] == "EscalatedToServiceManager"


async def test_a_withdrawn_alert_climbs_no_further(office: Rehearsal, notifier: Notifier) -> None:
    await office.post(CASE, raised())
    await office.settle(notifier)
    await office.post(CASE, withdrawn())
    await office.advance(notifier, "2017-12-01T12:00:00Z")
    assert await office.steps() == ["PracticeAlertRaised", "PracticeAlertWithdrawn"]


async def test_a_response_that_was_voided_opens_the_window_again(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised(), responded().saying(id="response-1"))
    await office.settle(notifier)
    await office.post(CASE, event("EventVoided", target_event_id="response-1"))
    await office.advance(notifier, "2017-10-10T12:00:00Z")
    assert (await office.steps())[-1] == "EscalatedToServiceManager"


async def test_an_alert_that_was_voided_is_watched_no_longer(office: Rehearsal, notifier: Notifier) -> None:
    await office.post(CASE, raised().saying(id="raised-1"))
    await office.settle(notifier)
    await office.post(CASE, event("EventVoided", target_event_id="raised-1"))
    await office.advance(notifier, "2017-12-01T12:00:00Z")
    assert await notifier.windows() == []
    assert await office.steps() == ["PracticeAlertRaised", "EventVoided"]


async def test_two_alerts_of_one_case_and_two_cases_with_one_alert_id_climb_each_for_itself(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised(), raised("alert-2", "HEALTH"))
    await office.post("case-2", raised())
    await office.advance(notifier, "2017-10-10T12:00:00Z")
    escalated = [each for each in await office.documents() if each["type"] == "EscalatedToServiceManager"]
    assert {each["data"]["alert_id"] for each in escalated} == {ALERT, "alert-2"}
    assert (await office.steps("case-2"))[-1] == "EscalatedToServiceManager"


async def test_the_ladder_has_five_rungs_and_an_end_whatever_the_day_on_which_it_begins(
    office: Rehearsal, notifier: Notifier
) -> None:
    offsets = (2, 4, 5, 6)  # a Wednesday, a Friday, and the weekend that follows
    for offset in offsets:
        start = day("2017-10-02") + timedelta(days=offset)
        await office.advance(notifier, f"{start}T12:00:00Z")
        await office.post(f"case-{offset}", raised())
    await office.advance(notifier, "2017-11-20T12:00:00Z")
    for offset in offsets:
        opened = [kind for kind, _, _ in await office.ladder(f"case-{offset}")]
        assert opened == [
            "PracticeAlertRaised",
            "EscalatedToServiceManager",
            "EscalatedToHeadOfService",
            "EscalatedToDirectorOfChildrensServices",
            "EscalatedToLscbChair",
        ]
        assert (await office.steps(f"case-{offset}"))[-1] == "LadderExhausted"
