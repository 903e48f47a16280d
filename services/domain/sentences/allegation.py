"""Sentences of allegations against adults who work with children."""

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
from services.domain.sentences.words import because, on, words


def sentence(event: AllegationEvent) -> str:
    """One sentence, capital to full stop."""
    match event:
        case LadoReferralReceived(concern=concern, role=role):
            received = f"An allegation was received{on(event.received_on)}"
            return f"{received}: {words(concern)} concern, {words(role)}."
        case LadoConsultationGiven():
            return f"The designated officer was consulted{on(event.on)}."
        case LadoThresholdDecided(decision=decision):
            return f"The threshold was decided{on(event.decided_on)}: {words(decision)}."
        case ComplexStrategyMeetingHeld():
            return f"A complex strategy meeting was held{on(event.held_on)}."
        case SubjectSuspended():
            return f"The adult was suspended{on(event.on)}."
        case SubjectReinstated():
            return f"The adult was reinstated{on(event.on)}."
        case SubjectDismissed():
            return f"The adult was dismissed{on(event.on)}."
        case PoliceChargeRecorded():
            return f"The adult was charged{on(event.on)}."
        case RegulatorNotified(regulator=regulator):
            return f"A regulator was notified{on(event.on)}: {regulator}."
        case LadoChallengeMade():
            return f"The designated officer challenged how the allegation is dealt with{on(event.on)}."
        case LadoEscalatedToProvider():
            return f"The concern was taken to the provider's directors{on(event.on)}."
        case LadoOutcomeRecorded(outcome=outcome):
            return f"The outcome was recorded{on(event.on)}: {words(outcome)}."
        case LadoCaseReopened(reason=reason):
            return f"The allegation was reopened{on(event.on)}{because(reason)}."
        case LadoCaseClosed():
            return f"The allegation's case was closed{on(event.on)}."
        case _:
            assert_never(event)
