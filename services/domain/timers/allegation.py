"""Timers of allegations against adults who work with children."""

from collections.abc import Iterator
from typing import Final

from services.domain.events.allegation import (
    ComplexStrategyMeetingHeld,
    LadoCaseClosed,
    LadoOutcomeRecorded,
    LadoReferralReceived,
    LadoThresholdDecided,
    Threshold,
)
from services.domain.facts import Facts
from services.domain.timers.run import Run, Source, once

ALLEGATION = "allegation"  # a case is about one, which has no id of its own


def _runs(facts: Facts) -> Iterator[Run]:
    """By the referral that was received first."""
    decided = facts.of(LadoThresholdDecided)
    meetings = [each.on for each in facts.of(ComplexStrategyMeetingHeld)]
    closed_on = min((each.on for each in facts.of(LadoCaseClosed)), default=None)
    concluded = [each.on for each in facts.of(LadoOutcomeRecorded)]
    concluded += [each.on for each in decided if each.event.decision is not Threshold.INTERNAL_ENQUIRY_CSM]
    for received in facts.of(LadoReferralReceived)[:1]:
        if aware_on := received.event.employer_aware_on:
            yield Run(timer="D-LADO-REFER", about=ALLEGATION, started_on=aware_on, met_on=received.on)
        days = [each.on for each in decided]
        yield once("D-LADO-DECIDE", ALLEGATION, received.on, days, closed_on)
        yield once("D-LADO-CONCLUDE", ALLEGATION, received.on, concluded, closed_on)
    for each in decided:
        if each.event.decision is Threshold.INTERNAL_ENQUIRY_CSM:
            yield once("D-LADO-CSM", ALLEGATION, each.on, meetings, closed_on)


SOURCES: Final = (
    Source(
        _runs,
        (
            LadoReferralReceived,
            LadoThresholdDecided,
            ComplexStrategyMeetingHeld,
            LadoOutcomeRecorded,
            LadoCaseClosed,
        ),
    ),
)
