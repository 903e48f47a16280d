"""What messages say, to whom, and what they never say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from aiosmtplib.email import flatten_message
from msgspec import structs

from services.domain.alert import Alert, AlertState, Response
from services.domain.calendar import england_and_wales
from services.domain.events.alert import OF_THE_OFFICE, NotificationKind, Rung
from services.notifier import mail, message, webhook
from services.notifier.channels import NotTaken
from services.notifier.deliveries import Claim
from services.notifier.message import Facts, Message
from services.runtime.clock import SystemClock
from services.runtime.mail import MailNotTaken

NOW = datetime(2017, 10, 9, 8, tzinfo=UTC)
ID = "5d1f7c1e-3d0a-5b7e-9a53-0f6a3b6d1c11"
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def written(
    kind: NotificationKind,
    *,
    holder: str = "manager:4",
    test_clock: bool = False,
    restricted: bool = False,
    **known: Any,
) -> Message:
    claim = Claim(ID, "EMAIL", "case-1", "alert/1", kind, Rung.TEAM_MANAGER, holder, 0)
    facts = {
        "case_id": "case-1",
        "alert_id": "alert/1",
        "state": AlertState.AT_TEAM_MANAGER,
        "raised_by": "iro:17",
        "rung": Rung.TEAM_MANAGER,
        "day0": date(2017, 10, 2),
        "due_on": date(2017, 10, 9),
        **known,
    }
    found = Facts(
        claim=claim,
        alert=Alert(**facts),
        today=date(2017, 10, 9),
        days=england_and_wales(),
        restricted=restricted,
    )
    return message.compose(found, link="https://cases.example".__add__, now=NOW, test_clock=test_clock)


@pytest.mark.parametrize("kind", sorted(set(NotificationKind) - OF_THE_OFFICE))
def test_every_kind_of_message_has_a_subject_a_reference_and_a_link(kind: NotificationKind) -> None:
    said = written(kind)
    assert said.subject.startswith("Practice alert: ")
    assert len(said.subject) < 80
    assert "Reference: alert/1" in said.text
    assert "Open it:\nhttps://cases.example/v1/alerts/alert%2F1?case_id=case-1" in said.text
    assert ID in said.text
    assert "ehearsal" not in said.subject + said.text


@pytest.mark.parametrize("kind", sorted(set(NotificationKind) - OF_THE_OFFICE))
def test_no_message_names_a_restricted_case(kind: NotificationKind) -> None:
    said = written(kind, restricted=True)
    assert "Reference: alert/1\nIts case is restricted" in said.text
    assert "case-1" not in said.text + webhook.write(said).decode()
    assert said.about["link"] is None


def test_a_reminder_on_the_due_date_says_today_and_an_earlier_one_says_by_when() -> None:
    assert written(NotificationKind.REMINDER).subject == (
        "Practice alert: answer due today, Monday 9 October 2017"
    )
    assert written(NotificationKind.REMINDER, due_on=date(2017, 10, 11)).subject == (
        "Practice alert: reminder, answer by Wednesday 11 October 2017"
    )


def test_the_raiser_is_told_by_when_to_decide() -> None:
    response = Response(rung=Rung.TEAM_MANAGER, responder="manager:4", received_on=date(2017, 10, 6))
    said = written(NotificationKind.IRO_TO_DECIDE, state=AlertState.AWAITING_IRO, response=response)
    assert said.subject == "Practice alert: accept or reject the response by Friday 13 October 2017"
    assert said.about["due_on"] is None


def test_the_cap_is_said_to_the_raiser_and_to_the_rung_in_their_own_words() -> None:
    assert (
        "The practice alert that you raised is still open"
        in written(NotificationKind.CAP, holder="iro:17").text
    )
    assert "A practice alert that came to you is still open" in written(NotificationKind.CAP).text


def test_the_chair_is_called_what_they_were_called_on_the_day() -> None:
    assert message.rung_name(Rung.LSCB_CHAIR, date(2019, 9, 28)) == "Chair of the LSCB"
    assert message.rung_name(Rung.LSCB_CHAIR, date(2019, 9, 29)) == "Chair of the safeguarding partnership"


def test_at_the_top_the_message_says_that_there_is_no_higher_rung() -> None:
    said = written(NotificationKind.RUNG_TOLD, rung=Rung.LSCB_CHAIR, state=AlertState.AT_CHAIR)
    assert "there is no higher rung" in said.text


def test_a_withdrawn_alert_is_not_called_resolved() -> None:
    said = written(NotificationKind.RESOLVED, state=AlertState.WITHDRAWN, closed_at=NOW)
    assert said.subject == "Practice alert: withdrawn"
    assert "withdrawn on Monday 9 October 2017" in said.text


def test_on_a_test_clock_every_channel_says_that_this_is_a_rehearsal() -> None:
    said = written(NotificationKind.RUNG_TOLD, test_clock=True)
    assert said.subject.startswith("[Rehearsal] ")
    assert "This is a rehearsal" in said.text
    assert mail.write(said, "ledger@example.org", "tom@example.org")["Caseledger-Test-Clock"]
    assert b'"test_clock":true' in webhook.write(said)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b, c@d",
        "a@b\r\nBcc: everybody@example.org",
        "a b@c",
        "=?utf-8?q?a=0aBcc=3aeverybody=40example.org?=@b",
        "a@=?utf-8?q?b=0aBcc=3aeverybody=40example.org?=",
    ],
)
def test_what_is_no_address_is_refused_and_adds_no_header(address: str) -> None:
    with pytest.raises(MailNotTaken, match="BAD_ADDRESS"):
        mail.write(written(NotificationKind.RUNG_TOLD), "ledger@example.org", address)


@pytest.mark.parametrize("kept", ["alert-1", "Ümlaut"])
def test_a_long_link_is_one_line_of_what_is_sent(kept: str) -> None:
    link = f"https://cases.example/{'a' * 300}"
    said = structs.replace(written(NotificationKind.RUNG_TOLD), text=f"{kept}\nOpen it:\n{link}\n")
    sent = flatten_message(mail.write(said, "ledger@example.org", "tom@example.org"))
    assert link.encode() in sent.splitlines()
    assert kept.encode() in sent.splitlines()


def test_an_address_that_is_not_ascii_is_written() -> None:
    found = mail.write(written(NotificationKind.RUNG_TOLD), "ledger@example.org", "jürgen@example.org")
    assert "jürgen@example.org" in str(found["To"])


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://hooks.example.org/", "NOT_HTTPS"),
        ("ftp://hooks.example.org/", "NOT_HTTPS"),
        ("https://", "BAD_ADDRESS"),
        ("https://exa mple.org\n/", "BAD_ADDRESS"),
        ("https://127.0.0.1:1/", "HTTP_UNREACHABLE"),
    ],
)
async def test_a_webhook_goes_only_where_it_may_and_can(address: str, error: str) -> None:
    async with webhook.Webhook(SECRET, SystemClock(), only_https=True) as hooks:
        with pytest.raises(NotTaken) as refused:
            await hooks.send(written(NotificationKind.RUNG_TOLD), address)
    assert refused.value.error == error
