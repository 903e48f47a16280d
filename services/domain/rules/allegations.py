"""Rules of allegations: each in a case of its own, and nothing is decided before it was received."""

from typing import assert_never

from services.domain.events.allegation import (
    AllegationEvent,
    ComplexStrategyMeetingHeld,
    LadoCaseClosed,
    LadoCaseReopened,
    LadoChallengeMade,
    LadoConsultationGiven,
    LadoEscalatedToProvider,
    LadoOutcomeRecorded,
    LadoReferralReceived,
    LadoThresholdDecided,
    PoliceChargeRecorded,
    RegulatorNotified,
    SubjectDismissed,
    SubjectReinstated,
    SubjectSuspended,
)
from services.domain.rules.rule import Contradiction, Rules, Telling, recorded_again


def rules(event: AllegationEvent) -> Rules:
    """What is asked of an event of this family."""
    match event:
        case LadoReferralReceived():
            return Rules((nothing_is_decided_before_it_is_received,), (recorded_again,))
        case LadoThresholdDecided() | LadoOutcomeRecorded() | LadoCaseClosed():
            return Rules((nothing_is_decided_before_it_is_received,), (recorded_again, not_received))
        case SubjectReinstated():
            return Rules(flags=(recorded_again, not_received, not_consulted))
        case LadoConsultationGiven():
            return Rules(flags=(recorded_again,))
        case (
            ComplexStrategyMeetingHeld()
            | SubjectSuspended()
            | SubjectDismissed()
            | PoliceChargeRecorded()
            | RegulatorNotified()
            | LadoChallengeMade()
            | LadoEscalatedToProvider()
            | LadoCaseReopened()
        ):
            return Rules(flags=(recorded_again, not_received))
        case _:
            assert_never(event)


def nothing_is_decided_before_it_is_received(telling: Telling) -> Contradiction | None:
    """An allegation is not decided on, concluded or closed before the referral that was received first."""
    received = telling.after.of(LadoReferralReceived)
    for kind in (LadoThresholdDecided, LadoOutcomeRecorded, LadoCaseClosed):
        if received and (found := telling.after.of(kind)) and found[0].on < received[0].on:
            return Contradiction(f"{kind.TYPE} on {found[0].on}, received on {received[0].on}.")
    return None


def not_received(telling: Telling) -> bool:
    """No referral to the designated officer has been recorded (yet)."""
    return not telling.before.has(LadoReferralReceived)


def not_consulted(telling: Telling) -> bool:
    """The adult was taken back without asking the police or the officer, as in a case of 2017-18."""
    event = telling.new.event
    return event.consulted_police is False or event.consulted_lado is False
