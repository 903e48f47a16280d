"""Whoever leads data protection is told of broken glass: who, when and what for, never whose case it is."""

from datetime import UTC, datetime

from services.domain.event import Recorded
from services.notifier import breaking, breaking_message
from tests.support.casework import Post, appointed, event, given, no_office

NOW = datetime(2017, 10, 2, 9, tzinfo=UTC)
REASON = "She rang."


def broken() -> list[Recorded]:
    restricted = event("CaseRestricted", reason="ADOPTION", allowed=[])
    used = event("BreakGlassUsed", purpose="CHILD_AT_RISK", reason=REASON).saying(actor="sw:2")
    return list(given(restricted, used.at("2017-10-02T09:00:00Z")).records)


def mailed(holder: str, rung: str) -> Post:
    return appointed(holder, rung, channels=[{"kind": "EMAIL", "address": "x@council.example"}])


def test_the_lead_is_told_and_whoever_holds_the_role_of_director_where_nobody_leads() -> None:
    director = given(mailed("manager:1", "DIRECTOR_OF_CHILDRENS_SERVICES"))
    both = director.when(mailed("dp:1", "DATA_PROTECTION_LEAD")).then()
    told = [breaking.letters(broken(), story.office) for story in (both, director)]
    assert [[each.holder for each in letters] for letters in told] == [["dp:1"], ["manager:1"]]


def test_where_nobody_can_be_told_the_message_is_there_to_fail() -> None:
    (letter,) = breaking.letters(broken(), no_office().office)
    assert (letter.holder, letter.channel) == ("DATA_PROTECTION_LEAD", "EMAIL")


def test_the_same_breaking_is_told_under_the_same_id() -> None:
    one, other = [breaking.letters(broken(), no_office().office)[0] for _ in range(2)]
    assert one == other


def test_it_says_who_when_and_what_for_and_neither_whose_case_nor_why() -> None:
    (letter,) = breaking.letters(broken(), no_office().office)
    written = breaking_message.compose(letter.said, letter.notification_id, now=NOW, test_clock=False)
    assert "sw:2 opened a restricted case at 10:00 on 2 October 2017, for child at risk." in written.text
    assert "18:00 on 2 October 2017" in written.text
    for said in (written.text, written.subject, str(written.about)):
        assert "case-1" not in said
        assert REASON not in said
