"""Write `docs/reference/permissions.md` from the policy; `make schemas` does."""

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from services.domain import policy
from services.domain.events import CASE_EVENT_TYPES, EVENT_TYPES, OFFICE_EVENT_TYPES
from services.domain.events.correction import EventVoided
from services.domain.policy import ACTIONS, FIELDS, Action, posters
from services.domain.principal import Role

INTRODUCTION: Final = """\
# Permissions

Generated from `services/domain/policy.py` by `make schemas`; a test compares.

Nothing is allowed that does not stand here. Each route of each service is one action, and a service with a \
route that is none does not start. Whoever has several roles may do what any of them may. The last three \
roles are those of the ledger's own services: nobody can be granted one. Whether a case exists for somebody \
is decided apart: a [restricted case](../decisions/0027-restricted-cases.md) does not, whatever their roles, \
unless they were allowed by name or broke its glass.

| role | is for |
|---|---|
| `recorder` | a client system, such as a front door: it posts, and reads receipts, proofs and the head |
| `caseworker` | somebody who works with children: posts facts, reads cases, breaks the glass |
| `manager` | the same, and whose work it is: restricts cases, sets the office, sees who has how much |
| `iro` | a reviewing officer: raises alerts, decides on responses, goes past rungs |
| `auditor` | replays and verifies everything, and sees who looked at whom; posts nothing |
| `reporter` | counts and nothing else: no case, no account |
| `operator` | runs it: lag, clock, deliveries, keys, retention; opens no case |
"""
MEANS: Final = {
    Action.PUBLIC: "what says nothing of anybody; no token is asked for",
    Action.POST_EVENTS: "append to cases",
    Action.POST_OFFICE: "append to the office's stream",
    Action.READ_HISTORY: "a case's documents, sealed",
    Action.READ_OFFICE: "the office's documents, sealed",
    Action.REPLAY: "every document, sealed, and their live tail",
    Action.UNSEAL: "documents whole, where they may be read; each look is recorded",
    Action.READ_STATUS: "a case's status and timeline",
    Action.READ_LISTS: "cases, plans, reviews and the other lists",
    Action.READ_CHRONOLOGY: "chronologies",
    Action.READ_DEADLINES: "the due board",
    Action.READ_ALERTS: "practice alerts and their windows",
    Action.READ_NOTIFICATIONS: "who was told what of alerts",
    Action.READ_WORKLOAD: "who has how much",
    Action.READ_COUNTS: "how many deadlines stand how",
    Action.READ_EVIDENCE: "checkpoints, proofs and verifier keys",
    Action.READ_ACCESS_LOG: "who looked at whom",
    Action.READ_HEAD: "how far the ledger has come",
    Action.READ_CLOCK: "what time it is",
    Action.READ_OPERATIONS: "lag, and what readiness says in detail",
    Action.READ_DELIVERIES: "messages on their way",
    Action.RETRY_DELIVERY: "have a message tried again",
    Action.MOVE_CLOCK: "move a test clock",
    Action.MANAGE_KEYS: "issue and revoke keys",
    Action.READ_RETENTION: "whose time is up",
    Action.ERASE: "erase a case",
    Action.PREPARE_SUBJECT_ACCESS: "prepare and approve subject access",
}


def lines() -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    yield f"## Actions\n\n| action | | {' | '.join(Role)} |\n|---|---|{'---|' * len(Role)}"
    yield from (f"| `{each}` | {MEANS[each]} | {_marks(ACTIONS[each])} |" for each in Action)
    yield "\n## Who may post what\n"
    yield "A key may be bound to some types and to one `source`. What a service posts as is its own.\n"
    yield "| event | posted by |\n|---|---|"
    yield from _posted()
    yield "\n## Members of answers\n"
    yield "No answer to whoever has none of these roles has such a member, at any depth.\n"
    yield "| member | roles |\n|---|---|"
    yield from (f"| `{name}` | {_named(roles)} |" for name, roles in sorted(FIELDS.items()))
    yield ""


def _marks(roles: Iterable[Role]) -> str:
    return " | ".join("yes" if role in roles else "" for role in Role)


def _named(roles: Iterable[Role]) -> str:
    return ", ".join(role for role in Role if role in set(roles))


def _posted() -> Iterator[str]:
    own = [name for name in EVENT_TYPES if name in policy.POSTED]
    yield from (f"| `{name}` | {_named(posters(name))} |" for name in sorted(own))
    yield f"| `{EventVoided.TYPE}` | {_named(posters(EventVoided.TYPE))} |"
    case, office = (next(iter(types - policy.POSTED.keys() - {EventVoided.TYPE})) for types in _KINDS)
    yield f"| every other event of a case | {_named(posters(case))} |"
    yield f"| every other event of the office | {_named(posters(office))} |"


_KINDS: Final = (CASE_EVENT_TYPES, OFFICE_EVENT_TYPES)

if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()))
