"""Assessments: each from its start until it is authorised."""

from enum import StrEnum

from services.domain.events.assessment import AssessmentAuthorised, AssessmentStarted
from services.domain.facts import Facts
from services.domain.state.span import Span, between, stage


class AssessmentState(StrEnum):
    """Where an assessment stands. It is complete once a manager has authorised it."""

    IN_PROGRESS = "IN_PROGRESS"
    AUTHORISED = "AUTHORISED"
    CLOSED_WITH_CASE = "CLOSED_WITH_CASE"


def assessments(facts: Facts) -> dict[str, Span]:
    """Every assessment by its id."""
    return between(facts, AssessmentStarted, AssessmentAuthorised, in_the_case=True)


def state_of_assessment(assessment: Span) -> AssessmentState:
    """Where an assessment stands."""
    going, done, left = AssessmentState
    return stage(assessment, going, done, left)
