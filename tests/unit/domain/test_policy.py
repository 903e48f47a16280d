"""The policy is total, nothing in it is by accident, and the services' own rights are nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from services.domain import policy
from services.domain.events import EVENT_TYPES
from services.domain.events.restriction import RestrictionReason
from services.domain.policy import ACTIONS, FIELDS, Action, denied_fields, may, may_post, posters
from services.domain.principal import EVERYBODY, GRANTABLE, OF_SERVICES, Principal, Role
from services.domain.restriction import Opening, Restriction, may_see
from tests.support.law import for_each

NOW = datetime(2018, 3, 29, 12, tzinfo=UTC)
RESTRICTED = Restriction(
    reason=RestrictionReason.STAFF_RELATIVE,
    allowed=frozenset({"sw:1", "sw:2"}),
    denied=frozenset({"sw:2", "sw:3"}),
    opened=(Opening("sw:3", NOW + timedelta(hours=8)), Opening("sw:4", NOW + timedelta(hours=8))),
)


def somebody(*roles: Role, who: str = "x:1", types: frozenset[str] | None = None) -> Principal:
    return Principal(who=who, roles=frozenset(roles), types=types)


def test_every_action_is_in_the_table_and_somebody_may_do_it() -> None:
    assert set(ACTIONS) == set(Action)
    assert all(ACTIONS.values())


def test_who_has_no_role_may_do_only_what_is_public_and_is_given_no_field() -> None:
    nobody = somebody()
    assert {action for action in Action if may(nobody, action)} == {Action.PUBLIC}
    assert denied_fields(nobody) == set(FIELDS)


def test_everybody_may_do_all_while_authentication_is_off() -> None:
    assert all(may(EVERYBODY, action) for action in Action)
    assert all(may_post(EVERYBODY, name) for name in EVENT_TYPES)
    assert not denied_fields(EVERYBODY)


@for_each(sorted(EVENT_TYPES))
def test_every_event_can_be_posted_by_somebody_who_may_post_at_all(name: str) -> None:
    assert posters(name) & (ACTIONS[Action.POST_EVENTS] | ACTIONS[Action.POST_OFFICE])


@pytest.mark.parametrize(
    "name", ["LadderExhausted", "StatutoryCapReached", "NotificationSent", "NotificationFailed"]
)
def test_what_the_notifier_says_nobody_else_can(name: str) -> None:
    assert posters(name) == {Role.NOTIFIER}
    assert not may_post(somebody(*GRANTABLE), name)


def test_a_recorder_reads_its_receipts_and_heads_and_no_case() -> None:
    recorder = somebody(Role.RECORDER)
    allowed = {action for action in Action if may(recorder, action)}
    assert allowed == {
        Action.PUBLIC,
        Action.POST_EVENTS,
        Action.READ_EVIDENCE,
        Action.READ_HEAD,
        Action.READ_CLOCK,
    }


def test_a_reporter_reads_counts_and_no_case() -> None:
    reporter = somebody(Role.REPORTER)
    assert {action for action in Action if may(reporter, action)} == {
        Action.PUBLIC,
        Action.READ_COUNTS,
        Action.READ_CLOCK,
    }
    assert denied_fields(reporter) == set(FIELDS)


def test_an_operator_runs_the_ledger_and_opens_no_case() -> None:
    operator = somebody(Role.OPERATOR)
    opens = {Action.READ_HISTORY, Action.REPLAY, Action.UNSEAL, Action.READ_STATUS, Action.READ_CHRONOLOGY}
    assert not any(may(operator, action) for action in opens)
    assert not may(operator, Action.POST_EVENTS)


def test_only_operators_issue_keys_and_only_the_ledger_says_who_looked() -> None:
    assert posters("ApiKeyIssued") == posters("ApiKeyRevoked") == {Role.OPERATOR}
    assert posters("RecordViewed") == posters("KeyDestroyed") == {Role.LEDGER}


def test_a_key_bound_to_types_posts_no_other() -> None:
    bound = somebody(Role.RECORDER, types=frozenset({"ContactReceived"}))
    assert may_post(bound, "ContactReceived")
    assert not may_post(bound, "ReferralAccepted")


def test_a_type_that_nobody_knows_nobody_posts() -> None:
    assert not may_post(EVERYBODY, "PizzaOrdered")


def test_what_is_said_of_a_type_is_said_in_its_own_name() -> None:
    later = {
        "LegalHoldPlaced", "LegalHoldLifted", "SubjectAccessPrepared", "SubjectAccessApproved",
        "ErasureDecided", "KeyDestroyed", "RecordViewed",
    }  # fmt: skip
    assert set(policy.POSTED) <= set(EVENT_TYPES) | later


@pytest.mark.parametrize(
    ("who", "seen"), [("sw:1", True), ("sw:2", False), ("sw:3", False), ("sw:4", True), ("sw:5", False)]
)
def test_a_restricted_case_is_seen_by_those_allowed_and_those_who_opened_it_and_never_by_those_denied(
    who: str,
    seen: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert may_see(somebody(Role.CASEWORKER, who=who), RESTRICTED, NOW) is seen


def test_an_opening_ends() -> None:
    opener = somebody(Role.CASEWORKER, who="sw:4")
    assert may_see(opener, RESTRICTED, NOW + timedelta(hours=7, minutes=59))
    assert not may_see(opener, RESTRICTED, NOW + timedelta(hours=8))


def test_no_role_of_people_sees_a_restricted_case_and_every_service_does() -> None:
    assert not may_see(somebody(*GRANTABLE), RESTRICTED, NOW)
    assert all(may_see(somebody(role), RESTRICTED, NOW) for role in OF_SERVICES)
    assert may_see(somebody(Role.REPORTER), None, NOW)
