"""The front door: contacts and their triage, with a referral or without one."""

from datetime import date
from typing import Final

from services.cli.year.days import at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.people import DUTY, DUTY_MANAGER, Child, Nursery
from services.domain.events.contact import (
    ContactChannel,
    ContactReceived,
    ContactTriaged,
    SourceCode,
    TriageOutcome,
)
from services.domain.events.early_help import EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted
from services.domain.events.referral import (
    AllocationReason,
    CaseAllocated,
    LegalBasis,
    PrimaryNeed,
    ReferralAccepted,
)

SOURCES: Final = {
    SourceCode.SCHOOLS: ContactChannel.MULTI_AGENCY_FORM,
    SourceCode.POLICE: ContactChannel.EMAIL,
    SourceCode.HEALTH_VISITOR: ContactChannel.MULTI_AGENCY_FORM,
    SourceCode.GP: ContactChannel.MULTI_AGENCY_FORM,
    SourceCode.INDIVIDUAL_FAMILY: ContactChannel.PHONE,
    SourceCode.INDIVIDUAL_ACQUAINTANCE: ContactChannel.WEB_FORM,
    SourceCode.LA_EARLY_HELP: ContactChannel.EMAIL,
    SourceCode.ANONYMOUS: ContactChannel.PHONE,
    SourceCode.A_AND_E: ContactChannel.OUT_OF_HOURS,
}
CONCERNS: Final = (
    "NEGLECT",
    "DOMESTIC_ABUSE",
    "PHYSICAL_ABUSE",
    "PARENTAL_MENTAL_HEALTH",
    "SUBSTANCE_MISUSE",
)
_OUTCOMES: Final = {TriageOutcome.NFA: 210, TriageOutcome.ADVICE: 160, TriageOutcome.EARLY_HELP: 50}


def contacts(diary: Diary, nursery: Nursery) -> None:
    """Every contact of the year that did not become a referral; some of them led to early help."""
    dice = Dice(diary.seed, "contacts")
    for outcome in dice.deal(_OUTCOMES):
        on = working(month(dice.below(1_180) / 100 + 0.1))
        child = nursery.child(on)
        contact(diary, dice, child, on, outcome)
        if outcome is TriageOutcome.EARLY_HELP and dice.chance(50):
            _early_help(diary, dice, child, later(on, dice.between(3, 12)))


def referral(  # noqa: PLR0913 -- what may be given instead of left to chance
    diary: Diary,
    dice: Dice,
    child: Child,
    on: date,
    *,
    need: PrimaryNeed = PrimaryNeed.ABUSE_OR_NEGLECT,
    basis: LegalBasis = LegalBasis.S17,
    nth: int = 1,
) -> date:
    """A contact on a day becomes a referral and gets a worker; gives the referral's day."""
    decided = contact(diary, dice, child, on, TriageOutcome.REFERRAL, nth)
    accepted = ReferralAccepted(
        referral_id=child.object_id("referral", nth),
        contact_id=child.object_id("contact", nth),
        source_code=dice.pick(tuple(SOURCES)),
        primary_need=need,
        legal_basis=basis,
    )
    diary.note(child.case, accepted, at(decided, 16, 10), DUTY_MANAGER)
    allocated = CaseAllocated(
        worker=child.worker.actor, team=child.team, reason=AllocationReason.FIRST_CONTACT
    )
    diary.note(child.case, allocated, at(decided, 16, 30), child.manager)
    return decided


def contact(  # noqa: PLR0913, PLR0917 -- who tells whom of whom, and when
    diary: Diary, dice: Dice, child: Child, on: date, outcome: TriageOutcome, nth: int = 1
) -> date:
    """A contact and what was decided on it; gives the day of the decision, mostly the same or the next."""
    worker, source = dice.pick(DUTY), dice.pick(tuple(SOURCES))
    if nth == 1:
        diary.note(child.case, child.details(), at(on, 9, dice.below(30)), worker)
    received = ContactReceived(
        contact_id=child.object_id("contact", nth),
        channel=SOURCES[source],
        source_code=source,
        anonymous=source is SourceCode.ANONYMOUS,
        referrer=None if source is SourceCode.ANONYMOUS else "Invented Referrer",
        concern_categories=(dice.pick(CONCERNS),),
        immediate_danger=False,
        summary="An invented concern.",
    )
    diary.note(child.case, received, at(on, 9 + dice.below(5), 30 + dice.below(30)), worker)
    hours = dice.below(100)
    decided = on if hours < 62 else later(on, 1) if hours < 95 else later(on, dice.between(2, 4))  # noqa: PLR2004
    triaged = ContactTriaged(
        contact_id=child.object_id("contact", nth),
        outcome=outcome,
        threshold_level="LEVEL_4" if outcome is TriageOutcome.REFERRAL else f"LEVEL_{dice.between(1, 3)}",
        decided_by=DUTY_MANAGER.actor,
    )
    diary.note(child.case, triaged, at(decided, 16), worker)
    return decided


def _early_help(diary: Diary, dice: Dice, child: Child, on: date) -> None:
    organisation = dice.pick(("SCHOOL", "HEALTH_VISITING", "EARLY_YEARS"))
    worker = dice.pick(DUTY)
    assessment = child.object_id("early-help")
    started = EarlyHelpAssessmentStarted(assessment_id=assessment, organisation=organisation)
    diary.note(child.case, started, at(on, 11), worker)
    completed = EarlyHelpAssessmentCompleted(assessment_id=assessment, organisation=organisation)
    diary.note(child.case, completed, at(later(on, dice.between(15, 35)), 11), worker)
