"""Assessments: each from its start until it is authorised."""

from services.domain.events.assessment import AssessmentAuthorised, AssessmentStarted
from services.domain.facts import Facts
from services.domain.state.span import Span, between


def assessments(facts: Facts) -> dict[str, Span]:
    """Every assessment by its id."""
    return between(facts, AssessmentStarted, AssessmentAuthorised, in_the_case=True)
