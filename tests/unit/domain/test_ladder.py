"""The ladder: its windows, what falls due when, and the ids that make doing it twice harmless."""

from msgspec.structs import replace

from services.domain import ladder
from services.domain.events.alert import NotificationKind
from services.domain.ladder import Tell
from tests.support.casework import (
    given,
    raised,
)

RUNG_TOLD = Tell(kind=NotificationKind.RUNG_TOLD, audience="RUNG", rung=ladder.RUNGS[0], occasion="x")


def test_derived_ids_tell_apart_alerts_of_the_same_id_in_two_cases() -> None:
    alert = given(raised()).alert
    elsewhere = replace(alert, case_id="case-2")
    assert ladder.event_id(alert, "CAP") != ladder.event_id(elsewhere, "CAP")
    assert ladder.notification_id(alert, RUNG_TOLD, "a") != ladder.notification_id(elsewhere, RUNG_TOLD, "a")
