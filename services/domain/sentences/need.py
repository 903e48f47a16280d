"""Sentences of contacts, early help, referrals, assessments, the child, quality and the chronology."""

from typing import Final, assert_never

from services.domain.events import NeedEvent
from services.domain.events.assessment import (
    AssessmentAuthorised,
    AssessmentConsentRefused,
    AssessmentExtended,
    AssessmentOutcome,
    AssessmentStarted,
    ChildSeen,
    NextStep,
)
from services.domain.events.child import ChildDetailsCorrected, ChildDetailsRecorded, ChildDied
from services.domain.events.chronology import ChronologyEntryAdded, ChronologyEntryRemoved
from services.domain.events.contact import ContactReceived, ContactTriaged, TriageOutcome
from services.domain.events.early_help import EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted
from services.domain.events.quality import (
    CaseAuditCompleted,
    ComplaintReceived,
    ComplaintResolved,
    Panel,
    PanelConsidered,
)
from services.domain.events.referral import (
    CaseAllocated,
    CaseClosed,
    CaseReallocated,
    ClosureReason,
    ReferralAccepted,
    ReferralClosedNfa,
)
from services.domain.sentences.words import because, on, words

_TRIAGED: Final = {
    TriageOutcome.NFA: "no further action",
    TriageOutcome.ADVICE: "advice",
    TriageOutcome.EARLY_HELP: "early help",
    TriageOutcome.REFERRAL: "a referral",
}
_FOUND: Final = {
    AssessmentOutcome.NOT_IN_NEED: "that the child is not in need",
    AssessmentOutcome.CIN: "a child in need",
    AssessmentOutcome.SIGNIFICANT_HARM: "that significant harm is to be looked into",
    AssessmentOutcome.EARLY_HELP: "that early help is enough",
}
_NEXT: Final = {
    NextStep.CP_PROCESS: "the child protection process is considered",
    NextStep.VOLUNTARY_OFFER: "help is offered",
    NextStep.CLOSE: "the matter is closed",
}


def sentence(event: NeedEvent) -> str:
    """One sentence, capital to full stop."""
    match event:
        case ContactReceived(channel=channel):
            return f"A contact was received{f' by {words(channel)}' if channel else ''}."
        case ContactTriaged(outcome=outcome):
            return f"The contact was triaged{on(event.triaged_on)}: {_TRIAGED[outcome]}."
        case ReferralAccepted():
            return f"A referral was accepted{on(event.referral_date)}: an episode of need began."
        case ReferralClosedNfa():
            return f"A referral was closed{on(event.closed_on)} with no further action."
        case CaseAllocated(worker=worker):
            return f"The case was allocated to {worker}{on(event.on)}{_team(event)}."
        case CaseReallocated(worker=worker):
            return f"The case was reallocated to {worker}{on(event.on)}{_team(event)}."
        case CaseClosed(reason=reason):
            return f"The case was closed{on(event.closed_on)}: {words(ClosureReason(reason).name)}."
        case AssessmentStarted():
            return f"An assessment was begun{on(event.start_date)}."
        case AssessmentConsentRefused(next_step=step):
            return f"Consent to an assessment was refused{on(event.on)}; {_NEXT[step]}."
        case AssessmentExtended(reason=reason):
            return f"An assessment was given more time{because(reason)}."
        case AssessmentAuthorised(outcome=outcome):
            return f"An assessment was authorised{on(event.authorised_on)} and found {_FOUND[outcome]}."
        case ChildSeen(seen_alone=alone):
            return f"The child was seen{' alone' if alone else ''}{on(event.seen_on)}."
        case EarlyHelpAssessmentStarted():
            return f"An early help assessment was begun{on(event.on)}."
        case EarlyHelpAssessmentCompleted():
            return f"An early help assessment was completed{on(event.on)}."
        case ChildDetailsRecorded():
            return "Details of the child were recorded."
        case ChildDetailsCorrected():
            return "Details of the child were corrected."
        case ChildDied():
            return f"The child died{on(event.died_on)}."
        case ChronologyEntryAdded(heading=heading):
            return f"An entry was put into the chronology{on(event.on)}: {words(heading)}."
        case ChronologyEntryRemoved(reason=reason):
            return f"An entry was taken out of the chronology{because(reason)}."
        case ComplaintReceived():
            return f"A complaint was received{on(event.on)}."
        case ComplaintResolved():
            return f"A complaint was resolved{on(event.on)}."
        case CaseAuditCompleted():
            return f"The case was audited{on(event.on)}."
        case PanelConsidered(panel=panel):
            which = "The ARC and CLA panel" if panel is Panel.ARC_CLA else "A panel"
            return f"{which} considered the case{on(event.on)}."
        case _:
            assert_never(event)


def _team(event: CaseAllocated | CaseReallocated) -> str:
    return f", {words(event.team)}" if event.team else ""
