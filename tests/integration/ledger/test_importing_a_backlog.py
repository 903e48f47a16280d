"""A backlog, imported into a real ledger: all of it, once, whatever is wrong with some of it."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from services.cli.backlog import command
from services.cli.backlog.book import Book
from tests.integration.ledger.ledgers import Ledger
from tests.support.until import until


def event(case_id: str, number: int = 0, type_: str = "ContactReceived", **given: Any) -> dict[str, Any]:
    data = given.pop("data", {"contact_id": f"contact-{number}"})
    return {"type": type_, "subject": case_id, "time": "2017-03-01T09:00:00Z", "data": data, **given}


def of_alert(case_id: str, type_: str, **data: Any) -> dict[str, Any]:
    return event(case_id, type_=type_, data={"alert_id": "alert", **data})


def written(path: Path, lines: Iterable[dict[str, Any] | bytes]) -> Path:
    encoded = (line if isinstance(line, bytes) else msgspec.json.encode(line) for line in lines)
    path.write_bytes(b"\n".join(encoded) + b"\n")
    return path


async def imported(ledger: Ledger, path: Path) -> Book:
    book = Book(path.with_suffix(".refused.ndjson"))
    await command.import_backlog(path, "/import", str(ledger.http.base_url), book)
    return book


def counted(book: Book) -> tuple[int, int, int]:
    return book.recorded, book.known, book.refused


async def test_what_is_refused_is_kept_mended_and_imported_and_all_else_is_recorded_in_order(
    ledger: Ledger, tmp_path: Path
) -> None:
    backlog: list[dict[str, Any] | bytes] = [event(f"case-{n % 7}", n) for n in range(700)]
    backlog[100] = of_alert("case-2", "PracticeAlertRaised", issue_code="HEALTH", raised_by="iro:17")
    backlog[333] = event("case-1", 333, nonsense=True)
    backlog[400] = of_alert("case-9", "ResponseReceived", responder="manager:4", rung="TEAM_MANAGER")
    backlog[500] = of_alert("case-2", "PracticeAlertResolved", outcome="NONSENSE")
    backlog[600] = b"{nonsense"
    path = written(tmp_path / "backlog.ndjson", backlog)
    assert counted(await imported(ledger, path)) == (695, 0, 5)
    documents = [msgspec.json.decode(line) for line in await ledger.lines()]
    for case in range(7):
        told = [each["data"]["contact_id"] for each in documents if each["subject"] == f"case-{case}"]
        assert told == sorted(told, key=lambda name: int(name.partition("-")[2]))
    again = await imported(ledger, path)
    assert counted(again) == (0, 695, 5)

    refused = [msgspec.json.decode(line) for line in again.path.read_bytes().splitlines()]
    assert [each["line"] for each in refused] == [101, 334, 401, 501, 601]
    held_back = next(each for each in refused if each["line"] == 101)
    assert "See line 501" in held_back["problem"]["detail"]  # else it would climb, though it is over
    for each in refused:
        each.get("event", {}).get("data", {}).pop("outcome", None)
        each.get("event", {}).pop("nonsense", None)
    mended = written(tmp_path / "mended.ndjson", refused)
    left = await imported(ledger, mended)
    assert counted(left) == (3, 0, 2)
    assert [msgspec.json.decode(line)["line"] for line in left.path.read_bytes().splitlines()] == [401, 601]
    alert = [msgspec.json.decode(line)["type"] for line in await ledger.history("case-2")][-2:]
    assert alert == ["PracticeAlertRaised", "PracticeAlertResolved"]


async def test_an_import_that_ended_anywhere_goes_on_when_it_is_started_again(
    ledger: Ledger, tmp_path: Path
) -> None:
    backlog = [event(f"case-{n % 50}", n) for n in range(3_000)]
    path = written(tmp_path / "backlog.ndjson", backlog)
    first = asyncio.create_task(imported(ledger, path))

    async def begun() -> bool:
        return (await ledger.head())["position"] > 0

    await until(begun)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    book = await imported(ledger, path)
    assert 0 < book.known == 3_000 - book.recorded
    assert len(await ledger.lines()) == 3_000


async def test_a_backlog_that_has_grown_gets_only_what_is_new(ledger: Ledger, tmp_path: Path) -> None:
    """Its groups are others than before: what of them is known is told from what is not."""
    backlog = [event("case-1", n) for n in range(250)]
    path = written(tmp_path / "backlog.ndjson", backlog)
    await imported(ledger, path)
    grown = [event("case-1", 1_000), *backlog[:120], event("case-1", 2_000), *backlog[120:], backlog[7]]
    assert counted(await imported(ledger, written(path, grown))) == (2, 251, 0)
    other = backlog[3] | {"id": "mine"}
    reused = [other, other | {"actor": "somebody else"}]
    assert counted(await imported(ledger, written(path, reused))) == (1, 0, 1)


async def test_an_alert_whose_end_bears_an_id_in_use_is_held_back(ledger: Ledger, tmp_path: Path) -> None:
    path, used = tmp_path / "backlog.ndjson", {"id": "used", "source": "/import"}
    await imported(ledger, written(path, [event("case-1") | used]))
    raised = of_alert("case-2", "PracticeAlertRaised", issue_code="HEALTH", raised_by="iro:17")
    ended = [raised, of_alert("case-2", "PracticeAlertResolved") | used]
    assert counted(await imported(ledger, written(path, ended))) == (0, 0, 2)
    assert await ledger.history("case-2") == []


def paper_ladder(case_id: str, **attributes: Any) -> list[dict[str, Any]]:
    """An alert that climbed on paper and was answered there, its dates left out. It is still open."""
    return [
        of_alert(case_id, "PracticeAlertRaised", issue_code="HEALTH", raised_by="iro:17"),
        of_alert(case_id, "EscalatedToServiceManager", trigger="WINDOW_EXPIRED") | attributes,
        of_alert(case_id, "ResponseReceived", responder="manager:3", rung="SERVICE_MANAGER"),
    ]


async def test_an_open_alert_is_held_back_as_a_whole_until_it_is_mended(
    ledger: Ledger, tmp_path: Path
) -> None:
    undated, mistyped = paper_ladder("case-1"), paper_ladder("case-2", type="EscalatedToServiceManger")
    path = written(tmp_path / "backlog.ndjson", [*undated, event("case-1"), *mistyped])
    book = await imported(ledger, path)
    assert counted(book) == (1, 0, 6)
    refused = [msgspec.json.decode(line) for line in book.path.read_bytes().splitlines()]
    assert [each["line"] for each in refused] == [1, 2, 3, 5, 6, 7]
    assert refused[1]["problem"]["rule"] == "window_not_expired"
    assert "`day0` in its PracticeAlertRaised" in refused[1]["problem"]["hint"]
    for held_back, culprit in ((0, 2), (2, 2), (3, 6), (5, 6)):
        assert f"See line {culprit}:" in refused[held_back]["problem"]["detail"]

    refused[4]["event"]["type"] = "EscalatedToServiceManager"
    for nth, day in ((0, "2016-03-01"), (1, "2016-03-08"), (3, "2016-03-01"), (4, "2016-03-08")):
        refused[nth]["event"]["data"]["day0"] = day
    assert counted(await imported(ledger, written(tmp_path / "mended.ndjson", refused))) == (6, 0, 0)


async def test_an_alert_with_a_line_twice_is_recorded_once_and_with_an_id_twice_not_at_all(
    ledger: Ledger, tmp_path: Path
) -> None:
    raised = of_alert(
        "case-1", "PracticeAlertRaised", issue_code="HEALTH", raised_by="iro:17", day0="2016-03-01"
    )
    resolved = of_alert("case-1", "PracticeAlertResolved")
    path = written(tmp_path / "backlog.ndjson", [raised, raised, resolved])
    assert counted(await imported(ledger, path)) == (2, 1, 0)
    one, other = (paper_ladder("case-2", id="same")[nth] | {"id": "same"} for nth in (0, 2))
    book = await imported(ledger, written(path, [one, other]))
    assert counted(book) == (0, 0, 2)
    assert b"See line 1: it has the same id" in book.path.read_bytes()
