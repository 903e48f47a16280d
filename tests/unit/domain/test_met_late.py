"""What meets a timer late: asked of the timers alone that an event can change, it is what all of them say."""

import re
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec import convert, field

from services.domain.calendar import london_time
from services.domain.deadlines import is_met_late
from services.domain.events.shape import Event
from services.domain.facts import E, Fact, Facts, fact, tell
from services.domain.ladder import MORNING
from services.domain.terms import SOURCES, Outcome, of_facts, term
from services.domain.timescale import in_force
from services.domain.timescales import TIMESCALES
from tests.support.casework import KNOWN
from tests.support.samples import SAMPLES

KINDS = sorted({kind for source in SOURCES for kind in source.made_of}, key=lambda kind: str(kind.TYPE))
DAYS = st.dates(date(2017, 1, 2), date(2018, 12, 31))
CHOICES: dict[str, list[Any]] = {
    "agency": ["SOCIAL_CARE", "SCHOOL"],
    "birth_month": [None, "2001-11", "2013-02"],
    "icpc_required": [True, False],
    "order_made_on": [None, "2017-03-01"],
    "permanent": [True, False],
    "plan_kind": ["CIN", "CP", "CARE", "PATHWAY", "PEP"],
    "recipient": ["IRO", "CHILD"],
}
CHOICES_OF: dict[tuple[str, str], list[Any]] = {
    ("ConferenceHeld", "decision"): ["CP_PLAN", "REMAINS", "NFA"],
    ("ConferenceHeld", "kind"): [None, "ICPC", "RCPC"],
    ("ConferenceScheduled", "kind"): ["ICPC", "RCPC"],
    ("LadoThresholdDecided", "decision"): ["LOGGED_CLOSED", "ADVICE", "INTERNAL_ENQUIRY_CSM"],
    ("StrategyHeld", "decision"): ["S47_JOINT", "NO_S47"],
}
OPTIONAL = {"PlanMade", "CoreGroupHeld", "CinReviewHeld", "FamilyNetworkMeetingHeld", "ReferralAccepted"}


@st.composite
def facts(draw: st.DrawFn) -> Fact[Any]:
    """One fact that timers are made of: about one of very few objects, on some day of two years."""
    kind, day = draw(st.sampled_from(KINDS)), draw(DAYS)
    moved = day - date.fromisoformat("2017-09-01")
    data = {name: _moved(value, moved) for name, value in SAMPLES[kind.TYPE].items()}
    for name in data:
        if choices := _choices(kind, name):
            data[name] = draw(st.sampled_from(choices))
    return fact(convert(data, kind), london_time(day, MORNING), str(draw(st.integers(1, 10**6))))


def _choices(kind: Any, name: str) -> list[Any]:
    if name.endswith("_id"):
        needed = name == kind.OBJECT or kind.TYPE not in OPTIONAL
        return ["1", "2"] if needed else ["1", "2", None]
    return CHOICES_OF.get((kind.TYPE, name)) or CHOICES.get(name, [])


def _moved(value: Any, by: timedelta) -> Any:
    """A day or an instant so much later; anything else as it is."""
    if not isinstance(value, str) or not value.startswith("201") or len(value) == len("2017-09"):
        return value
    if "T" in value:
        return (datetime.fromisoformat(value) + by).isoformat()
    return (date.fromisoformat(value) + by).isoformat()


LIVES = st.lists(facts(), min_size=10, max_size=30)


def is_met_late_by_all(before: Facts, after: Facts) -> bool:
    """The plain definition: every run of every timer before, and after."""
    known = {(run.timer, run.about, run.met_on) for run in of_facts(before)}
    for run in of_facts(after):
        if run.met_on and (run.timer, run.about, run.met_on) not in known:
            rules = in_force(TIMESCALES, run.timer, run.started_on)
            if {term(run, rule, KNOWN).outcome for rule in rules} == {Outcome.MET_LATE}:
                return True
    return False


@settings(max_examples=60)
@for_all(LIVES)
def test_the_timers_that_an_event_can_change_say_what_all_of_them_say(life: list[Fact[Any]]) -> None:
    known = Facts()
    for new in life:
        told = tell(known, new)
        late = is_met_late(known, told, new.event.TYPE, KNOWN)
        assert late is is_met_late_by_all(known, told)
        known = told


class Watched(Facts, frozen=True):
    """Facts that remember of which types somebody asked for them."""

    asked: set[str] = field(default_factory=set)

    def of(self, kind: type[E]) -> tuple[Fact[E], ...]:
        self.asked.add(kind.TYPE)
        return super().of(kind)

    def about(self, kind: type[E], object_id: str) -> Fact[E] | None:
        self.asked.add(kind.TYPE)
        return super().about(kind, object_id)

    def has(self, *kinds: type[Event]) -> bool:
        self.asked.update(kind.TYPE for kind in kinds)
        return super().has(*kinds)


@settings(max_examples=60)
@for_all(LIVES)
def test_runs_are_made_of_the_types_alone_that_their_source_names(life: list[Fact[Any]]) -> None:
    known = reduce(tell, life, Facts())
    for source in SOURCES:
        watched = Watched(known.by_type)
        assert list(source.runs(watched)) == list(source.runs(known))
        assert watched.asked <= {kind.TYPE for kind in source.made_of}


def test_every_event_of_casework_that_stops_a_timer_is_one_that_some_runs_are_made_of() -> None:
    stops = {word for rule in TIMESCALES for word in re.findall(r"\w+", rule.stops) if word in SAMPLES}
    of_the_ladder = {"ResponseReceived", "PracticeAlertResolved"}
    assert stops - of_the_ladder <= {kind.TYPE for kind in KINDS}
