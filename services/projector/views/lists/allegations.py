"""Allegations against adults who work with children: where each stands, what was decided and what was found.

An allegation is a case of its own and has no other id.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import ClassVar, get_args

from services.domain.events.allegation import (
    AdultRole,
    AllegationEvent,
    AllegationOutcome,
    ComplexStrategyMeetingHeld,
    Concern,
    Criterion,
    LadoCaseClosed,
    LadoCaseReopened,
    LadoOutcomeRecorded,
    LadoReferralReceived,
    LadoThresholdDecided,
    PoliceChargeRecorded,
    Regulator,
    RegulatorNotified,
    SubjectDismissed,
    SubjectReinstated,
    SubjectSuspended,
    Threshold,
)
from services.domain.facts import Facts
from services.domain.state.allegations import OVER, AllegationState, state
from services.projector.views.lists.listed import Item, List, Told


class Employment(StrEnum):
    """What the employer did last."""

    SUSPENDED = "SUSPENDED"
    REINSTATED = "REINSTATED"
    DISMISSED = "DISMISSED"


class Allegation(Item, frozen=True, kw_only=True):
    """One allegation, from the day on which it was received until it was over.

    `decision` and `outcome` are the latest; `meetings` counts complex strategy meetings.
    """

    ID: ClassVar[str] = "case_id"

    state: AllegationState
    role: AdultRole | None
    concern: Concern | None
    employer_aware_on: date | None
    decision: Threshold | None
    decided_on: date | None
    criteria: tuple[Criterion, ...]
    meetings: int
    employment: Employment | None
    charged_on: date | None
    regulators: list[Regulator]
    outcome: AllegationOutcome | None
    outcome_on: date | None
    reopened_on: date | None


def view(told: Told) -> Iterator[Allegation]:
    """The one allegation of the case, if it is about one."""
    if stands := state(told.facts):
        yield _allegation(told, stands)


def _allegation(told: Told, stands: AllegationState) -> Allegation:
    received = next(iter(told.each(LadoReferralReceived)), None)
    decided, found = told.last(LadoThresholdDecided), told.last(LadoOutcomeRecorded)
    charged, reopened = told.last(PoliceChargeRecorded), told.last(LadoCaseReopened)
    return Allegation(
        case_id=told.case_id,
        state=stands,
        began_on=received.on if received else None,
        over_on=_ended_on(told) if stands in OVER else None,
        role=received.event.role if received else None,
        concern=received.event.concern if received else None,
        employer_aware_on=received.event.employer_aware_on if received else None,
        decision=decided.event.decision if decided else None,
        decided_on=decided.on if decided else None,
        criteria=decided.event.criteria if decided else (),
        meetings=len(told.each(ComplexStrategyMeetingHeld)),
        employment=_employment(told.facts),
        charged_on=charged.on if charged else None,
        regulators=sorted({each.event.regulator for each in told.each(RegulatorNotified)}),
        outcome=found.event.outcome if found else None,
        outcome_on=found.on if found else None,
        reopened_on=reopened.on if reopened else None,
    )


def _ended_on(told: Told) -> date | None:
    ends = [each.on for each in told.each(LadoThresholdDecided)]
    return max([*ends, *(each.on for each in told.each(LadoCaseClosed))], default=None)


def _employment(facts: Facts) -> Employment | None:
    steps = [(*each.moment, Employment.SUSPENDED) for each in facts.of(SubjectSuspended)]
    steps += [(*each.moment, Employment.REINSTATED) for each in facts.of(SubjectReinstated)]
    steps += [(*each.moment, Employment.DISMISSED) for each in facts.of(SubjectDismissed)]
    return max(steps)[-1] if steps else None


LIST = List("allegations", Allegation, AllegationState, get_args(AllegationEvent), view)
