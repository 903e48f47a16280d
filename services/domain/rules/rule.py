"""What a rule is: a function that is named after what it protects, asked when a fact is told.

An invariant looks at all facts with the new one among them, and says how they contradict each other: so
facts that do not are admitted in any order. A suspicion may look at what was known before: it only flags.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from services.domain.events.shape import Event
from services.domain.facts import Fact, Facts
from services.domain.personal import clear
from services.domain.verdict import Refused


class Telling(Struct, frozen=True):
    """One fact is told: what was known before, the fact, and what is known with it."""

    before: Facts
    new: Fact[Any]
    after: Facts


class Contradiction(Struct, frozen=True):
    """Why the facts cannot all be true, and the field of the new one that says so, if not its date."""

    reason: str
    field: str = ""


Invariant = Callable[[Telling], Contradiction | None]
Suspicion = Callable[[Telling], bool]


class Rules(Struct, frozen=True):
    """What is asked of one type of event, in this order. The name of each function is that of its rule."""

    never: tuple[Invariant, ...] = ()
    flags: tuple[Suspicion, ...] = ()


def judge(telling: Telling, rules: Rules) -> Refused | tuple[str, ...]:
    """The first invariant that is broken, or every flag that is deserved."""
    for invariant in rules.never:
        if found := invariant(telling):
            field = found.field or _own_field(telling.new.event)
            return Refused(invariant.__name__, found.reason, f"/data/{field}")
    return tuple(suspicion.__name__ for suspicion in rules.flags if suspicion(telling))


def _own_field(event: Event) -> str:
    return (event.PAST[0] if event.PAST else event.OBJECT or "").rstrip("_")


def recorded_again(telling: Telling) -> bool:
    """Another account of the same object; or, of what has no id, the same said of the same day."""
    kind, object_id = type(telling.new.event), telling.new.object_id
    if object_id is not None:
        return telling.before.about(kind, object_id) is not None
    same_day = [each for each in telling.before.of(kind) if each.on == telling.new.on]
    # Of what was recorded before, nothing personal is known.
    return bool(same_day) and clear(telling.new.event) in (each.event for each in same_day)
