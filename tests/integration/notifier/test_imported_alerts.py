"""Practice alerts of a backlog: what is over tells nobody and climbs nowhere, what is open goes on today."""

from pathlib import Path
from typing import Any

import msgspec

from services.cli.backlog import command
from services.cli.backlog.book import Book
from tests.integration.notifier.rehearsal import Notifier, Rehearsal
from tests.support.casework import (
    HANA,
    IRIS,
    SAM,
    TOM,
    Post,
    contact,
    escalated,
    raised,
    resolved,
    responded,
    voided,
)

IN_BETWEEN = 600  # events: more than the notifier reads from the stream at once


def line(case_id: str, post: Post, time: str, **attributes: str) -> dict[str, Any]:
    return {"type": post.type, "subject": case_id, "time": time, "data": post.data, **attributes}


async def test_an_alert_that_the_same_import_ends_tells_nobody_and_one_that_it_leaves_open_goes_on_today(
    office: Rehearsal, notifier: Notifier, tmp_path: Path
) -> None:
    then, later = "2016-03-01T09:00:00Z", "2016-06-01T09:00:00Z"
    paper = {"day0": "2016-03-01", "due_on": "2016-03-08", "cap_on": "2016-03-31"}
    to_the_next = escalated(day0="2016-03-08", due_on="2016-03-15")
    backlog = [
        line("over", raised(), then),
        line("climbed", raised(**paper), then),
        line("climbed", to_the_next, "2016-03-09T09:00:00Z"),
        line("error", raised(), then, id="in-error"),
        line("open", raised(), then),
        line("answered", raised(**paper), then),
        line("answered", to_the_next, "2016-03-09T09:00:00Z"),
        line("answered", responded(SAM, "SERVICE_MANAGER"), "2016-03-10T09:00:00Z"),
        line("at-a-rung", raised(**paper), then),
        line("at-a-rung", escalated(), "2016-03-09T09:00:00Z"),
        *(line("over", contact(f"contact-{n}"), "2016-04-01T09:00:00Z") for n in range(IN_BETWEEN)),
        *(line("climbed", contact(f"contact-{n}"), "2016-04-01T09:00:00Z") for n in range(IN_BETWEEN)),
        line("over", resolved(), later),
        line("climbed", resolved(), later),
        line("error", voided("in-error"), later),
    ]
    file = tmp_path / "backlog.ndjson"
    file.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in backlog))
    book = Book(tmp_path / "refused.ndjson")
    await command.import_backlog(file, "/import", office.ledger_url, book)
    assert (book.recorded, book.refused) == (len(backlog), 0)

    await office.advance(notifier, "2017-10-10T12:00:00Z")
    assert await office.told("open") == [
        ("2017-10-02", "RUNG_TOLD", TOM),
        ("2017-10-05", "REMINDER", TOM),
        ("2017-10-09", "REMINDER", TOM),
        ("2017-10-10", "RUNG_TOLD", "manager:3"),
    ]
    rungs = [event for event, _, _ in await office.ladder("answered")]
    assert rungs == ["PracticeAlertRaised", "EscalatedToServiceManager"]
    assert ("2017-10-02", "IRO_TO_DECIDE", IRIS) in await office.told("answered")
    assert ("2017-10-02", "RUNG_TOLD", SAM) in await office.told("at-a-rung")
    assert ("2017-10-02", "RUNG_TOLD", TOM) not in await office.told("at-a-rung")
    assert ("2017-10-10", "RUNG_TOLD", HANA) in await office.told("at-a-rung")
    for case_id in ("over", "climbed", "error"):
        assert await office.outcomes(case_id) == []
    assert await office.steps("climbed") == [
        "PracticeAlertRaised",
        "EscalatedToServiceManager",
        *["ContactReceived"] * IN_BETWEEN,
        "PracticeAlertResolved",
    ]
    assert {each["case_id"] for each in await notifier.deliveries()} == {"open", "answered", "at-a-rung"}
