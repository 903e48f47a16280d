"""What the notifier does while something that it needs is away, or cannot be understood."""

from services.notifier import work
from services.stack import databases
from services.stack.nats import Nats
from services.stack.postgres import Postgres
from tests.integration.notifier.post_offices import refusing
from tests.integration.notifier.rehearsal import Notifier, Rehearsal, mailbox, rehearsal
from tests.support import faults
from tests.support.backing import Database
from tests.support.casework import (
    ALERT,
    CASE,
    SAM,
    TOM,
    acknowledged,
    contact,
    plan,
    raised,
    responded,
    strategy,
)
from tests.support.inbox import Inbox
from tests.support.until import until
from tests.support.usurper import usurped

REWRITE = """
    UPDATE notifier.history
    SET document = replace(document, 'PracticeAlertRaised' || $2, 'PracticeAlertRaised' || $3)
    WHERE case_id = $1
"""


async def test_an_alert_beyond_the_known_calendar_is_parked_and_the_others_go_on(
    office: Rehearsal, notifier: Notifier
) -> None:
    """The reviewer's five working days would end in a year whose bank holidays nobody knows yet."""
    await office.advance(notifier, "2028-12-20T12:00:00Z")
    await office.post(CASE, raised(cap_on="2028-12-29"))
    await office.post("case-2", raised(cap_on="2028-12-29"))
    await office.advance(notifier, "2028-12-27T12:00:00Z")
    await office.post(CASE, responded())
    await office.advance(notifier, "2028-12-28T12:00:00Z")
    (parked,) = [each for each in await notifier.windows() if each["case_id"] == CASE]
    assert (parked["state"], parked["next_at"]) == ("AWAITING_IRO", None)
    assert parked["parked"] == "BeyondCalendar: 2028 is the last known year"
    check = await notifier.check("alerts")
    assert (check["ok"], check["detail"]) == (True, f"1 parked ({parked['parked']}); see /v1/windows")
    reminded = [(day, to) for day, kind, to in await office.told("case-2") if kind == "REMINDER"]
    assert reminded == [("2028-12-27", TOM)]


async def test_an_event_of_a_newer_release_parks_its_alert_until_a_release_that_knows_it(
    office: Rehearsal,
) -> None:
    async with office.notifier() as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
        await office.execute(REWRITE, CASE, ":1", ":2")
        await office.advance(notifier, "2017-10-05T12:00:00Z")
        (window,) = await notifier.windows()
        assert (window["alert_id"], window["parked"]) == (ALERT, "UnknownEventType")
    await office.execute(REWRITE, CASE, ":2", ":1")
    async with office.notifier() as notifier:
        await office.settle(notifier)
        (window,) = await notifier.windows()
        assert window["parked"] is None


async def test_the_messages_of_an_alert_that_is_parked_wait_until_it_is_understood(office: Rehearsal) -> None:
    async with refusing("451 later") as away, office.notifier(smtp_url=away) as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
        await office.execute(REWRITE, CASE, ":1", ":2")
        await office.post(CASE, acknowledged())
        await office.settle(notifier)
        assert [each["state"] for each in await notifier.deliveries()] == ["HELD"]
        await office.advance(notifier, "2017-10-02T12:00:00Z")
    await office.execute(REWRITE, CASE, ":2", ":1")
    async with office.notifier() as notifier:
        await office.settle(notifier)
    assert await office.told() == [("2017-10-02", "RUNG_TOLD", TOM)]


async def test_events_that_are_not_its_own_business_are_passed_over(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, contact(), strategy(), plan())
    await office.settle(notifier)
    kept = await office.fetch("SELECT case_id FROM notifier.history WHERE case_id <> 'office'")
    assert kept == []
    assert await notifier.windows() == []


async def test_without_nats_the_ledger_is_read_and_the_ladder_climbs_on(
    migrated_database: Database, own_nats: Nats, smtp: str, maildir: Inbox
) -> None:
    async with rehearsal(migrated_database, own_nats.url, smtp, maildir) as stage:
        await stage.open_office()
        async with stage.notifier() as notifier:
            await stage.post(CASE, raised())
            await stage.settle(notifier)
            async with faults.away(own_nats):
                await stage.advance(notifier, "2017-10-10T12:00:00Z")
                assert (await stage.steps())[-1] == "EscalatedToServiceManager"
                assert len(stage.inbox.to(mailbox(SAM))) == 1
                assert (await notifier.http.get("/readyz")).status_code == 200
            await stage.advance(notifier, "2017-10-12T12:00:00Z")
            assert len(stage.inbox.to(mailbox(SAM))) == 2


async def test_when_postgres_comes_back_the_notifier_takes_its_work_up_again(
    own_postgres: Postgres, bus: str, smtp: str, maildir: Inbox
) -> None:
    async with rehearsal(Database(own_postgres.url_of(databases.NAME)), bus, smtp, maildir) as stage:
        await stage.open_office()
        async with stage.notifier() as notifier:
            await stage.post(CASE, raised())
            await stage.settle(notifier)
            async with faults.away(own_postgres):
                assert (await notifier.http.get("/readyz")).status_code == 503
                assert (await notifier.http.get("/livez")).status_code == 200
            await stage.post("case-2", raised())
            await stage.advance(notifier, "2017-10-10T12:00:00Z")
            for case_id in (CASE, "case-2"):
                assert await stage.steps(case_id) == ["PracticeAlertRaised", "EscalatedToServiceManager"]
    assert len(stage.inbox.to(mailbox(TOM))) == 6


async def test_a_ledger_that_was_put_back_behind_the_notifier_makes_it_unready(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.settle(notifier)
    assert (await notifier.check("ledger"))["detail"].startswith("0 behind")
    await office.execute("UPDATE notifier.checkpoint SET position = position + 3")
    found = await notifier.check("ledger")
    assert (found["ok"], found["detail"]) == (
        False,
        "3 ahead of the ledger, which was put back; begin anew",
    )


async def test_over_a_ledger_that_was_put_back_nobody_climbs(office: Rehearsal) -> None:
    async with office.notifier() as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
    await office.execute("UPDATE notifier.checkpoint SET position = position + 3")
    await office.set_ledger("2017-10-10T12:00:00Z")
    async with office.notifier() as notifier:

        async def refuses() -> bool:
            role = await notifier.check("role")
            return (role["ok"], role["detail"]) == (False, "starts again after LedgerWentBack")

        await until(refuses)
        assert await office.steps() == ["PracticeAlertRaised"]


async def test_a_notifier_that_lost_the_lead_is_well_again_once_it_stands_by(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.settle(notifier)
    async with usurped(office.database.url, work.LEADERSHIP, "caseledger notifier leader"):

        async def stands_by() -> bool:
            role = await notifier.check("role")
            return (role["ok"], role["detail"]) == (True, "stands by")

        await until(stands_by)
