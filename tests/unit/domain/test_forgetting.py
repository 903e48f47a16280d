"""Forgetting in given/when/then: holds, erasures, what comes after them, and subject access requests."""

from typing import Any, Final

from services.domain.events.forgetting import ErasureDecided, KeyDestroyed
from services.domain.events.viewing import RecordViewed
from services.domain.personal import fields_of
from services.domain.retention import held_by
from tests.support.casework import TOM, Post, acknowledged, contact, event, given, raised, resolved, voided

LONG_AGO: Final = event("ContactReceived", contact_id="contact-1", received_at="2011-02-03T09:00:00Z")
A: Final = "aa" * 32
B: Final = "bb" * 32


def hold(hold_id: str = "hold-1") -> Post:
    return event("LegalHoldPlaced", hold_id=hold_id, reason="INQUIRY", authority="LEGAL")


def lifted(hold_id: str = "hold-1") -> Post:
    return event("LegalHoldLifted", hold_id=hold_id, authority="LEGAL")


def erased(basis: str = "RETENTION", **data: Any) -> Post:
    return event("ErasureDecided", authority="DPO", basis=basis, decided_by="records:1", **data)


def destroyed() -> Post:
    return event("KeyDestroyed", destroyed_at="2017-10-02T09:00:00Z")


def prepared(archive: str = A, request_id: str = "request-1", **data: Any) -> Post:
    return event(
        "SubjectAccessPrepared",
        request_id=request_id,
        archive_sha256=archive,
        through_version=1,
        fields=3,
        **data,
    )


def approved(by: str = "manager:2", archive: str = A) -> Post:
    return event("SubjectAccessApproved", request_id="request-1", by=by, archive_sha256=archive)


def test_an_erasure_of_what_is_due_names_the_rule_its_version_and_the_day() -> None:
    decided = (
        given(LONG_AGO).when(erased(rule="OTHER", due_on="2011-02-03")).then_admitted().records[-1].event
    )

    assert isinstance(decided, ErasureDecided)
    assert (decided.rule, str(decided.due_on)) == ("CONTACT_ONLY", "2017-02-04")
    assert decided.policy_version


def test_what_is_not_due_is_erased_on_another_basis_only_and_the_refusal_names_the_day() -> None:
    story = given(event("ContactReceived", contact_id="contact-1", received_at="2015-02-03T09:00:00Z"))
    refused = story.when(erased())

    refused.then_refused("not_due", "/data/basis")
    assert refused.refused
    assert "2021-02-04" in refused.refused.reason
    story.when(erased("COURT_ORDER")).then_admitted()
    story.when(erased("UNLAWFUL_PROCESSING")).then_admitted()


def test_what_goes_on_is_not_due_and_a_court_may_order_it_all_the_same() -> None:
    story = given(contact(), raised())

    story.when(erased()).then_refused("not_due")
    story.when(erased("COURT_ORDER")).then_admitted()


def test_a_legal_hold_stops_every_erasure_until_it_is_lifted() -> None:
    held = given(LONG_AGO, hold(), hold("hold-2"), lifted())

    held.when(erased()).then_refused("legal_hold")
    held.when(erased("COURT_ORDER")).then_refused("legal_hold")
    held.when(lifted("hold-2")).then().when(erased()).then_admitted()


def test_a_hold_that_was_lifted_is_not_placed_again_under_its_id() -> None:
    story = given(hold(), lifted())

    assert not held_by(story.case.facts)
    story.when(hold()).then_refused("hold_known", "/data/hold_id")
    story.when(lifted()).then_refused("no_such_hold", "/data/hold_id")


def test_a_hold_is_lifted_and_never_voided() -> None:
    given(hold()).when(voided("event-1")).then_refused("hold_is_lifted")


def test_nothing_personal_comes_to_an_erased_case_and_codes_and_dates_still_do() -> None:
    story = given(contact(), erased("COURT_ORDER"))

    with_words = event("ContactReceived", contact_id="contact-2", summary="She said so.")
    story.when(with_words).then_refused("erased", "/data/summary")
    story.when(event("ChildDetailsRecorded", date_of_birth="2009-04-12")).then_refused("erased")
    story.when(contact("contact-2")).then_admitted()
    story.when(hold()).then_refused("erased", "/type")


def test_the_ladder_of_an_erased_case_goes_on_without_words() -> None:
    story = given(contact(), raised(), erased("COURT_ORDER"))

    story.when(acknowledged()).then().when(resolved()).then_admitted()
    answered = event("ResponseReceived", alert_id="alert-1", rung="TEAM_MANAGER", responder=TOM, text="Done.")
    story.when(answered).then_refused("erased", "/data/text")


def test_an_erasure_is_decided_once_stands_and_comes_before_its_key_is_destroyed() -> None:
    given(contact()).when(destroyed()).then_refused("no_erasure_open")
    story = given(contact(), erased("COURT_ORDER"))

    story.when(erased("COURT_ORDER")).then_refused("erasure_decided")
    story.when(voided("event-2")).then_refused("erasure_stands")
    done = story.when(destroyed()).then()
    done.when(destroyed()).then_refused("no_erasure_open")
    done.when(voided("event-3")).then_refused("erasure_stands")


def test_an_access_log_holds_nothing_personal_that_would_outlive_an_erasure() -> None:
    assert not fields_of(RecordViewed)
    assert not fields_of(KeyDestroyed)
    assert not fields_of(ErasureDecided)


def test_what_an_erased_case_comes_to_is_what_it_came_to_before() -> None:
    story = given(contact(), raised(), contact("contact-2"))
    after = story.when(erased("COURT_ORDER")).then().when(destroyed()).then()

    assert after.case.status is story.case.status
    assert after.case.alerts == story.case.alerts


def test_an_adult_whom_an_allegation_is_about_is_forgotten_too() -> None:
    allegation = event("LadoReferralReceived", role="SPORT", concern="OTHER")

    given(allegation, hold(), lifted()).when(erased("COURT_ORDER")).then_admitted()


def test_who_prepared_a_subject_access_may_not_approve_it() -> None:
    story = given(contact(), prepared().saying(actor="records:1"))

    story.when(approved("records:1")).then_refused("preparer_may_not_approve", "/data/by")
    story.when(approved().saying(actor="records:1")).then_refused("preparer_may_not_approve", "/actor")
    story.when(approved().saying(actor="manager:2")).then_admitted()


def test_the_archive_that_is_approved_is_the_one_that_was_prepared_last() -> None:
    given(contact()).when(approved()).then_refused("no_such_request", "/data/request_id")
    again = given(contact(), prepared(A, by="records:1"), prepared(B, by="records:1"))

    again.when(approved(archive=A)).then_refused("another_archive", "/data/archive_sha256")
    again.when(approved(archive=B)).then_admitted()


def test_an_archive_is_approved_once_unless_that_was_an_error() -> None:
    story = given(contact(), prepared(by="records:1"), approved())

    story.when(approved("manager:3")).then_refused("approved_before", "/data/archive_sha256")
    story.when(voided("event-3")).then().when(approved("manager:3")).then_admitted()
    story.when(prepared(B, by="records:1")).then().when(approved(archive=B)).then_admitted()
