"""The due board says how deadlines stand, exactly as the domain does; whose they are, and who has what."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg

from services.domain.calendar import england_and_wales, with_closure_days
from services.domain.case import refold
from services.domain.deadlines import Deadline, DeadlineState, judge
from services.domain.event import Recorded
from services.domain.terms import terms
from services.projector import rows
from services.projector.board import Question
from services.projector.computation import TABLES, Computed
from services.projector.cursor import BEFORE_ALL
from services.projector.deadline_answers import deadline_of
from services.projector.rebuild import rebuild
from services.projector.views import deadlines
from services.runtime.migrations import migrate
from services.runtime.postgres import load_sql
from tests.integration.projector.ground import OPENING, Asked, Ground
from tests.support.backing import Database
from tests.support.casework import ALERT, event, raised, record_of, voided

DAYS = england_and_wales()
EVERYTHING = 10_000
LATER = datetime(2019, 6, 1, tzinfo=UTC)
REFERRAL = event(
    "ReferralAccepted", referral_id="r", referral_date="2017-07-24"
)  # 45 working days: 26 September
LATE_IN_AUGUST = event("ReferralAccepted", referral_id="r", referral_date="2017-08-15")  # 45: 18 October


def some_life(rng: random.Random, stream: str) -> list[Recorded]:
    """What somebody might record of a child, in any order and whether or not it could be admitted."""

    def day(first: date = date(2016, 9, 1)) -> str:
        return str(first + timedelta(days=rng.randrange(500)))

    def maybe(name: str, **data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if rng.random() < 0.7:
            yield name, data

    told = [
        *maybe("ReferralAccepted", referral_id="r", referral_date=day()),
        *maybe("ReferralAccepted", referral_id="old", referral_date="2009-03-02"),
        *maybe("AssessmentAuthorised", assessment_id="a", outcome="CIN", authorised_on=day()),
        *maybe("CaseAllocated", worker=f"worker:{rng.randrange(3)}", team="A_TEAM", on=day()),
        *maybe("CaseReallocated", worker=f"worker:{rng.randrange(3)}", team="B_TEAM", on=day()),
        *maybe("PlanMade", plan_id="p", plan_kind="CP", made_on=day()),
        *maybe("CoreGroupHeld", held_on=day()),
        *maybe("PlanEnded", plan_id="p", ended_on=day()),
        *maybe("ChildBecameLookedAfter", period_id="c", started_on=day()),
        *maybe("ReviewMeetingHeld", review_id="1", held_on=day()),
        *maybe("ReviewMeetingHeld", review_id="2", held_on=day()),
        *maybe("ChildCeasedLookedAfter", period_id="c", ceased_on=day()),
        # Sixteen, where visits end, on a day that may be to come.
        *maybe(
            "PrivateFosteringNotified",
            arrangement_id="f",
            notified_on=day(),
            child_birth_month=day(date(2001, 6, 1))[:7],
        ),
        *maybe("PrivateFosteringVisitMade", arrangement_id="f", on=day()),
        *maybe(
            "ProtectiveActionTaken",
            action_id="x",
            kind="POLICE_PROTECTION",
            **{"from": f"{day()}T10:30:00Z"},
        ),
    ]
    rng.shuffle(told)
    return [
        record_of(name, data, number=number, at=LATER, stream=stream)
        for number, (name, data) in enumerate(told, 1)
    ]


async def test_the_board_and_its_counts_stand_as_the_domain_says_at_any_moment(database: Database) -> None:
    rng = random.Random(20180331)
    lives = {f"case-{n:02}": some_life(rng, f"case-{n:02}") for n in range(60)}
    known = [
        (case_id, term) for case_id, life in lives.items() for term in terms(refold(case_id, life), DAYS)
    ]
    moments = [at for _, term in known for at in (term.over_at, term.soon_at, term.ended_at) if at]
    await migrate(database.url, "projector", "services.projector.migrations")
    sql = load_sql("services.projector.sql")
    connection = await asyncpg.connect(database.url)
    try:
        await rows.load(connection, 1, [_computed(case_id, life) for case_id, life in lives.items()])
        for now in rng.sample(moments, 15):
            asked = Question(rng.sample(list(DeadlineState), rng.randrange(1, 8)))
            found = await connection.fetch(sql["deadlines"], *asked.binds(now), *BEFORE_ALL, EVERYTHING)
            counted = await connection.fetch(sql["deadline_counts"], *asked.binds(now))
            judged = [(case_id, judge(term, now, DAYS)) for case_id, term in known]
            expected = [(case_id, each) for case_id, each in judged if each and each.state in asked.states]
            expected.sort(key=lambda each: (each[1].due_on or date.max, each[0], each[1].deadline_id))
            shown = [deadline_of(row, now, DAYS) for row in found if row["case_id"]]
            assert [(each.case_id, _judged(each)) for each in shown] == [
                (case_id, _judged(each)) for case_id, each in expected
            ]
            assert sum(row["number"] or 0 for row in counted) == len(expected)
    finally:
        await connection.close()


def _judged(deadline: Deadline) -> list[object]:
    return [getattr(deadline, name) for name in Deadline.__struct_fields__]


def _computed(case_id: str, life: list[Recorded]) -> Computed:
    its_own = [deadlines.columns(row) for row in deadlines.view(life, DAYS)]
    return Computed(case_id, tuple(its_own if table.name == "deadline" else [] for table in TABLES))


async def test_the_board_is_narrowed_by_each_of_its_filters_and_paged_in_order_of_due_dates(
    stage: Ground, projector: Asked
) -> None:
    given = event("CaseAllocated", worker="worker:ann", team="A_TEAM", on="2017-08-16")
    await stage.post("case-1", REFERRAL)
    position = await stage.post("case-2", LATE_IN_AUGUST, given)
    await projector.until(position)

    async def due(**query: Any) -> list[tuple[str, str, str]]:
        found = await projector.items("/v1/deadlines", limit=1, **query)
        return [(each["case_id"], each["rule"], each["state"]) for each in found]

    assert await due() == [
        ("case-1", "ASSESS_40", "OVERDUE"),
        ("case-1", "ASSESS_45", "OVERDUE"),
        ("case-2", "ASSESS_40", "OPEN"),
        ("case-2", "ASSESS_45", "OPEN"),
    ]
    assert await due(state=["OVERDUE", "MET"], kind="ASSESS_45") == [("case-1", "ASSESS_45", "OVERDUE")]
    assert len(await due(team="A_TEAM", worker="worker:ann", kind="D-ASSESS")) == 2
    assert await due(team="B_TEAM") == await due(state="DUE_SOON") == []
    assert [each[0] for each in await due(allocated="false")] == ["case-1", "case-1"]
    assert await due(due_from="2017-10-01", due_before="2017-10-18") == [("case-2", "ASSESS_40", "OPEN")]
    assert [each["late_by"] for each in (await projector.get("/v1/cases/case-1/deadlines"))["items"]] == [
        9,
        4,
    ]
    counts = await projector.get("/v1/deadlines/counts", state=["OPEN", "OVERDUE"])
    assert counts["teams"] == [
        {"team": "A_TEAM", "states": {"OPEN": 2, "OVERDUE": 0}},
        {"team": None, "states": {"OPEN": 0, "OVERDUE": 2}},
    ]
    assert (await projector.answer("/v1/cases/nobody/deadlines")).status_code == 404
    assert (await projector.answer("/v1/deadlines", recorded_until=OPENING)).status_code == 400
    assert (await projector.answer("/v1/deadlines", kind="ASSESS_46")).status_code == 400


async def test_a_cases_deadlines_stand_on_a_day_of_the_past_as_they_stood(
    stage: Ground, projector: Asked
) -> None:
    taken = event("ChildBecameLookedAfter", period_id="p", started_on="2017-07-03")
    reviewed = event("ReviewMeetingHeld", review_id="v", held_on="2017-07-28")
    await projector.until(await stage.post("case-1", LATE_IN_AUGUST, taken, reviewed))

    now = await projector.items("/v1/cases/case-1/deadlines")
    known_now = await projector.items("/v1/cases/case-1/deadlines", recorded_until=OPENING, limit=3)
    then = await projector.items(
        "/v1/deadlines", case_id="case-1", kind="D-IHA", occurred_until="2017-08-02T12:00:00Z"
    )

    assert known_now == now
    assert [(each["state"], each["due_on"], each["late_by"]) for each in then] == [
        ("OVERDUE", "2017-07-31", 2)
    ]


async def test_a_team_sees_who_has_how_much_and_what_nobody_has(stage: Ground, projector: Asked) -> None:
    given = event("CaseAllocated", worker="worker:ann", team="A_TEAM", on="2017-08-01")
    taken = event("CaseReallocated", worker="worker:bob", on="2017-09-01")
    closed = event("CaseClosed", reason="RC7", closed_on="2017-09-04")
    held = event("ReviewMeetingHeld", review_id="v", held_on="2017-09-01")
    await stage.post("unowned", REFERRAL)
    await stage.post(
        "adult", event("LadoReferralReceived", role="RESIDENTIAL_CARE_CHILDREN", concern="PHYSICAL")
    )
    await stage.post("handed-on", REFERRAL, taken, given)  # typed in the wrong order
    await projector.until(await stage.post("over", REFERRAL, given, held, closed))

    workload = await projector.get("/v1/workload")

    assert [(each["worker"], each["open_cases"]) for each in workload["workers"]] == [
        ("worker:ann", 0),
        ("worker:bob", 1),
    ]
    assert workload["workers"][1]["deadlines"] == {
        "open": 0, "due_soon": 0, "overdue": 2, "next_due_on": None,
    }  # fmt: skip
    assert workload["without_owner"]["open_cases"] == 1
    assert workload["without_owner"]["workers_without_cases"] == ["worker:ann"]
    assert workload["without_owner"]["deadlines_in_closed_cases"] == 2
    assert [each["case_id"] for each in await projector.items("/v1/cases", worker="worker:bob")] == [
        "handed-on"
    ]
    assert [each["case_id"] for each in await projector.items("/v1/cases", allocated="false")] == [
        "adult",
        "unowned",
    ]
    assert [each["case_id"] for each in await projector.items("/v1/cases", q="un")] == ["unowned"]


async def test_what_the_office_says_of_its_closure_days_moves_what_is_counted_over_them(
    stage: Ground, projector: Asked
) -> None:
    async def due_on() -> list[str]:
        return [each["due_on"] for each in await projector.items("/v1/deadlines", kind="ASSESS_45")]

    await stage.post("case-1", REFERRAL)
    await projector.until(
        await stage.post("case-2", event("ReferralAccepted", referral_id="r", referral_date="2017-09-04"))
    )
    before = await due_on()
    days = [date(2017, 8, 30), date(2017, 10, 4)]
    closed = event("ClosureDaysSet", dates=[str(day) for day in days]).saying(id="closed")
    await stage.post("office", closed)
    await projector.until(await stage.post("case-3", raised()))

    assert before == ["2017-09-26", "2017-11-06"]
    assert await due_on() == ["2017-09-27", "2017-11-07"]
    (shown,) = await projector.items("/v1/deadlines", case_id="case-1", kind="ASSESS_45")
    assert shown["calendar_version"] == with_closure_days(DAYS, days).version
    alert = await projector.get(f"/v1/alerts/{ALERT}")
    assert (alert["due_on"], alert["days_left"]) == ("2017-10-10", 5)
    live = await stage.rows()
    await rebuild(stage.settings().database_url, stage.ledger_url, lambda _done, _whole: None)
    assert await stage.rows() == live
    await projector.until(await stage.post("office", voided("closed")))
    assert await due_on() == before
