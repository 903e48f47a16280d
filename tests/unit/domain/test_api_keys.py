"""Keys are events of the office: issued once, never in a service's role, and ended for good."""

from datetime import timedelta

import pytest

from services.domain.keys import CLIENT_HAS_KEY, CLIENT_IS_HOLDER
from services.domain.principal import OF_SERVICES, Role
from services.domain.sentence import sentence
from tests.support.casework import MONDAY, Post, event, given, no_office, voided

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def issued(key_id: str = "key1", **said: object) -> Post:
    fields = {"key_id": key_id, "sha256": HASH, "client": "front-door", "roles": ["recorder"], **said}
    return event("ApiKeyIssued", **fields).at("2017-10-02T09:00:00Z")


def revoked(key_id: str = "key1", **said: object) -> Post:
    return event("ApiKeyRevoked", key_id=key_id, **said).at("2017-10-02T10:00:00Z")


def test_a_key_is_kept_with_what_it_is_bound_to() -> None:
    key = given(issued(source="/front-door", types=["ContactReceived"])).office.keys["key1"]
    assert (key.sha256, key.client, key.source) == (HASH, "front-door", "/front-door")
    assert key.roles == {Role.RECORDER}
    assert key.types == frozenset({"ContactReceived"})
    assert key.valid_on(MONDAY)
    assert key.valid_on(MONDAY + timedelta(days=36_500))


def test_a_key_expires_at_its_instant() -> None:
    key = given(issued(expires_at="2017-10-03T09:00:00Z")).office.keys["key1"]
    assert key.valid_on(MONDAY + timedelta(hours=23, minutes=59))
    assert not key.valid_on(MONDAY + timedelta(days=1))


def test_a_revocation_counts_from_its_recording_whatever_time_the_client_gives() -> None:
    late = revoked().saying(time="2017-10-02T10:04:00Z")
    key = given(issued(), late).office.keys["key1"]
    assert key.valid_on(MONDAY + timedelta(minutes=59))
    assert not key.valid_on(MONDAY + timedelta(hours=1))


def test_a_key_that_is_replaced_overlaps_with_the_one_that_takes_its_place() -> None:
    story = given(issued(), issued("key2", replaces="key1"), revoked(**{"from": "2017-10-04T09:00:00Z"}))
    old, new = story.office.keys["key1"], story.office.keys["key2"]
    assert new.replaces == "key1"
    assert [key.valid_on(MONDAY + timedelta(days=1)) for key in (old, new)] == [True, True]
    assert [key.valid_on(MONDAY + timedelta(days=2)) for key in (old, new)] == [False, True]


def test_nothing_makes_a_key_count_longer() -> None:
    story = given(issued(), revoked(), revoked(**{"from": "2027-01-01T00:00:00Z"}))
    assert not story.office.keys["key1"].valid_on(MONDAY + timedelta(hours=1))


def test_what_the_office_says_of_keys_cannot_be_voided() -> None:
    story = given(issued(), revoked())
    for record in story.records:
        story.when(voided(record.id)).then_refused("no_such_event")


def test_an_id_is_issued_once() -> None:
    given(issued()).when(issued()).then_refused("already_issued", "/data/key_id")


def test_only_keys_that_were_issued_are_revoked_or_replaced() -> None:
    no_office().when(revoked()).then_refused("no_such_key", "/data/key_id")
    no_office().when(issued(replaces="key0")).then_refused("no_such_key", "/data/replaces")


@pytest.mark.parametrize("role", sorted(OF_SERVICES))
def test_no_key_has_the_role_of_a_service(role: str) -> None:
    no_office().when(issued(roles=["recorder", role])).then_refused("no_key_for_a_service", "/data/roles")


def test_a_key_is_bound_to_types_that_there_are() -> None:
    no_office().when(issued(types=["PizzaOrdered"])).then_refused("no_such_type", "/data/types")


def test_a_key_that_counts_no_more_is_not_issued() -> None:
    past = issued(expires_at="2017-10-02T09:00:00Z")
    no_office().when(past).then_refused("expires_before_it_begins", "/data/expires_at")


def test_a_key_says_who_issued_it() -> None:
    key = given(issued().saying(actor="operator")).office.keys["key1"]
    assert (key.issued_by, key.issued_for) == ("operator", None)


def test_a_key_beside_another_of_its_client_is_flagged_and_one_in_its_place_is_not() -> None:
    story = given(issued())
    story.when(issued("key2")).then_admitted(CLIENT_HAS_KEY)
    story.when(issued("key2", client="portal")).then_admitted()
    story.when(issued("key2", replaces="key1")).then_admitted()
    rotated = given(issued(), issued("key2", replaces="key1"))
    rotated.when(issued("key3", replaces="key2")).then_admitted()
    rotated.when(issued("key3", replaces="key1")).then_admitted(CLIENT_HAS_KEY)
    given(issued(), revoked()).when(issued("key2").at("2017-10-02T11:00:00Z")).then_admitted()


def test_a_key_takes_the_place_of_its_own_clients_only() -> None:
    given(issued()).when(issued("key2", client="portal", replaces="key1")).then_refused(
        "another_clients_key", "/data/replaces"
    )


def test_a_key_in_the_name_of_who_holds_a_rung_is_flagged_whichever_came_first() -> None:
    holds = event("RungHolderAppointed", rung="TEAM_MANAGER", holder="tm:ana").at("2017-10-02T09:00:00Z")
    given(holds).when(issued(client="tm:ana")).then_admitted(CLIENT_IS_HOLDER)
    given(issued(client="tm:ana")).when(holds).then_admitted(CLIENT_IS_HOLDER)
    given(issued(client="tm:ana"), revoked()).when(holds.at("2017-10-02T11:00:00Z")).then_admitted()


def test_no_sentence_shows_a_hash() -> None:
    for record in given(issued(), revoked()).records:
        assert "key1" in sentence(record)
        assert HASH not in sentence(record)
