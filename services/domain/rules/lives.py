"""Rules of anything that begins and ends: not before it began, and one of its kind at a time."""

from collections.abc import Callable, Iterable
from typing import Final

from services.domain.events.early_help import EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted
from services.domain.events.plan import PlanKind
from services.domain.events.quality import ComplaintReceived, ComplaintResolved
from services.domain.facts import Facts
from services.domain.rules.rule import Contradiction, Telling
from services.domain.state.assessments import assessments
from services.domain.state.care import arrangements, periods, placements
from services.domain.state.enquiries import enquiries
from services.domain.state.episodes import closings, episodes
from services.domain.state.plans import plans
from services.domain.state.span import Span, between, first_overlap

Lives = Callable[[Facts], dict[str, Span]]


def early_help(facts: Facts) -> dict[str, Span]:
    """Early help assessments by their ids."""
    return between(facts, EarlyHelpAssessmentStarted, EarlyHelpAssessmentCompleted)


def complaints(facts: Facts) -> dict[str, Span]:
    """Complaints by their ids."""
    return between(facts, ComplaintReceived, ComplaintResolved)


_LIVES: Final[dict[str, tuple[Lives, ...]]] = {
    "referral_id": (episodes,),
    "assessment_id": (assessments, early_help),
    "enquiry_id": (enquiries,),
    "plan_id": (plans,),
    "period_id": (periods,),
    "placement_id": (placements,),
    "arrangement_id": (arrangements,),
    "complaint_id": (complaints,),
}


def ends_before_it_begins(telling: Telling) -> Contradiction | None:
    """Nothing ends before its first day."""
    for lives in _LIVES[telling.new.event.OBJECT or ""]:
        span = lives(telling.after).get(telling.new.object_id or "")
        if span and span.first and span.last and span.last < span.first:
            return Contradiction(f"`{span.object_id}` begins on {span.first} and ends on {span.last}.")
    return None


def work_outlives_its_case(telling: Telling) -> Contradiction | None:
    """CIN 8867, 8868: a case is not closed before an assessment, an enquiry or a plan in it is completed."""
    for day in closings(telling.after):
        for span in work(telling.after):
            if span.spans(day):
                return Contradiction(f"`{span.object_id}` went on after {day}, when the case was closed.")
    return None


def no_action_means_none(telling: Telling) -> Contradiction | None:
    """CIN 8831, 8832, 4000: nothing began on a referral that was closed with no further action."""
    begun = [span.first for span in work(telling.after) if span.first]
    for episode in episodes(telling.after).values():
        if active := [day for day in begun if episode.spans(day)]:
            return Contradiction(f"Work began on {active[0]} on referral `{episode.object_id}`.")
    return None


def no_referral_open(telling: Telling) -> bool:
    """CIN 1103 to 1105, 2889, 4015: no episode of need is known to be open on that day."""
    return not any(span.holds_on(telling.new.on) for span in episodes(telling.before).values())


def overlap(spans: Iterable[Span]) -> Contradiction | None:
    """That one of several began while another one, whose end is known, had not ended."""
    found = first_overlap(spans)
    if found is None:
        return None
    one, other = found
    lasted = f"`{one.object_id}` lasted from {one.first} to {one.last}"
    return Contradiction(f"{lasted}, `{other.object_id}` began on {other.first}.")


def others_open(spans: Iterable[Span], telling: Telling) -> bool:
    """Whether one of `spans`, other than the object told of, is open on the day of the telling."""
    new = telling.new
    return any(span.is_open and span.holds_on(new.on) for span in spans if span.object_id != new.object_id)


def work(facts: Facts) -> list[Span]:
    """Everything that is done on a referral and must be over before its case is closed."""
    need = plans(facts, PlanKind.CIN, PlanKind.CP)
    return [*assessments(facts).values(), *enquiries(facts).values(), *need.values()]
