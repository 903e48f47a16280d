"""Messages that are not taken: tried again by the clock, given up in the end, and tried again by hand."""

from datetime import timedelta
from itertools import pairwise

import pytest

from services.notifier import attempts
from services.stack.mail import Mail
from tests.integration.notifier.post_offices import refusing
from tests.integration.notifier.receiver import receiving
from tests.integration.notifier.rehearsal import Rehearsal, appointed, mailbox
from tests.support import faults
from tests.support.casework import CASE, TOM, instant, raised, voided
from tests.support.inbox import Inbox


async def test_while_the_mail_server_is_away_the_ladder_climbs_and_afterwards_the_message_arrives(
    office: Rehearsal, own_mail: Mail
) -> None:
    inbox = Inbox(own_mail.maildir)
    async with office.notifier(smtp_url=own_mail.url) as notifier:
        async with faults.away(own_mail):
            await office.post(CASE, raised())
            await office.advance(notifier, "2017-10-02T08:06:00Z")
            mail = await notifier.check("mail")
            assert (mail["ok"], mail["warning"], mail["detail"]) == (
                True,
                True,
                "does not answer; mail waits",
            )
            (waiting,) = await notifier.deliveries()
            assert (waiting["state"], waiting["attempts"]) == ("PENDING", 3)
            assert waiting["last_error"] == "SMTP_UNREACHABLE"
            assert waiting["next_attempt_at"] == "2017-10-02T08:36:00Z"
        await office.advance(notifier, "2017-10-02T08:36:00Z")
        (sent,) = await notifier.deliveries()
    assert (sent["state"], sent["attempts"]) == ("SENT", 4)
    assert len(inbox.to(mailbox(TOM))) == 1
    assert [how for _, how, _, _ in await office.outcomes()] == [*["SMTP_UNREACHABLE"] * 3, "SENT"]


async def test_each_attempt_is_in_the_ledger_under_one_notification_and_the_pauses_grow(
    office: Rehearsal,
) -> None:
    async with office.notifier(smtp_url="smtp://127.0.0.1:1") as notifier:
        await office.post(CASE, raised())
        await office.advance(notifier, "2017-10-04T08:00:00Z")
        (dead,) = await notifier.deliveries(state="DEAD")
        assert (await notifier.check("deliveries"))["detail"].startswith("1 dead")
        assert (await notifier.http.get("/readyz")).status_code == 200
    failed = [each for each in await office.documents() if each["type"] == "NotificationFailed"]
    assert {each["data"]["notification_id"] for each in failed} == {dead["notification_id"]}
    assert [each["data"].get("attempt", 1) for each in failed] == list(range(1, 9))
    times = [instant(each["recordedat"]) for each in failed]
    assert [later - earlier for earlier, later in pairwise(times)] == list(attempts.PAUSES)
    assert times[-1] - times[0] < timedelta(days=2)


async def test_a_permanent_refusal_is_dead_at_once_and_a_retry_by_hand_reaches_the_corrected_address(
    office: Rehearsal, own_mail: Mail
) -> None:
    async with refusing("550 no such mailbox") as url, office.notifier(smtp_url=url) as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
        (dead,) = await notifier.deliveries(state="DEAD")
        assert (dead["attempts"], dead["last_error"], dead["next_attempt_at"]) == (1, "SMTP_550", None)
    right = [{"kind": "EMAIL", "address": "right@council.example"}]
    async with office.notifier(smtp_url=own_mail.url) as notifier:
        await office.post("office", appointed("TEAM_MANAGER", TOM, channels=right))
        await office.settle(notifier)
        assert len(await notifier.deliveries(state="DEAD")) == 1
        answer = await notifier.http.post(f"/v1/deliveries/{dead['id']}/retry")
        assert (answer.status_code, answer.json()["state"]) == (200, "PENDING")
        await office.settle(notifier)
        (sent,) = await notifier.deliveries()
        assert (sent["state"], sent["attempts"]) == ("SENT", 2)
        again = await notifier.http.post(f"/v1/deliveries/{dead['id']}/retry")
        assert (again.status_code, again.json()["type"]) == (409, "urn:caseledger:problem:delivery-not-dead")


async def test_a_passing_refusal_is_tried_again(office: Rehearsal) -> None:
    async with refusing("451 try again later") as url, office.notifier(smtp_url=url) as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
        (waiting,) = await notifier.deliveries()
        assert (waiting["state"], waiting["last_error"]) == ("PENDING", "SMTP_451")


async def test_a_webhook_that_is_broken_is_tried_again_and_one_that_is_gone_is_not(
    stage: Rehearsal,
) -> None:
    async with receiving() as receiver:
        hook = [{"kind": "WEBHOOK", "address": receiver.url}]
        await stage.open_office("TEAM_MANAGER")
        await stage.post("office", appointed("TEAM_MANAGER", TOM, channels=hook))
        async with stage.notifier() as notifier:
            receiver.status = 503
            await stage.post(CASE, raised())
            await stage.settle(notifier)
            (waiting,) = await notifier.deliveries()
            assert (waiting["state"], waiting["last_error"]) == ("PENDING", "HTTP_503")
            receiver.status = 410
            await stage.advance(notifier, "2017-10-02T08:01:00Z")
            (dead,) = await notifier.deliveries()
            assert (dead["state"], dead["last_error"]) == ("DEAD", "HTTP_410")
    first, second = receiver.posts
    assert first[0]["webhook-id"] == second[0]["webhook-id"]


async def test_a_channel_that_is_not_configured_or_an_address_that_is_none_is_a_dead_letter(
    stage: Rehearsal,
) -> None:
    await stage.open_office("TEAM_MANAGER")
    channels = [
        {"kind": "EMAIL", "address": "not an address, but words"},
        {"kind": "WEBHOOK", "address": "https://hooks.council.example/"},
    ]
    await stage.post("office", appointed("TEAM_MANAGER", TOM, channels=channels))
    async with stage.notifier(webhook_secret=None) as notifier:
        await stage.post(CASE, raised())
        await stage.settle(notifier)
        dead = {each["channel"]: each["last_error"] for each in await notifier.deliveries(state="DEAD")}
    assert dead == {"EMAIL": "BAD_ADDRESS", "WEBHOOK": "NOT_CONFIGURED"}


async def test_an_outcome_that_the_ledger_will_not_have_ends_the_delivery(office: Rehearsal) -> None:
    """The alert is voided while its message is on the way to a server that is away."""
    async with office.notifier(smtp_url="smtp://127.0.0.1:1") as notifier:
        await office.post(CASE, raised().saying(id="raised-1"))
        await office.settle(notifier)
        await office.post(CASE, voided("raised-1"))
        await office.advance(notifier, "2017-10-03T08:00:00Z")
        (delivery,) = await notifier.deliveries()
        assert delivery["state"] == "OVERTAKEN"


async def test_a_defect_of_a_channel_ends_its_message_and_nothing_else(
    office: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("services.notifier.mail.Mail.send", break_down)
    async with office.notifier() as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
        (dead,) = await notifier.deliveries(state="DEAD")
        assert (dead["attempts"], dead["last_error"]) == (1, "CHANNEL_FAILED")
        await office.advance(notifier, "2017-10-10T00:00:00Z")
    assert (await office.steps())[-1] == "EscalatedToServiceManager"
