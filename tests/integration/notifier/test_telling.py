"""Who is told, what the message says, and what the ledger keeps of it."""

import json
from email.utils import parsedate_to_datetime

import pytest
from standardwebhooks import Webhook

from tests.integration.notifier.receiver import receiving
from tests.integration.notifier.rehearsal import (
    DORA,
    SECRET,
    Notifier,
    Rehearsal,
    appointed,
    mailbox,
    stood_down,
)
from tests.support.casework import ALERT, CASE, HANA, IRIS, SAM, TOM, raised, responded, voided


async def test_the_message_says_what_is_asked_by_when_of_whom_and_what_happens_otherwise(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.settle(notifier)
    (mail,) = office.inbox.to(mailbox(TOM))
    assert mail["Subject"] == "[Rehearsal] Practice alert: please answer by Monday 9 October 2017"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    text = mail.get_content()
    assert "A practice alert has come to you as Team Manager. Please answer it." in text
    assert "Answer by: Monday 9 October 2017, end of the day" in text
    assert "If nobody answers by then, it goes up to the Service Manager." in text
    assert f"Reference: {ALERT}" in text
    assert f"https://cases.council.example/v1/alerts/{ALERT}?case_id={CASE}" in text
    assert "This is a rehearsal: it was sent on a test clock." in text


async def test_the_message_id_and_its_date_are_the_notifications_own(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.settle(notifier)
    (mail,) = office.inbox.to(mailbox(TOM))
    (sent,) = [each for each in await office.documents() if each["type"] == "NotificationSent"]
    notification_id = sent["data"]["notification_id"]
    assert mail["X-Notification-Id"] == notification_id
    assert mail["Message-ID"] == f"<{notification_id}@council.example>"
    assert mail["From"] == "caseledger@council.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]).isoformat() == "2017-10-02T08:00:00+00:00"
    assert sent["data"] == {
        "alert_id": ALERT,
        "notification_id": notification_id,
        "kind": "RUNG_TOLD",
        "rung": "TEAM_MANAGER",
        "holder": TOM,
        "channel": "EMAIL",
    }


async def test_no_message_log_line_or_answer_carries_what_is_personal(
    office: Rehearsal, notifier: Notifier, capsys: pytest.CaptureFixture[str]
) -> None:
    await office.post("office", appointed("TEAM_MANAGER", TOM, name="Thomas Secretname"))
    await office.post(CASE, raised(issue="The child Zebedee is not safe at home."))
    await office.advance(notifier, "2017-10-10T12:00:00Z")
    shown = json.dumps([await notifier.deliveries(), await notifier.windows()])
    logged = "".join(capsys.readouterr())
    for mail in office.inbox.messages():
        assert "Zebedee" not in mail.as_string()
        assert "Secretname" not in mail.as_string()
    assert "message.sent" in logged
    for personal in ("Zebedee", "Secretname", "council.example", "@"):
        assert personal not in shown
        assert personal not in logged.replace("https://cases.council.example", "")


async def test_a_repeat_names_the_alert_that_it_repeats(office: Rehearsal, notifier: Notifier) -> None:
    await office.post(CASE, raised("alert-1"), raised("alert-2"))
    await office.settle(notifier)
    texts = [mail.get_content() for mail in office.inbox.to(mailbox(TOM))]
    assert sorted("Repeats: alert-1" in text for text in texts) == [False, True]


async def test_a_vacant_rung_is_said_once_and_the_next_rung_and_the_raiser_are_told(
    stage: Rehearsal,
) -> None:
    await stage.open_office("TEAM_MANAGER")
    async with stage.notifier() as notifier:
        await stage.post(CASE, raised())
        await stage.advance(notifier, "2017-10-10T12:00:00Z")
    outcomes = await stage.outcomes()
    assert outcomes.count(("2017-10-02", "NO_HOLDER", "RUNG_TOLD", "")) == 1
    assert [each for each in outcomes if each[1] != "SENT"] == [("2017-10-02", "NO_HOLDER", "RUNG_TOLD", "")]
    assert sorted(await stage.told()) == [
        ("2017-10-02", "RUNG_VACANT", IRIS),
        ("2017-10-02", "RUNG_VACANT", SAM),
        ("2017-10-10", "RUNG_TOLD", SAM),
    ]
    vacant = stage.inbox.to(mailbox(SAM))[0]
    assert "nobody could be told as Team Manager" in str(vacant["Subject"])


async def test_when_several_rungs_are_vacant_the_first_above_that_is_held_is_told(stage: Rehearsal) -> None:
    await stage.open_office("TEAM_MANAGER", "SERVICE_MANAGER")
    async with stage.notifier() as notifier:
        await stage.post(CASE, raised())
        await stage.settle(notifier)
    assert {to for _, _, to in await stage.told()} == {HANA, IRIS}


async def test_a_holder_without_an_address_is_as_good_as_none_and_the_ledger_says_so(
    stage: Rehearsal,
) -> None:
    await stage.open_office("TEAM_MANAGER")
    await stage.post("office", appointed("TEAM_MANAGER", TOM, channels=[]))
    async with stage.notifier() as notifier:
        await stage.post(CASE, raised())
        await stage.settle(notifier)
    assert ("2017-10-02", "NO_ADDRESS", "RUNG_TOLD", TOM) in await stage.outcomes()
    assert {to for _, _, to in await stage.told()} == {SAM, IRIS}


async def test_somebody_appointed_to_a_vacant_rung_is_told_at_once(stage: Rehearsal) -> None:
    await stage.open_office("TEAM_MANAGER")
    async with stage.notifier() as notifier:
        await stage.post(CASE, raised())
        await stage.advance(notifier, "2017-10-03T12:00:00Z")
        await stage.post("office", appointed("TEAM_MANAGER", TOM))
        await stage.settle(notifier)
    assert ("2017-10-03", "RUNG_TOLD", TOM) in await stage.told()


async def test_a_new_holder_is_told_of_the_open_alerts_and_the_one_before_hears_no_more(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised())
    await office.advance(notifier, "2017-10-03T12:00:00Z")
    new = appointed("TEAM_MANAGER", "manager:9", since="2017-10-06")
    await office.post("office", stood_down("TEAM_MANAGER", TOM, on="2017-10-06"), new)
    await office.advance(notifier, "2017-10-09T12:00:00Z")
    assert await office.told() == [
        ("2017-10-02", "RUNG_TOLD", TOM),
        ("2017-10-05", "REMINDER", TOM),
        ("2017-10-06", "RUNG_TOLD", "manager:9"),
        ("2017-10-09", "REMINDER", "manager:9"),
    ]


async def test_a_voided_appointment_counts_no_more(office: Rehearsal, notifier: Notifier) -> None:
    by_mistake = appointed("TEAM_MANAGER", "manager:8", since="2017-10-03").saying(id="by-mistake")
    await office.advance(notifier, "2017-10-03T12:00:00Z")
    await office.post("office", by_mistake)
    await office.post(CASE, raised())
    await office.settle(notifier)
    await office.post("office", voided("by-mistake"))
    await office.settle(notifier)
    assert [to for _, _, to in await office.told()] == ["manager:8", TOM]


async def test_a_signed_webhook_arrives_beside_the_mail_with_codes_and_a_link_only(
    stage: Rehearsal,
) -> None:
    async with receiving() as receiver:
        await stage.open_office("TEAM_MANAGER")
        channels = [
            {"kind": "EMAIL", "address": mailbox(TOM)},
            {"kind": "WEBHOOK", "address": receiver.url},
        ]
        await stage.post("office", appointed("TEAM_MANAGER", TOM, channels=channels))
        async with stage.notifier() as notifier:
            await stage.post(CASE, raised(issue="The child Zebedee is not safe at home."))
            await stage.settle(notifier)
    ((headers, body),) = receiver.posts
    found = Webhook(SECRET).verify(body, headers)  # raises when the signature is not ours
    assert headers["webhook-id"] == found["data"]["notification_id"]
    assert found == {
        "type": "practice_alert.rung_told",
        "timestamp": "2017-10-02T08:00:00Z",
        "data": {
            "notification_id": headers["webhook-id"],
            "kind": "RUNG_TOLD",
            "case_id": CASE,
            "alert_id": ALERT,
            "state": "AT_TEAM_MANAGER",
            "rung": "TEAM_MANAGER",
            "due_on": "2017-10-09",
            "link": f"https://cases.council.example/v1/alerts/{ALERT}?case_id={CASE}",
            "test_clock": True,
        },
    }
    assert len(stage.inbox.to(mailbox(TOM))) == 1
    sent = [each["data"] for each in await stage.documents() if each["type"] == "NotificationSent"]
    assert {each["channel"] for each in sent} == {"EMAIL", "WEBHOOK"}
    assert len({each["notification_id"] for each in sent}) == 1


async def test_two_addresses_of_one_kind_are_told_apart(stage: Rehearsal) -> None:
    await stage.open_office("TEAM_MANAGER")
    channels = [{"kind": "EMAIL", "address": f"{name}@council.example"} for name in ("desk", "phone")]
    await stage.post("office", appointed("TEAM_MANAGER", TOM, channels=channels))
    async with stage.notifier() as notifier:
        await stage.post(CASE, raised())
        await stage.settle(notifier)
        assert {each["channel"] for each in await notifier.deliveries()} == {"EMAIL", "EMAIL_2"}
    assert len(stage.inbox.to("desk@council.example")) == 1
    assert len(stage.inbox.to("phone@council.example")) == 1


async def test_a_raiser_who_directs_the_service_too_is_reminded_once_of_an_exhausted_ladder(
    office: Rehearsal, notifier: Notifier
) -> None:
    await office.post(CASE, raised(raised_by=DORA))
    await office.advance(notifier, "2017-11-07T12:00:00Z")
    assert [to for _, kind, to in await office.told() if kind == "EXHAUSTED"] == [DORA]


async def test_what_lost_its_point_before_it_could_be_sent_is_not_sent(office: Rehearsal) -> None:
    async with office.notifier(smtp_url="smtp://127.0.0.1:1") as notifier:
        await office.post(CASE, raised())
        await office.settle(notifier)
        await office.post(CASE, responded())
        await office.settle(notifier)
        told = {each["kind"]: each["state"] for each in await notifier.deliveries()}
        assert told == {"RUNG_TOLD": "OVERTAKEN", "IRO_TO_DECIDE": "PENDING"}
