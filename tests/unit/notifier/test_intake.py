"""What of the stream the notifier keeps, and how often it tries."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from services.domain.events.office import Channel, ChannelKind, OfficeRole
from services.domain.office import Appointment
from services.notifier import addresses, attempts, intake
from services.notifier.duty import attempt_id

WHEN = "2017-10-02T08:00:00Z"
ID = "5d1f7c1e-3d0a-5b7e-9a53-0f6a3b6d1c11"
PINNED = (
    "7007b0bf-14de-504d-af62-1372e241c29e"  # a release that derived another would send again what was sent
)


def document(kind: str, data: dict[str, Any], *, subject: str = "case-1", source: str = "/notifier") -> bytes:
    return msgspec.json.encode(
        {
            "position": 1,
            "specversion": "1.0",
            "id": "event-1",
            "source": source,
            "type": kind,
            "subject": subject,
            "time": WHEN,
            "dataschema": f"urn:caseledger:event:{kind}:1",
            "datacontenttype": "application/json",
            "caseversion": 1,
            "recordedat": WHEN,
            "data": data,
        }
    )


def read(*documents: bytes) -> intake.Intake:
    return intake.read(zip(count(1), documents, strict=False))


def failed(attempt: int = 1, error: str = "SMTP_451", **changes: Any) -> bytes:
    data = {
        "alert_id": "alert-1",
        "notification_id": ID,
        "kind": "RUNG_TOLD",
        "attempt": attempt,
        "rung": "TEAM_MANAGER",
        "holder": "manager:4",
        "channel": "EMAIL",
        "error": error,
    }
    return document("NotificationFailed", data, **changes)


def test_what_is_about_no_alert_is_not_kept() -> None:
    strange = {"contact_id": "contact-1", "holder": {"of": ["anything"]}, "rung": 7}
    found = read(document("ContactReceived", strange), document("SomethingOfANewerRelease", {}))
    assert found == intake.Intake()


def test_an_alerts_event_is_kept_and_has_its_alert_looked_at() -> None:
    raised = document("PracticeAlertRaised", {"alert_id": "alert-1", "issue_code": "HEALTH"})
    found = read(raised)
    assert [(each.position, each.case_id) for each in found.kept] == [(1, "case-1")]
    assert found.kept[0].document.encode() == raised
    assert found.alerts == {("case-1", "alert-1"): datetime.fromisoformat(WHEN)}


def test_a_voided_event_has_all_alerts_of_its_case_looked_at() -> None:
    assert set(read(document("EventVoided", {"target_event_id": "event-9"})).cases) == {"case-1"}


def test_a_change_of_the_office_names_the_rungs_and_the_people_concerned() -> None:
    gone = {"rung": "TEAM_MANAGER", "holder": "manager:4"}
    found = read(document("RungHolderStoodDown", gone, subject="office"))
    assert (found.rungs, found.holders, found.everybody) == ({"TEAM_MANAGER"}, {"manager:4"}, False)
    assert read(document("EventVoided", {"target_event_id": "x"}, subject="office")).everybody
    assert read(document("SomethingOfANewerRelease", {}, subject="office")).everybody


def test_of_several_outcomes_in_a_batch_the_last_counts() -> None:
    found = read(failed(1), failed(2))
    (outcome,) = found.outcomes.values()
    assert (outcome.attempt, outcome.state) == (2, "PENDING")


def test_an_outcome_that_somebody_else_reports_is_no_delivery_of_ours() -> None:
    found = read(failed(source="/another-system"))
    assert found.outcomes == {}
    assert len(found.kept) == 1


def test_a_failure_without_a_channel_is_no_delivery() -> None:
    nobody = {"alert_id": "a", "notification_id": ID, "kind": "RUNG_TOLD", "error": "NO_HOLDER"}
    assert read(document("NotificationFailed", nobody)).outcomes == {}


def test_a_message_is_tried_eight_times_over_more_than_a_day() -> None:
    tried_at = datetime.fromisoformat(WHEN)
    attempt = 0
    again: datetime | None = tried_at
    while again:
        attempt, tried_at = attempt + 1, again
        again = attempts.again_at(attempt, "SMTP_UNREACHABLE", tried_at)
    assert attempt == 8
    assert timedelta(days=1) < tried_at - datetime.fromisoformat(WHEN) < timedelta(days=2)


@pytest.mark.parametrize(
    "error", ["SMTP_421", "SMTP_UNREACHABLE", "HTTP_500", "HTTP_429", "HTTP_UNREACHABLE"]
)
def test_what_may_pass_is_tried_again(error: str) -> None:
    assert attempts.may_pass(error)


@pytest.mark.parametrize(
    "error", ["SMTP_550", "HTTP_404", "HTTP_302", "BAD_ADDRESS", "NO_ADDRESS", "UNKNOWN"]
)
def test_what_will_not_pass_is_not_tried_again(error: str) -> None:
    assert not attempts.may_pass(error)


def test_each_attempt_on_each_channel_has_an_id_of_its_own_which_never_changes() -> None:
    ids = {attempt_id(ID, channel, nth) for channel in ("EMAIL", "WEBHOOK") for nth in (1, 2)}
    assert len(ids) == 4
    assert attempt_id(ID, "EMAIL", 1) == PINNED


def test_channels_of_one_kind_are_numbered_from_the_second_on() -> None:
    given = [(ChannelKind.EMAIL, "desk"), (ChannelKind.WEBHOOK, "hook"), (ChannelKind.EMAIL, "phone")]
    held = Appointment(
        event_id="event-1",
        role=OfficeRole.TEAM_MANAGER,
        holder="manager:4",
        channels=tuple(Channel(kind=kind, address=address) for kind, address in given),
        first=date(2017, 1, 1),
    )
    codes = {code: found.address for code, found in addresses.channels_of(held).items()}
    assert codes == {"EMAIL": "desk", "WEBHOOK": "hook", "EMAIL_2": "phone"}
