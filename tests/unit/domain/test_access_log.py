"""The log of who was shown what is sealed: a stream of its own, in which only the ledger itself writes."""

import re
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec import ValidationError, json
from msgspec.structs import replace

from services.domain import access
from services.domain.access import Access, Look, case_of, ranges, stream_of, submit
from services.domain.admission import admit
from services.domain.calendar import england_and_wales
from services.domain.case import Case
from services.domain.event import CaseVersion, Recorded, compose, decode, write
from services.domain.office import Office
from services.domain.posted import parse
from services.domain.sentence import sentence
from services.domain.verdict import Admitted, Refused
from services.ledger.posting import CASE_ID, STREAM
from tests.support.law import for_each
from tests.support.samples import SAMPLES, cloudevent

NOW: Final = datetime(2017, 10, 2, 9, tzinfo=UTC)
LOOK: Final = Look(
    case_id="case-1",
    who="worker:3",
    purpose="SUPERVISION",
    fields=frozenset({"ContactReceived.summary", "ChildSeen.notes"}),
    versions=(1, 2, 3, 7),
    teams=frozenset({"PROTECTION_TEAM"}),
)


def recorded(look: Look) -> Recorded:
    said = submit(look, "look-1")
    verdict = admit(Access(look.case_id), said, NOW, england_and_wales())
    assert isinstance(verdict, Admitted)
    return decode(compose(write(said, verdict.event, verdict.flags, CaseVersion(1), NOW)))


def test_a_look_says_who_saw_what_of_which_case_and_what_for() -> None:
    record = recorded(LOOK)
    assert (record.stream, record.actor, record.source) == ("access~case-1", "worker:3", "/ledger")
    assert (record.time, record.flags) == (NOW, ())
    assert record.event == submit(LOOK, "look-1").event
    assert sentence(record) == "What is sealed of case-1 was shown for supervision: 2 fields."


def test_the_fold_keeps_nothing_but_how_many_looks_there_were() -> None:
    assert access.fold(Access("case-1"), recorded(LOOK)) == Access("case-1", CaseVersion(1))


def test_a_stream_is_the_log_of_one_case_and_no_case_is_taken_for_one() -> None:
    assert case_of(stream_of("case-1")) == "case-1"
    assert case_of(stream_of("office")) == "office"
    assert case_of("case-1") is None


def test_no_client_can_name_an_access_log() -> None:
    assert not STREAM.fullmatch(stream_of("case-1"))
    assert not re.match(CASE_ID, stream_of("case-1"))


@pytest.mark.parametrize("state", [Case(case_id="case-1"), Office()], ids=["a case", "the office"])
def test_a_look_is_refused_anywhere_else(state: Case | Office) -> None:
    verdict = admit(state, submit(LOOK, "look-1"), NOW, england_and_wales())
    assert isinstance(verdict, Refused)
    assert verdict.rule == "belongs_to_an_access_log"


@for_each(sorted(SAMPLES.keys() - {"RecordViewed"}))
def test_nothing_but_looks_is_admitted_to_an_access_log(name: str) -> None:
    said = parse(json.encode(cloudevent(name) | {"subject": "access~case-1"}), "access~case-1", str)
    verdict = admit(Access("case-1"), said, NOW, england_and_wales())
    assert isinstance(verdict, Refused)


def test_a_look_at_another_case_is_refused() -> None:
    verdict = admit(Access("case-2"), submit(LOOK, "look-1"), NOW, england_and_wales())
    assert isinstance(verdict, Refused)
    assert verdict.rule == "only_looks"


def test_two_looks_alike_are_two_events_and_one_sent_again_is_one() -> None:
    assert submit(LOOK, "look-1").content == submit(LOOK, "look-1").content
    assert submit(LOOK, "look-1").content != submit(LOOK, "look-2").content


def test_a_purpose_that_is_no_code_cannot_be_recorded() -> None:
    with pytest.raises(ValidationError):
        submit(replace(LOOK, purpose="just looking"), "look-1")


def test_a_team_whose_name_is_no_code_is_left_out() -> None:
    record = recorded(replace(LOOK, teams=frozenset({"PROTECTION_TEAM", "the team upstairs"})))
    assert record.event.teams == ("PROTECTION_TEAM",)  # type: ignore[union-attr]  # it is a look


@pytest.mark.parametrize(
    ("versions", "said"),
    [((), ""), ((4,), "4"), ((1, 2, 3), "1-3"), ((9, 1, 2, 4, 2), "1-2,4,9")],
)
def test_versions_are_said_in_few_words(versions: tuple[int, ...], said: str) -> None:
    assert ranges(versions) == said


@for_all(st.frozensets(st.integers(1, 60)))
def test_no_version_is_lost_in_saying_it(versions: frozenset[int]) -> None:
    found = set()
    for run in filter(None, ranges(versions).split(",")):
        first, _, last = run.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == versions
    assert recorded(replace(LOOK, versions=tuple(versions))).stream == stream_of("case-1")
