"""Timers of contacts, referrals, assessments, and of protection at once."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.domain.events.assessment import AssessmentAuthorised, AssessmentStarted
from services.domain.events.contact import ContactReceived, ContactTriaged
from services.domain.events.referral import CaseClosed, ReferralAccepted, ReferralClosedNfa
from services.domain.events.strategy import ProtectiveActionKind, ProtectiveActionTaken
from services.domain.facts import Facts
from services.domain.state.episodes import episodes
from services.domain.state.span import closed_after
from services.domain.timers.run import Run, Source, once


def _decisions(facts: Facts) -> Iterator[Run]:
    for contact in facts.of(ContactReceived):
        contact_id = contact.event.contact_id
        triaged = [each.on for each in facts.of(ContactTriaged) if each.event.contact_id == contact_id]
        referred = [
            each.on for each in facts.of(ReferralAccepted) if each.event.contact_id in {None, contact_id}
        ]
        closed_on = closed_after(facts, contact)
        yield once("D-REFERRAL-DECISION", contact_id, contact.on, triaged + referred, closed_on)


def _assessments(facts: Facts) -> Iterator[Run]:
    """An assessment belongs to the referral that it names, or else to the latest before its start."""
    started = {each.event.assessment_id: each for each in facts.of(AssessmentStarted)}
    authorised: dict[str, list[date]] = {}
    for each in facts.of(AssessmentAuthorised):
        start = started.get(each.event.assessment_id)
        named = start.event.referral_id if start else None
        referral = named or _referral_on(facts, start.on if start else each.on)
        if referral:
            authorised.setdefault(referral, []).append(each.on)
    for episode in episodes(facts).values():
        if episode.first:
            stops = authorised.get(episode.object_id, [])
            yield once("D-ASSESS", episode.object_id, episode.first, stops, episode.over_on)


def _referral_on(facts: Facts, day: date) -> str | None:
    earlier = [each.event.referral_id for each in facts.of(ReferralAccepted) if each.on <= day]
    return earlier[-1] if earlier else None


def _police_protection(facts: Facts) -> Iterator[Run]:
    for action in facts.of(ProtectiveActionTaken):
        if action.event.kind is ProtectiveActionKind.POLICE_PROTECTION:
            yield Run(
                timer="D-POLICE-PROTECTION",
                about=action.event.action_id,
                started_on=action.on,
                started_at=action.at,
                met_at=action.event.to,
            )


_EPISODE: Final = (ReferralAccepted, ReferralClosedNfa, CaseClosed)
SOURCES: Final = (
    Source(_decisions, (ContactReceived, ContactTriaged, ReferralAccepted, CaseClosed)),
    Source(_assessments, (AssessmentStarted, AssessmentAuthorised, *_EPISODE)),
    Source(_police_protection, (ProtectiveActionTaken,)),
)
