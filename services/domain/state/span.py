"""Spans of days: an object's life from its first day, through its last one if that is known."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct

from services.domain.events.referral import CaseClosed
from services.domain.events.shape import Event
from services.domain.facts import Fact, Facts

S = TypeVar("S", bound=StrEnum)


class Span(Struct, frozen=True, kw_only=True):
    """One object's life in London dates. Nothing is known of a date that is absent."""

    object_id: str
    first: date | None = None
    last: date | None = None
    closed_on: date | None = None
    """When the case was closed under it: that ends what nobody ended."""

    @property
    def is_open(self) -> bool:
        """Whether it has begun, and nothing has ended it."""
        return self.first is not None and self.last is None and self.closed_on is None

    @property
    def over_on(self) -> date | None:
        """When it was over, whatever ended it."""
        return self.last or self.closed_on

    def spans(self, day: date) -> bool:
        """Whether `day` lies after its first day and before its last one, both of which are known."""
        return self.first is not None and self.last is not None and self.first < day < self.last

    def holds_on(self, day: date) -> bool:
        """Whether it had begun by `day` and was not over before it."""
        return self.first is not None and self.first <= day and (self.over_on is None or day <= self.over_on)


def closed_after(facts: Facts, begun: Fact[Any]) -> date | None:
    """When the case was first closed after something began: what comes later on that day goes on."""
    closings = facts.of(CaseClosed)
    return next((each.on for each in closings if each.moment >= begun.moment), None) if closings else None


def between(
    facts: Facts, begins: type[Event], ends: type[Event], *, in_the_case: bool = False
) -> dict[str, Span]:
    """The spans between two kinds of facts about the same objects, in order of their first days.

    What goes on only `in_the_case` is over once that is closed.
    """
    firsts = {each.object_id: each for each in facts.of(begins)}
    lasts = {each.object_id: each.on for each in facts.of(ends)}
    found = []
    for object_id in {*firsts, *lasts} - {None}:
        begun, last = firsts.get(object_id), lasts.get(object_id)
        first = begun.on if begun else None
        closed_on = closed_after(facts, begun) if begun and in_the_case else None
        found.append(Span(object_id=str(object_id), first=first, last=last, closed_on=closed_on))
    found.sort(key=lambda span: (span.first or date.max, span.object_id))
    return {span.object_id: span for span in found}


def stage(span: Span, going: S, done: S, left: S) -> S:
    """Which of three: it goes on, it was brought to its end, or what it was part of ended under it."""
    if span.last:
        return done
    return left if span.closed_on else going


def first_overlap(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    """Two of which the second began while the first, whose end is known, had not ended; `None` if no two did.

    One look at each in order of their first days: of those that began before, the one that ends last is
    the one that could still be going on.
    """
    longest: Span | None = None
    for span in sorted((each for each in spans if each.first), key=lambda each: each.first or date.max):
        if longest and span.first and longest.spans(span.first):
            return longest, span
        if span.last and (longest is None or longest.last is None or longest.last < span.last):
            longest = span
    return None
