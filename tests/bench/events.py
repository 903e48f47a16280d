"""The events that the benchmark posts: what a case is made of, the same bytes for every side.

Only the standard library is used here: the other event stores run it in an environment of their own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

CASES = 20
"""How many cases one connection writes to in turn."""
EVENTS_A_CASE = 40
"""After how many events a case has had its share; one post of more makes a longer case."""
PLAN = 6
"""Which of its events is the plan."""

_ENVELOPE = (
    '{"specversion":"1.0","id":"%s","source":"/front-door","type":"%s","time":"%s","actor":"worker:%d",'
    '"actorrole":"SOCIAL_WORKER","correlationid":"%s","data":%s}'
)
_ALERT = (
    '{"subject":"%s","specversion":"1.0","id":"%s","source":"/quality-assurance","type":"PracticeAlertRaised",'
    '"data":{"alert_id":"%s","issue_code":"CARE_PLAN_DRIFT","raised_by":"iro:%d","raised_by_role":"IRO"}}'
)
_REFERRAL = ("ReferralAccepted", '{"referral_id":"%s","referral_date":"2018-04-02","source_code":"2A"}')
_CONTACT = (
    "ContactReceived",
    '{"contact_id":"%s","channel":"phone","source_code":"2A","immediate_danger":false,"anonymous":false}',
)
_DISCUSSION = (
    "StrategyHeld",
    '{"strategy_id":"%s","decision":"S47_JOINT","agencies":["POLICE","HEALTH","EDUCATION"]}',
)
_PLAN = ("PlanMade", '{"plan_id":"%s","plan_kind":"CP","made_on":"2018-04-12","category":"NEG"}')


def posts(
    label: str, connection: int, size: int, cases: int = CASES, words: int | None = None
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Without end: a case id, and `size` new events for it, each its type and its CloudEvents JSON.

    `cases` cases come in turn, and others when these have had their events: no case grows beyond what a
    child's does. No two labels, and no two connections of one label, share a case or an event id. With
    `words`, all are contacts, with so many characters that are personal.
    """
    time = datetime.now(UTC).isoformat(timespec="seconds")
    whose = f"{label}-{connection:04d}"
    for nth in count():
        turn, place = divmod(nth, cases)
        generation, had = divmod(turn * size, EVENTS_A_CASE)
        case_id = f"{whose}-{generation * cases + place:06d}"
        yield case_id, [_event(f"{case_id}-{had + i:04d}", had + i, time, words) for i in range(size)]


def alerts(label: str, connection: int) -> Iterator[str]:
    """Without end: a practice alert on a case of its own, raised at the moment at which it is recorded."""
    for nth in count():
        whose = f"{label}-{connection:04d}-{nth:06d}"
        yield _ALERT % (whose, whose, whose, nth % 40)


def _event(event_id: str, nth: int, time: str, words: int | None) -> tuple[str, str]:
    """The nth event of a case: a referral first, one plan, a discussion now and then, and contacts."""
    rare = {0: _REFERRAL, PLAN: _PLAN}
    kind, data = rare.get(nth) or (_DISCUSSION if nth % 4 == 1 else _CONTACT)
    if words is not None:
        kind, data = _CONTACT
        data = data if not words else data.removesuffix("}") + f',"summary":"{"w" * words}"}}'
    return kind, _ENVELOPE % (event_id, kind, time, nth % 97, event_id, data % f"object-{nth:04d}")
