"""The sample year: the same bytes for a seed, nothing of it refused, the figures of the annual reports."""

import re
from collections import Counter
from datetime import date
from hashlib import sha256
from itertools import compress, zip_longest
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from services.cli.year import generator
from services.cli.year.days import CLOSE, OPENING
from services.cli.year.diary import Entry
from services.cli.year.reckoning import reckon
from services.domain import ladder
from services.domain.alert import AlertState
from services.domain.as_at import AsAt, choose
from services.domain.case import walk
from services.domain.event import Recorded, compose
from services.domain.events.alert import Rung
from services.domain.office import OFFICE
from services.domain.state import status
from services.domain.state.allegations import AllegationState
from services.domain.state.status import CaseStatus
from services.projector.views import lists
from tests.support.sample_year import Recording, record

BYTES_OF_2017 = "811d830385be0c523424009abc68bc4468e9da9ba127cf79949d99e55bcf2601"
INVENTED = re.compile(
    r"^(Invented |An invented |Entered twice|Not enough|home$|\d+ Nowhere Lane, Inventedham)"
)
PERSONAL = {"name", "address", "referrer", "summary", "issue", "text", "reason", "advice", "place", "what"}


@pytest.fixture(scope="module")
def year() -> list[Entry]:
    return generator.entries()


@pytest.fixture(scope="module")
def recorded(year: list[Entry]) -> Recording:
    return record(year)


def data_of(entry: Entry) -> dict[str, Any]:
    data: dict[str, Any] = json.decode(entry.line)["data"]
    return data


def test_a_seed_gives_the_same_bytes_everywhere() -> None:
    assert sha256(generator.document(2017)).hexdigest() == BYTES_OF_2017


def test_another_seed_gives_another_year_of_the_same_size(year: list[Entry]) -> None:
    other = generator.entries(7)
    assert {each.subject for each in other}.isdisjoint({each.subject for each in year} - {"office"})
    assert 0.9 < len(other) / len(year) < 1.1


def test_no_event_is_refused(recorded: Recording) -> None:
    assert recorded.refused == []


def test_it_comes_to_every_figure_that_the_reports_print(recorded: Recording) -> None:
    figures = reckon(list(recorded.cases.values()))
    assert len(figures) > 50
    assert [(each.name, each.counted) for each in figures] == [(each.name, each.printed) for each in figures]


def test_it_is_typed_in_in_order_and_never_before_it_happened(year: list[Entry]) -> None:
    assert [each.typed_at for each in year] == sorted(each.typed_at for each in year)
    late = [each for each in year if each.event["time"] != each.typed_at]
    assert 0.005 < len(late) / len(year) < 0.05
    assert all(each.event["time"] < each.typed_at <= CLOSE for each in late)


def test_every_id_is_one_events_own(year: list[Entry]) -> None:
    assert max(Counter(each.event["id"] for each in year).values()) == 1


def test_on_the_last_day_it_stands_as_the_reports_say(recorded: Recording) -> None:
    standing = Counter(status.status(case.facts) for case in recorded.cases.values())
    assert (standing[CaseStatus.LOOKED_AFTER], standing[CaseStatus.CP_PLAN]) == (30, 19)


def test_its_lists_hold_on_the_last_day_what_the_reports_say(recorded: Recording) -> None:
    histories: dict[str, list[Recorded]] = {}
    for each in recorded.records:
        histories.setdefault(each.stream, []).append(each)
    rows = [row for name, history in histories.items() if name != OFFICE for row in lists.view(history)]
    found = Counter((row.list, row.state) for row in rows)
    protected = [row for row in rows if row.list == "plans" and '"kind":"CP"' in row.item]
    last = date(2018, 3, 31)
    assert sum(found["allegations", state] for state in AllegationState) == 43
    assert (found["periods", "LOOKED_AFTER"], found["periods", "CEASED"]) == (30, 17)
    assert len([row for row in protected if row.over_on is None or row.over_on > last]) == 19


def test_no_ladder_of_it_is_left_to_the_notifier(recorded: Recording) -> None:
    alerts = [alert for case in recorded.cases.values() for alert in case.alerts.values()]
    assert {alert.state for alert in alerts} == {AlertState.RESOLVED}
    assert {alert.rung for alert in alerts} == {
        Rung.TEAM_MANAGER,
        Rung.SERVICE_MANAGER,
        Rung.HEAD_OF_SERVICE,
    }
    assert not any(alert.cap_reached for alert in alerts)
    flags = Counter(flag for each in recorded.records for flag in each.flags)
    assert not flags["dates_differ"] + flags["out_of_time"] + flags["no_answer_due"] + flags["rung_passed"]


def test_every_alert_is_answered_before_its_window_is_over(year: list[Entry]) -> None:
    opened = {"PracticeAlertRaised", "EscalatedToServiceManager", "EscalatedToHeadOfService"}
    due: dict[str, Entry] = {}
    for entry in year:
        data = data_of(entry)
        if entry.event["type"] in opened:
            due[data["alert_id"]] = entry
        elif entry.event["type"] == "ResponseReceived":
            day = data_of(due.pop(data["alert_id"]))["due_on"]
            assert entry.typed_at < ladder.expiry(date.fromisoformat(day))


def test_whoever_is_named_is_obviously_invented(year: list[Entry]) -> None:
    for entry in year:
        for name, said in data_of(entry).items():
            if name in PERSONAL and isinstance(said, str) and not said.isupper():
                assert INVENTED.match(said), (entry.event["type"], name, said)


def test_what_was_known_before_the_year_is_typed_in_when_it_opens(recorded: Recording) -> None:
    before = [each for each in recorded.records if each.time < OPENING]
    assert len(before) > 1_000
    assert {each.recordedat for each in before} == {OPENING}


def test_at_every_position_of_every_case_what_was_known_is_what_had_been_recorded(
    recorded: Recording,
) -> None:
    for case in recorded.cases.values():
        records = list(walk(case.last))[::-1]
        documents = [compose(each) for each in records]
        for nth, (here, following) in enumerate(zip_longest(records, records[1:]), 1):
            if following is None or following.recordedat > here.recordedat:
                known = choose(documents, AsAt(recorded_until=here.recordedat))
                assert list(compress(documents, known)) == documents[:nth]


def test_the_page_of_the_sample_year_has_the_readings_that_the_generator_makes() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "sample-year.md"
    assert (generator.__doc__ or "").strip() in page.read_text()
