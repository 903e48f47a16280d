"""Retention: which rule keeps a case, from when on it may be erased, and that this is never too early."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from services.domain.events.forgetting import RetentionRule
from services.domain.office import Office
from services.domain.retention import Due, Kept, KeptReason, due_on
from services.domain.retention_rules import ALL_RETENTIONS, CPR_2010, VERSION
from services.domain.timescale import Basis
from tests.support import retention_table
from tests.support.casework import Post, contact, event, given, nothing, plan, raised

ASKED = date(2026, 11, 20)
BORN = event("ChildDetailsRecorded", date_of_birth="2009-04-12")
LOOKED_AFTER = event("ChildBecameLookedAfter", period_id="period-1", started_on="2015-01-05")
REFERRED = event("ReferralAccepted", referral_id="referral-1", referral_date="2014-03-03")


def ceased(reason: str = "E4A", on: str = "2016-05-09") -> Post:
    return event("ChildCeasedLookedAfter", period_id="period-1", ceased_on=on, reason=reason)


def closed(reason: str = "RC7", on: str = "2017-03-01") -> Post:
    return event("CaseClosed", reason=reason, closed_on=on)


def due(*posts: Post, office: Office | None = None, asked: date = ASKED) -> Due:
    found = due_on(given(*posts).case, office or Office(), asked)
    assert isinstance(found, Due), found
    return found


def kept(*posts: Post) -> KeptReason:
    found = due_on(given(*posts).case, Office(), ASKED)
    assert isinstance(found, Kept), found
    return found.reason


def adopted(version: str, *terms: tuple[str, int], since: str = "2017-01-01") -> Post:
    retention = [{"rule": rule, "years": years} for rule, years in terms]
    return event("PolicyAdopted", name="RETENTION", version=version, retention=retention, **{"from": since})


def test_a_looked_after_child_is_kept_until_the_75th_birthday_whatever_day_of_the_month_that_is() -> None:
    found = due(BORN, LOOKED_AFTER, ceased(), closed())

    assert (found.rule, found.on) == (RetentionRule.LOOKED_AFTER, date(2084, 5, 1))
    assert (found.basis, found.start, found.policy_version) == (Basis.STATUTE, date(2009, 4, 30), VERSION)


@pytest.mark.parametrize(
    ("died_on", "rule", "on"),
    [
        ("2015-06-05", RetentionRule.LOOKED_AFTER_DIED, date(2030, 6, 6)),
        (
            "2017-04-01",
            RetentionRule.LOOKED_AFTER,
            date(2074, 5, 1),
        ),  # of age by the month, perhaps not by the day
        ("2017-03-31", RetentionRule.LOOKED_AFTER_DIED, date(2032, 4, 1)),
    ],
)
def test_one_who_died_surely_before_18_is_kept_for_15_years(
    died_on: str, rule: RetentionRule, on: date
) -> None:
    born = event("ChildDetailsRecorded", date_of_birth="1999-04-12")
    died = event("ChildDied", died_on=died_on)
    found = due(born, LOOKED_AFTER, ceased(on="2015-03-02"), died, closed("RC2", "2015-03-02"))

    assert (found.rule, found.on) == (rule, on)


def test_one_who_died_in_care_died_young_though_nobody_recorded_when_they_were_born() -> None:
    found = due(LOOKED_AFTER, ceased("E2", "2016-02-29"))

    assert (found.rule, found.on) == (RetentionRule.LOOKED_AFTER_DIED, date(2031, 3, 1))


@pytest.mark.parametrize(
    ("order", "basis", "on"),
    [
        ("2005-12-29", Basis.LOCAL, date(2105, 12, 30)),
        ("2005-12-30", Basis.STATUTE, date(2105, 12, 31)),
        ("2016-05-09", Basis.STATUTE, date(2116, 5, 10)),
    ],
)
def test_an_adopted_child_is_kept_for_a_hundred_years_from_the_order(
    order: str, basis: Basis, on: date
) -> None:
    born = event("ChildDetailsRecorded", date_of_birth="2002-04-12")
    began = event("ChildBecameLookedAfter", period_id="period-1", started_on="2003-01-05")
    found = due(born, began, ceased("E11", order), closed("RC1"))

    assert (found.rule, found.basis, found.on) == (RetentionRule.ADOPTION, basis, on)


def test_of_several_rules_the_one_that_keeps_longest_counts() -> None:
    found = due(BORN, REFERRED, plan("CP"), closed(on="2017-10-02"))

    assert (found.rule, found.on) == (RetentionRule.CHILD_PROTECTION, date(2052, 10, 3))


def test_a_child_in_need_is_kept_until_30_by_local_policy() -> None:
    found = due(BORN, REFERRED, closed())

    assert (found.rule, found.on, found.basis) == (
        RetentionRule.CHILD_IN_NEED,
        date(2039, 5, 1),
        Basis.LOCAL,
    )


def test_private_fostering_that_ended_is_kept_by_age() -> None:
    notified = event(
        "PrivateFosteringNotified", arrangement_id="a", child_dob="2009-04-12", notified_on="2016-01-04"
    )
    ended = event("PrivateFosteringEnded", arrangement_id="a", ended_on="2016-09-01")

    assert kept(BORN, notified) is KeptReason.GOING_ON
    assert due(BORN, notified, ended).rule is RetentionRule.PRIVATE_FOSTERING


def test_a_contact_without_action_is_kept_six_years_from_the_last() -> None:
    said: Any = [
        event("ContactReceived", contact_id=f"contact-{day}", received_at=f"2016-02-{day}T09:00:00Z")
        for day in (28, 29)
    ]

    assert due(*said).rule is RetentionRule.CONTACT_ONLY
    assert due(*said).on == date(2022, 3, 1)


def test_an_allegation_is_kept_until_the_youngest_that_it_may_be_about_has_reached_pension_age() -> None:
    received = event("LadoReferralReceived", role="SPORT", concern="OTHER", received_on="2017-09-18")
    logged = event("LadoThresholdDecided", decision="LOGGED_CLOSED", decided_on="2017-09-19")
    found = due(received, logged)

    assert (found.rule, found.on) == (RetentionRule.ALLEGATION_PENSION_AGE, date(2069, 9, 19))


@pytest.mark.parametrize(
    "posts",
    [
        (BORN, LOOKED_AFTER),
        (BORN, REFERRED),
        (event("LadoReferralReceived", role="SPORT", concern="OTHER"),),
        (BORN, contact(), raised()),
    ],
)
def test_what_goes_on_is_kept(posts: tuple[Post, ...]) -> None:
    assert kept(*posts) is KeptReason.GOING_ON


def test_without_a_month_of_birth_nothing_that_is_kept_by_age_is_due() -> None:
    assert kept(REFERRED, closed()) is KeptReason.BIRTH_UNKNOWN
    assert due_on(nothing().case, Office(), ASKED) == Kept(KeptReason.BIRTH_UNKNOWN)


def test_what_is_decided_to_be_erased_is_not_due_again() -> None:
    erased = event("ErasureDecided", authority="COURT", basis="COURT_ORDER", decided_by="records:1")

    assert kept(contact(), erased) is KeptReason.ERASED


def test_a_hold_or_a_subject_access_request_does_not_begin_the_years_anew() -> None:
    said = event("ContactReceived", contact_id="contact-1", received_at="2016-02-03T09:00:00Z")
    hold = event("LegalHoldPlaced", hold_id="hold-1", reason="INQUIRY", authority="LEGAL")

    assert due(said, hold) == due(said)


def test_an_authority_keeps_longer_or_shorter_by_a_policy_from_its_day_on() -> None:
    office = given(
        adopted("rutland-1", ("CONTACT_ONLY", 8)),
        adopted("rutland-2", ("CONTACT_ONLY", 2), since="2027-01-01"),
    ).office
    said = event("ContactReceived", contact_id="contact-1", received_at="2016-02-03T09:00:00Z")

    assert due(said, office=office, asked=date(2016, 12, 31)).policy_version == VERSION
    assert due(said, office=office).on == date(2024, 2, 4)
    assert due(said, office=office).policy_version == "rutland-1"
    assert due(said, office=office, asked=date(2027, 1, 1)).on == date(2018, 2, 4)


def test_no_policy_keeps_for_less_than_the_law_says() -> None:
    office = given(adopted("brief", ("LOOKED_AFTER", 50), ("CHILD_IN_NEED", 21))).office
    longer = given(adopted("long", ("LOOKED_AFTER", 100))).office

    assert due(BORN, LOOKED_AFTER, ceased(), closed(), office=office).years == 75
    assert due(BORN, REFERRED, closed(), office=office).years == 21
    assert due(BORN, LOOKED_AFTER, ceased(), closed(), office=longer).years == 100


def test_for_each_rule_and_day_there_is_one_version() -> None:
    days = (date(1995, 1, 1), date(2005, 12, 30), CPR_2010, ASKED)
    for rule, asked, start in product(RetentionRule, days, days):
        versions = [each for each in ALL_RETENTIONS if each.rule is rule and each.holds(asked, start)]
        assert len(versions) == 1, (rule, asked, start)


def test_every_rule_says_by_which_document_it_keeps_or_that_it_is_local() -> None:
    assert all(each.source for each in ALL_RETENTIONS)
    assert not [each for each in ALL_RETENTIONS if each.basis is Basis.LOCAL and "r.5" in each.source]
    assert "local" in "\n".join(retention_table.lines())
