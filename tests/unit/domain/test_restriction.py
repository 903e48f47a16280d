"""A case is restricted by the last word on it; whoever breaks the glass does so by name, and for a time."""

from datetime import timedelta
from functools import reduce

from services.domain.events.restriction import RESTRICTION_TYPES, RestrictionReason
from services.domain.principal import Principal, Role
from services.domain.restriction import OPEN_FOR, Opening, fold, may_see
from tests.support.casework import MONDAY, Post, contact, event, given, voided

ANA, BEN = "sw:1", "sw:2"


def restricted(**said: object) -> Post:
    return event("CaseRestricted", **{"reason": "ADOPTION", "allowed": [ANA], **said})


def broken(by: str | None = BEN, **said: object) -> Post:
    post = event("BreakGlassUsed", **{"purpose": "CHILD_AT_RISK", "reason": "She rang.", **said})
    return post.saying(actor=by) if by else post


LIFTED = event("RestrictionLifted")


def test_the_last_restriction_counts() -> None:
    story = given(contact(), restricted(), restricted(reason="OTHER", allowed=[BEN], denied=[ANA]))
    found = story.case.restriction
    assert found
    assert found.reason is RestrictionReason.OTHER
    assert found.allowed == {BEN}
    assert found.denied == {ANA}


def test_lifting_ends_it_and_what_was_opened_with_it() -> None:
    story = given(restricted(), broken(), LIFTED)
    assert story.case.restriction is None
    again = story.when(restricted()).then().case.restriction
    assert again
    assert not again.opened


def test_what_is_not_restricted_is_neither_lifted_nor_opened() -> None:
    given(contact()).when(LIFTED).then_refused("not_restricted", "/type")
    given(contact()).when(broken()).then_refused("not_restricted", "/type")


def test_the_glass_is_broken_for_whoever_posts_it_and_closes_by_itself() -> None:
    story = given(restricted()).when(broken().at("2017-10-02T09:00:00Z")).then()
    found = story.case.restriction
    assert found
    assert found.opened == (Opening(BEN, MONDAY + OPEN_FOR),)
    ben = Principal(who=BEN, roles=frozenset({Role.CASEWORKER}))
    seen = [may_see(ben, found, MONDAY + timedelta(hours=hour)) for hour in range(10)]
    assert seen == [True] * 8 + [False] * 2


def test_whatever_a_client_says_of_whom_and_how_long_the_ledger_says_it() -> None:
    claimed = broken(until="2030-01-01T00:00:00Z").at("2017-10-02T09:00:00Z")
    found = given(restricted()).when(claimed).then().case.restriction
    assert found
    assert found.opened == (Opening(BEN, MONDAY + OPEN_FOR),)


def test_broken_again_it_is_open_for_as_long_again() -> None:
    story = given(restricted(), broken().at("2017-10-02T09:00:00Z"), broken().at("2017-10-02T16:00:00Z"))
    found = story.case.restriction
    assert found
    assert found.opened == (Opening(BEN, MONDAY + timedelta(hours=15)),)


def test_the_glass_does_not_break_for_whom_the_case_denies() -> None:
    given(restricted(denied=[BEN])).when(broken()).then_refused("denied_this_case", "/actor")


def test_the_glass_is_broken_by_somebody_who_says_why() -> None:
    given(restricted()).when(broken(by=None)).then_refused("nobody_breaks_the_glass", "/actor")
    given(restricted()).when(broken(reason=" ")).then_refused("glass_is_broken_for_a_reason", "/data/reason")


def test_nobody_is_both_allowed_and_denied() -> None:
    given(contact()).when(restricted(denied=[ANA])).then_refused("allowed_and_denied", "/data/denied")


def test_restrictions_and_openings_cannot_be_voided() -> None:
    story = given(restricted(), broken())
    ids = [record.id for record in story.records]
    for each in ids:
        story.when(voided(each)).then_refused("access_is_not_voided", "/data/target_event_id")


def test_a_voiding_of_something_else_leaves_the_restriction_as_it_was() -> None:
    story = given(contact(), restricted(), broken())
    after = story.when(voided(story.records[0].id)).then()
    assert after.case.restriction == story.case.restriction


def test_the_restriction_is_told_by_its_own_events_alone() -> None:
    story = given(restricted(), contact(), LIFTED, restricted(), contact("contact-2"), broken())
    own = [record for record in story.records if record.event.TYPE in RESTRICTION_TYPES]
    assert reduce(fold, own, None) == story.case.restriction
