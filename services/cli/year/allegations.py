"""Allegations against adults who work with children: 43, by role, concern and outcome as the report has them.

Ten are about workers of one residential school, three about one nursery, of which one came through Ofsted:
a `correlationid` ties them. Two were complex and lengthy. Once an adult was taken back without asking.
"""

from datetime import date
from typing import Final

from msgspec import Struct

from services.cli.year.days import at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.figures import CONCERNS, OUTCOMES, ROLES, THRESHOLDS
from services.cli.year.people import LADO
from services.domain.events.allegation import (
    AdultRole,
    AllegationOutcome,
    ComplexStrategyMeetingHeld,
    Concern,
    Criterion,
    LadoCaseClosed,
    LadoChallengeMade,
    LadoConsultationGiven,
    LadoEscalatedToProvider,
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
from services.domain.events.shape import Event

ONE_SCHOOL: Final = 10
ONE_NURSERY: Final = {AdultRole.EDUCATION_NURSERY: 2, AdultRole.OFSTED: 1}
LENGTHY: Final = 2
"""How many enquiries took several meetings."""


class Allegation(Struct, frozen=True, kw_only=True):
    """One adult's case."""

    case: str
    role: AdultRole
    concern: Concern
    threshold: Threshold
    received: date
    together: str | None
    """The place that it shares with other allegations."""


class _Desk:
    """Writes down what the designated officer is told and does about one allegation."""

    def __init__(self, diary: Diary, allegation: Allegation) -> None:
        self._diary = diary
        self._allegation = allegation

    def note(self, event: Event, on: date, hour: int) -> None:
        """One event of it."""
        allegation = self._allegation
        self._diary.note(allegation.case, event, at(on, hour), LADO, together=allegation.together)


def allegations(diary: Diary) -> None:
    """Write down all of them."""
    dice = Dice(diary.seed, "allegations")
    outcomes = dice.deal(OUTCOMES)
    for allegation in _allegations(diary.seed, dice):
        desk = _Desk(diary, allegation)
        decided = later(allegation.received, 0 if dice.chance(70) else dice.between(1, 2))
        _receive(desk, dice, allegation, decided)
        if allegation.threshold is Threshold.ADVICE:
            desk.note(LadoConsultationGiven(advice="Invented advice."), decided, 16)
        if allegation.threshold is Threshold.INTERNAL_ENQUIRY_CSM:
            outcome = outcomes.pop()
            _enquire(desk, dice, decided, outcome, len(outcomes))


def _allegations(seed: int, dice: Dice) -> list[Allegation]:
    dealt = zip(dice.deal(ROLES), dice.deal(CONCERNS), dice.deal(THRESHOLDS), strict=True)
    left = {AdultRole.RESIDENTIAL_CARE_CHILDREN: ONE_SCHOOL, **ONE_NURSERY}
    found = []
    for number, (role, concern, threshold) in enumerate(dealt, 1):
        left[role] = left.get(role, 0) - 1
        place = "residential-school" if role is AdultRole.RESIDENTIAL_CARE_CHILDREN else "nursery"
        enquiry = threshold is Threshold.INTERNAL_ENQUIRY_CSM
        allegation = Allegation(
            case=f"adult-{seed}-{number:03d}",
            role=role,
            concern=concern,
            threshold=threshold,
            received=working(month(dice.below(820 if enquiry else 1_160) / 100 + 0.1)),
            together=f"{place}-{seed}" if left[role] >= 0 else None,
        )
        found.append(allegation)
    return found


def _receive(desk: _Desk, dice: Dice, allegation: Allegation, decided: date) -> None:
    aware = allegation.received if dice.chance(75) else later(allegation.received, -dice.between(1, 4))
    received = LadoReferralReceived(
        role=allegation.role,
        concern=allegation.concern,
        referrer="Invented Referrer",
        employer_aware_on=aware,
    )
    desk.note(received, allegation.received, 10)
    harm = (Criterion.HARMED_CHILD,) if allegation.threshold is not Threshold.LOGGED_CLOSED else ()
    desk.note(LadoThresholdDecided(decision=allegation.threshold, criteria=harm), decided, 15)


def _enquire(desk: _Desk, dice: Dice, decided: date, outcome: AllegationOutcome, left: int) -> None:
    """Meetings, suspension, regulators, and what was found."""
    meetings = 3 if left < LENGTHY else 1
    day = decided
    for nth in range(1, meetings + 1):
        day = later(day, dice.between(2, 6) if nth == 1 else dice.between(15, 30))
        attendees = ("POLICE", "SOCIAL_CARE", "EMPLOYER", "HUMAN_RESOURCES")
        desk.note(ComplexStrategyMeetingHeld(n=nth, attendees=attendees), day, 11)
    desk.note(SubjectSuspended(), later(decided, 1), 9)
    found = later(day, dice.between(6, 25))
    if left < LENGTHY:
        desk.note(LadoChallengeMade(by=LADO.actor, text="Invented challenge."), later(day, 1), 10)
        desk.note(LadoEscalatedToProvider(text="Invented concern."), later(day, 3), 10)
    if outcome is AllegationOutcome.SUBSTANTIATED:
        if left < LENGTHY:
            desk.note(PoliceChargeRecorded(charge="An invented charge."), later(day, 5), 12)
        desk.note(SubjectDismissed(), later(found, 1), 9)
        desk.note(RegulatorNotified(regulator=Regulator.DBS), later(found, 3), 14)
    else:
        asked = outcome is not AllegationOutcome.UNSUBSTANTIATED
        desk.note(SubjectReinstated(consulted_police=asked, consulted_lado=asked), later(found, 1), 9)
    desk.note(RegulatorNotified(regulator=Regulator.OFSTED), later(decided, 2), 14)
    desk.note(LadoOutcomeRecorded(outcome=outcome), found, 15)
    desk.note(LadoCaseClosed(), later(found, 4), 16)
