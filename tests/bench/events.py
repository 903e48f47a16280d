"""The events that the benchmark posts: contacts, discussions and plans, the same bytes for every side.

Only the standard library is used here: the other event stores run it in an environment of their own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

CASES = 20
"""How many cases one connection writes to in turn."""

_ENVELOPE = (
    '{"specversion":"1.0","id":"%s","source":"/front-door","type":"%s","time":"%s","actor":"worker:%d",'
    '"actorrole":"SOCIAL_WORKER","correlationid":"%s","data":%s}'
)
_ALERT = (
    '{"subject":"%s","specversion":"1.0","id":"%s","source":"/quality-assurance","type":"PracticeAlertRaised",'
    '"data":{"alert_id":"%s","issue_code":"CARE_PLAN_DRIFT","raised_by":"iro:%d","raised_by_role":"IRO"}}'
)
_KINDS = (
    (
        "ContactReceived",
        '{"contact_id":"%s","channel":"phone","source_code":"2A","immediate_danger":false,"anonymous":false}',
    ),
    (
        "StrategyHeld",
        '{"strategy_id":"%s","decision":"S47_JOINT","agencies":["POLICE","HEALTH","EDUCATION"]}',
    ),
    ("PlanMade", '{"plan_id":"%s","plan_kind":"CP","made_on":"2018-04-12","category":"NEG"}'),
)


def posts(
    label: str, connection: int, size: int, cases: int = CASES
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Without end: a case id, and `size` new events for it, each its type and its CloudEvents JSON.

    The cases come in turn. No two labels, and no two connections of one label, share a case or an event id.
    """
    time = datetime.now(UTC).isoformat(timespec="seconds")
    whose = f"{label}-{connection:04d}"
    for nth in count():
        first = nth * size
        yield (
            f"{whose}-{nth % cases:06d}",
            [_event(f"{whose}-{number:08d}", number, time) for number in range(first, first + size)],
        )


def alerts(label: str, connection: int) -> Iterator[str]:
    """Without end: a practice alert on a case of its own, raised at the moment at which it is recorded."""
    for nth in count():
        whose = f"{label}-{connection:04d}-{nth:06d}"
        yield _ALERT % (whose, whose, whose, nth % 40)


def _event(event_id: str, number: int, time: str) -> tuple[str, str]:
    kind, data = _KINDS[number % len(_KINDS)]
    data %= f"object-{number % 1000:04d}"
    return kind, _ENVELOPE % (event_id, kind, time, number % 97, event_id, data)
