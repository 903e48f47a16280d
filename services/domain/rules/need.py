"""Rules of contacts, referrals, assessments, chronologies: one episode at a time, and nothing before it."""

from itertools import chain
from typing import assert_never

from services.domain.events import NeedEvent
from services.domain.events.assessment import (
    AssessmentAuthorised,
    AssessmentConsentRefused,
    AssessmentExtended,
    AssessmentOutcome,
    AssessmentStarted,
    ChildSeen,
)
from services.domain.events.child import ChildDetailsCorrected, ChildDetailsRecorded, ChildDied
from services.domain.events.chronology import ChronologyEntryAdded, ChronologyEntryRemoved
from services.domain.events.contact import ContactReceived, ContactTriaged
from services.domain.events.early_help import EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted
from services.domain.events.enquiry import Section47Started
from services.domain.events.quality import (
    CaseAuditCompleted,
    ComplaintReceived,
    ComplaintResolved,
    PanelConsidered,
)
from services.domain.events.referral import (
    CaseAllocated,
    CaseClosed,
    CaseReallocated,
    ReferralAccepted,
    ReferralClosedNfa,
)
from services.domain.rules.births import birth_month_is_that_of_the_date, told_after_birth
from services.domain.rules.lives import (
    ends_before_it_begins,
    no_action_means_none,
    no_referral_open,
    others_open,
    overlap,
    work,
    work_outlives_its_case,
)
from services.domain.rules.rule import Contradiction, Rules, Telling, recorded_again
from services.domain.state.assessments import assessments
from services.domain.state.care import periods
from services.domain.state.episodes import episodes

NO_FACTORS = "21"


def rules(event: NeedEvent) -> Rules:
    """What is asked of an event of this family."""
    match event:
        case ContactReceived():
            return Rules(flags=(recorded_again,))
        case ContactTriaged():
            return Rules(flags=(recorded_again, start_unknown))
        case ReferralAccepted():
            return Rules(
                (one_episode_at_a_time, no_action_means_none, ends_before_it_begins, before_its_referral),
                (recorded_again, another_open),
            )
        case ReferralClosedNfa():
            return Rules(
                (one_episode_at_a_time, no_action_means_none, ends_before_it_begins),
                (recorded_again, start_unknown),
            )
        case CaseClosed():
            return Rules((work_outlives_its_case,), (recorded_again, no_referral_open, work_open))
        case CaseAllocated() | CaseReallocated() | ChildSeen():
            return Rules(flags=(recorded_again, no_referral_open))
        case AssessmentStarted():
            return Rules(
                (
                    one_assessment_at_a_time,
                    no_action_means_none,
                    ends_before_it_begins,
                    before_its_referral,
                    work_outlives_its_case,
                ),
                (recorded_again, no_referral_open, another_open),
            )
        case AssessmentAuthorised():
            return Rules(
                (
                    none_excludes_other_factors,
                    one_assessment_at_a_time,
                    ends_before_it_begins,
                    work_outlives_its_case,
                ),
                (recorded_again, start_unknown, factors_missing),
            )
        case AssessmentExtended() | ChronologyEntryRemoved():
            return Rules(flags=(recorded_again, start_unknown))
        case ComplaintResolved() | EarlyHelpAssessmentCompleted():
            return Rules((ends_before_it_begins,), (recorded_again, start_unknown))
        case ComplaintReceived() | EarlyHelpAssessmentStarted():
            return Rules((ends_before_it_begins,), (recorded_again,))
        case (
            AssessmentConsentRefused()
            | CaseAuditCompleted()
            | PanelConsidered()
            | ChronologyEntryAdded()
            | ChildDied()
        ):
            return Rules(flags=(recorded_again,))
        case ChildDetailsRecorded() | ChildDetailsCorrected():
            return Rules((told_after_birth, birth_month_is_that_of_the_date))
        case _:
            assert_never(event)


def one_episode_at_a_time(telling: Telling) -> Contradiction | None:
    """CIN 8815, 8820: a referral is not accepted while another one is open that is closed later."""
    return overlap(episodes(telling.after).values())


def one_assessment_at_a_time(telling: Telling) -> Contradiction | None:
    """CIN 8896, 8863Q: an assessment does not begin while another one goes on that is authorised later."""
    return overlap(assessments(telling.after).values())


def before_its_referral(telling: Telling) -> Contradiction | None:
    """CIN 1103, 2889: no assessment and no enquiry begins before the referral that it names."""
    facts = telling.after
    begun = [(each.event.referral_id, each.on) for each in facts.of(AssessmentStarted)]
    begun += [(each.event.referral_id, each.on) for each in facts.of(Section47Started)]
    for named, on in begun:
        referral = facts.about(ReferralAccepted, named) if named else None
        if referral and on < referral.on:
            return Contradiction(f"It began on {on}, `{named}` on {referral.on}.")
    return None


def none_excludes_other_factors(telling: Telling) -> Contradiction | None:
    """CIN 8869: factor 21, that there is none, stands alone."""
    factors = telling.new.event.factors
    if NO_FACTORS in factors and len(set(factors)) > 1:
        return Contradiction("Factor 21 says that there is none.", "factors")
    return None


def factors_missing(telling: Telling) -> bool:
    """CIN 8897Q: a completed assessment that found need names the factors of it."""
    event = telling.new.event
    return event.outcome is not AssessmentOutcome.NOT_IN_NEED and not event.factors


def start_unknown(telling: Telling) -> bool:
    """What this ends, or goes on with, has not been recorded (yet)."""
    before = telling.before
    match telling.new.event:
        case ContactTriaged(contact_id=contact_id):
            return before.about(ContactReceived, contact_id) is None
        case ReferralClosedNfa(referral_id=referral_id):
            return before.about(ReferralAccepted, referral_id) is None
        case EarlyHelpAssessmentCompleted(assessment_id=assessment_id):
            return before.about(EarlyHelpAssessmentStarted, assessment_id) is None
        case ChronologyEntryRemoved(entry_id=entry_id):
            return before.about(ChronologyEntryAdded, entry_id) is None
        case ComplaintResolved(complaint_id=complaint_id):
            return before.about(ComplaintReceived, complaint_id) is None
        case (
            AssessmentAuthorised(assessment_id=assessment_id)
            | AssessmentExtended(assessment_id=assessment_id)
        ):
            return before.about(AssessmentStarted, assessment_id) is None
        case _:
            return False


def another_open(telling: Telling) -> bool:
    """Another of its kind had begun by then and is not known to be over: its end may yet be recorded."""
    kind = assessments if isinstance(telling.new.event, AssessmentStarted) else episodes
    return others_open(kind(telling.before).values(), telling)


def work_open(telling: Telling) -> bool:
    """CIN 8867, 8868: something in the case is not known to be over on the day on which it is closed."""
    spans = chain(work(telling.before), periods(telling.before).values())
    return any(span.is_open and span.holds_on(telling.new.on) for span in spans)
