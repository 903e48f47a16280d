"""No route is open by accident, and no answer has a member that the policy keeps from who may ask for it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from services.domain.policy import ACTIONS, FIELDS, Action, denied_fields, may
from services.domain.principal import GRANTABLE, Principal, Role
from services.ledger import api as ledger
from services.ledger import evidence_api, reading
from services.notifier import api as notifier
from services.projector import api as projector
from services.runtime import web
from services.runtime.identity.authentication import OFF
from services.runtime.identity.gate import declared
from services.runtime.requests import Application
from tests.support import permissions

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
DOCUMENTS: Final = {Action.READ_HISTORY, Action.REPLAY}  # whose answers are the stored bytes
UNUSED: Any = None


def apps() -> dict[str, Application]:
    routes = {
        "ledger": [*ledger.routes(UNUSED), *reading.routes(UNUSED), *evidence_api.routes(UNUSED)],
        "projector": projector.routes(UNUSED, UNUSED, UNUSED),
        "notifier": notifier.routes(UNUSED, UNUSED, UNUSED, UNUSED, UNUSED),
    }
    return {name: web.create_app(name, routes=own, authentication=OFF) for name, own in routes.items()}


APPS: Final = apps()
ROUTES: Final = [
    (name, method, path, action)
    for name, app in APPS.items()
    for (path, method), action in sorted(declared(app.routes).items())
    if method != "OPTIONS"  # it says nothing but methods
    if path.startswith("/v1/")
]


def members(schema: Any, components: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of all members that an answer of this schema may have, at any depth."""
    if isinstance(schema, list):
        for each in schema:
            yield from members(each, components, seen)
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if reference and reference not in seen:
        name = reference.rpartition("/")[2]
        yield from members(components[name], components, seen | {reference})
    for key, value in schema.items():
        if key == "properties":
            yield from value
            yield from members(list(value.values()), components, seen)
        elif key != "$ref":
            yield from members(value, components, seen)


def answered(name: str, method: str, path: str) -> set[str]:
    """The members of what a route answers when all is well."""
    document = web.openapi(APPS[name])
    responses = document["paths"][path][method.lower()]["responses"]
    good = [answer.get("content", {}) for status, answer in responses.items() if status.startswith("2")]
    return set(members(good, document["components"]["schemas"]))


@pytest.mark.parametrize(
    ("name", "method", "path", "action"), ROUTES, ids=[" ".join(each[:3]) for each in ROUTES]
)
def test_no_answer_has_a_member_that_is_denied_to_who_may_ask(
    name: str, method: str, path: str, action: Action
) -> None:
    given = answered(name, method, path)
    for role in ACTIONS[action] & GRANTABLE:
        denied = denied_fields(Principal(who="x:1", roles=frozenset({role})))
        assert not given & denied, role


@pytest.mark.parametrize("role", sorted(Role))
def test_who_may_read_documents_is_denied_nothing_that_stands_in_them(role: Role) -> None:
    reader = Principal(who="x:1", roles=frozenset({role}))
    if role in GRANTABLE and any(may(reader, action) for action in DOCUMENTS):
        in_documents = FIELDS.keys() - {"who", "workers"}  # which are worked out
        assert not denied_fields(reader) & in_documents


def test_every_member_that_is_kept_from_somebody_is_one_that_an_answer_has() -> None:
    given = set[str]().union(*(answered(name, method, path) for name, method, path, _ in ROUTES))
    assert FIELDS.keys() - given <= {"onbehalfof"}  # which stands in documents only


def test_every_action_but_those_of_commands_has_a_route() -> None:
    used = {action for _, _, _, action in ROUTES}
    inside = {Action.PUBLIC, Action.UNSEAL, Action.MANAGE_KEYS, Action.ERASE, Action.PREPARE_SUBJECT_ACCESS}
    assert set(Action) - used <= inside


def test_the_page_of_permissions_is_as_the_policy_says() -> None:
    assert PAGE.read_text() == "\n".join(permissions.lines()), "make schemas writes it anew"
