"""Section 47 enquiries: each from its start until it is completed, and those only decided on so far."""

from datetime import date
from enum import StrEnum

from services.domain.events.conference import ConferenceHeld
from services.domain.events.enquiry import Section47Completed, Section47Started
from services.domain.events.strategy import StrategyDecision, StrategyHeld
from services.domain.facts import Fact, Facts
from services.domain.state.conferences import is_initial
from services.domain.state.span import Span, between, closed_after, stage


class EnquiryState(StrEnum):
    """Where a section 47 enquiry stands."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CLOSED_WITH_CASE = "CLOSED_WITH_CASE"


def enquiries(facts: Facts) -> dict[str, Span]:
    """Every enquiry by its id."""
    return between(facts, Section47Started, Section47Completed, in_the_case=True)


def state_of_enquiry(enquiry: Span) -> EnquiryState:
    """Where an enquiry stands."""
    going, done, left = EnquiryState
    return stage(enquiry, going, done, left)


def decided_on(facts: Facts) -> list[Fact[StrategyHeld]]:
    """The strategy discussions that decided on an enquiry."""
    return [each for each in facts.of(StrategyHeld) if each.event.decision is not StrategyDecision.NO_S47]


def are_called_for(facts: Facts) -> bool:
    """Whether an enquiry is under way, or was decided on and nothing has come of it yet."""
    if any(span.is_open for span in enquiries(facts).values()):
        return True
    done = _completions(facts)
    return any(
        closed_after(facts, each) is None and all(day < each.on for day in done) for each in decided_on(facts)
    )


def _completions(facts: Facts) -> list[date]:
    """The days on which an enquiry came to its end, or to the conference that it was for."""
    held = [each.on for each in facts.of(ConferenceHeld) if is_initial(facts, each)]
    return [each.on for each in facts.of(Section47Completed)] + held
