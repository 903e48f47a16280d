"""The notifier's own resources."""

from tests.integration.notifier.rehearsal import Notifier, Rehearsal
from tests.support.casework import ALERT, CASE, TOM, raised, resolved


async def test_windows_are_listed_by_due_date_and_paged(office: Rehearsal, notifier: Notifier) -> None:
    for offset in (2, 0, 1):
        await office.post(
            f"case-{offset}", raised(day0=f"2017-10-0{2 + offset}", due_on=f"2017-10-0{7 + offset}")
        )
    await office.settle(notifier)
    assert [each["case_id"] for each in await notifier.windows()] == ["case-0", "case-1", "case-2"]
    before = await notifier.windows(due_before="2017-10-08")
    assert [each["case_id"] for each in before] == ["case-0"]
    first = await notifier.get("/v1/windows", limit=2)
    second = await notifier.get("/v1/windows", limit=2, cursor=first["next"])
    assert [each["case_id"] for each in first["items"] + second["items"]] == ["case-0", "case-1", "case-2"]
    assert second["next"] is None


async def test_a_window_says_where_its_alert_stands_and_when_it_is_looked_at_next(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.settle(notifier)
    assert await notifier.windows() == [
        {
            "case_id": CASE,
            "alert_id": ALERT,
            "state": "AT_TEAM_MANAGER",
            "rung": "TEAM_MANAGER",
            "due_on": "2017-10-09",
            "next_at": "2017-10-05T08:00:00Z",
            "parked": None,
        }
    ]
    assert (await notifier.get("/v1/clock"))["next_due"] == "2017-10-05T08:00:00Z"


async def test_deliveries_are_listed_newest_first_and_paged(office: Rehearsal, notifier: Notifier) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-06T08:00:00Z")
    await office.post(CASE, resolved())
    await office.settle(notifier)
    first = await notifier.get("/v1/deliveries", limit=3)
    second = await notifier.get("/v1/deliveries", limit=3, cursor=first["next"])
    items = first["items"] + second["items"]
    assert [each["since"] for each in items] == sorted((each["since"] for each in items), reverse=True)
    assert [each["kind"] for each in items[-2:]] == ["REMINDER", "RUNG_TOLD"]
    assert len({each["id"] for each in items}) == len(items) == 4
    oldest = items[-1]
    assert (oldest["holder"], oldest["state"], oldest["attempts"]) == (TOM, "SENT", 1)
    assert (await notifier.deliveries(state="DEAD")) == []


async def test_a_cursor_that_was_not_given_out_and_a_delivery_that_is_not_there_are_said_to_be_so(
    notifier: Notifier,
) -> None:
    for path in ("/v1/deliveries", "/v1/windows"):
        answer = await notifier.http.get(path, params={"cursor": "bm90IG9uZQ"})
        assert answer.status_code == 400
        assert answer.json()["faults"] == [
            {"parameter": "cursor", "message": "is not one that was given out"}
        ]
    nothing = "00000000-0000-0000-0000-000000000000.EMAIL"
    missing = await notifier.http.post(f"/v1/deliveries/{nothing}/retry")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


async def test_readiness_says_everything_that_an_operator_asks(office: Rehearsal, notifier: Notifier) -> None:
    await office.settle(notifier)
    answer = await notifier.http.get("/readyz")
    assert answer.status_code == 200
    assert {name: each["detail"] for name, each in answer.json()["checks"].items()} == {
        "database": "answers; accounted for up to 6",
        "ledger": "0 behind; reads from stream",
        "role": "leads",
        "deliveries": "none dead",
        "alerts": "none parked",
        "digests": "none wait",
        "mail": "answers",
        "clock": "a test clock",
        "authentication": "OFF: whoever reaches this port may do everything",
    }
