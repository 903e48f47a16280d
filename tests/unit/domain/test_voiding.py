"""Voiding: a fact recorded in error stays readable, and every fold skips it."""

from services.domain.case import CaseStatus
from tests.support.casework import contact, given, plan, voided


def test_what_another_source_records_later_under_the_same_id_is_not_voided_with_it() -> None:
    story = given(contact(), plan(), voided("event-2"))
    assert story.case.status is CaseStatus.CONTACT_ONLY
    story = story.when(plan().saying(id="event-2", source="/elsewhere")).then()
    assert story.case.status is CaseStatus.CP_PLAN
    assert story.when(contact("contact-2")).then().case.status is CaseStatus.CP_PLAN
