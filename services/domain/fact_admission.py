"""Admit or refuse a fact: by the rules of its family, and only beside facts about the same kind of person."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, get_args

from services.domain import birth, deadlines
from services.domain import facts as known
from services.domain.calendar import Calendar
from services.domain.event import Submission
from services.domain.events import CareEvent, ChildrensEvent, FactEvent, NeedEvent, ProtectionEvent
from services.domain.events.allegation import AllegationEvent
from services.domain.facts import Facts
from services.domain.rules import allegations, care, need, protection
from services.domain.rules.rule import Rules, Telling, judge
from services.domain.timescales import TIMESCALES
from services.domain.verdict import Admitted, Refused

OUT_OF_TIMESCALE = "out_of_timescale"

# A plan that lasts is not late: its end meets nothing.
_MEETING = frozenset(word for rule in TIMESCALES for word in re.findall(r"\w+", rule.stops)) - {"PlanEnded"}
_OF_CHILDREN = frozenset(event.TYPE for event in get_args(ChildrensEvent))
_OF_ADULTS = frozenset(event.TYPE for event in get_args(AllegationEvent))


def admit(
    facts: Facts, submission: Submission, event: FactEvent, now: datetime, days: Calendar
) -> Admitted | Refused:
    """Say whether `event` can be true beside the facts of its case, and what about it deserves a flag."""
    others = _OF_CHILDREN if event.TYPE in _OF_ADULTS else _OF_ADULTS
    if not others.isdisjoint(facts.by_type):
        # An allegation has another person for its subject and other readers than a child's case.
        return Refused("allegation_in_a_case_of_its_own", "Post it to a case of its own.", "/type")
    event = birth.told_in_clear(event)
    new = known.fact(event, submission.time or now, submission.id, submission.source)
    told = known.tell(facts, new)
    verdict = judge(Telling(facts, new, told), rules_of(event))
    if isinstance(verdict, Refused):
        return verdict
    late = event.TYPE in _MEETING and deadlines.is_met_late(facts, told, event.TYPE, days)
    return Admitted(event, (*verdict, OUT_OF_TIMESCALE) if late else verdict)


def rules_of(event: FactEvent) -> Rules:
    """What is asked of an event, by its family."""
    return _RULES[event.TYPE](event)


_FAMILIES: Final[tuple[tuple[Any, Callable[[Any], Rules]], ...]] = (
    (NeedEvent, need.rules),
    (ProtectionEvent, protection.rules),
    (CareEvent, care.rules),
    (AllegationEvent, allegations.rules),
)
# By its name, since `isinstance` asks each type of a union in turn.
_RULES: Final = {event.TYPE: rules for family, rules in _FAMILIES for event in get_args(family)}
