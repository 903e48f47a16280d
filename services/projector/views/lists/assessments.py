"""Assessments: whether each is authorised, what it found, and whether the family agreed to it."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from services.domain.events.assessment import (
    AssessmentAuthorised,
    AssessmentConsentRefused,
    AssessmentExtended,
    AssessmentOutcome,
    AssessmentStarted,
    Consent,
    NextStep,
)
from services.domain.state.assessments import AssessmentState, assessments, state_of_assessment
from services.projector.views.lists.listed import Item, List, Told


class Assessment(Item, frozen=True, kw_only=True):
    """One assessment, from its start until it was authorised.

    `extended_to` is the day by which it was last meant to be done; its limit stays what it was.
    """

    ID: ClassVar[str] = "assessment_id"

    assessment_id: str
    state: AssessmentState
    referral_id: str | None
    consent: Consent | None
    next_step: NextStep | None
    extended: int
    extended_to: date | None
    outcome: AssessmentOutcome | None
    factors: tuple[str, ...]


def view(told: Told) -> Iterator[Assessment]:
    """Every assessment, also one of which only the end is known."""
    for assessment_id, span in assessments(told.facts).items():
        began = told.one(AssessmentStarted, assessment_id)
        done = told.one(AssessmentAuthorised, assessment_id)
        refused = told.last(AssessmentConsentRefused, assessment_id=assessment_id)
        extended = told.each(AssessmentExtended, assessment_id=assessment_id)
        yield Assessment(
            case_id=told.case_id,
            assessment_id=assessment_id,
            state=state_of_assessment(span),
            began_on=span.first,
            over_on=span.over_on,
            referral_id=began.referral_id if began else None,
            consent=Consent.REFUSED if refused else began.consent if began else None,
            next_step=refused.event.next_step if refused else None,
            extended=len(extended),
            extended_to=extended[-1].event.new_target if extended else None,
            outcome=done.outcome if done else None,
            factors=done.factors if done else (),
        )


LIST = List("assessments", Assessment, AssessmentState, (AssessmentStarted, AssessmentAuthorised), view)
