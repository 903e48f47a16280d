"""Case status: the one that takes precedence among all that the facts call for (Ofsted's Annex A, list 6)."""

from collections.abc import Iterator
from enum import StrEnum

from services.domain.events.contact import ContactReceived
from services.domain.events.plan import PlanKind
from services.domain.facts import Facts
from services.domain.state import allegations, enquiries
from services.domain.state.assessments import assessments
from services.domain.state.care import periods
from services.domain.state.episodes import closings, episodes
from services.domain.state.plans import plans


class CaseStatus(StrEnum):
    """Where a case stands; a later one in this list takes precedence. An allegation is a case of its own."""

    UNKNOWN = "UNKNOWN"
    CONTACT_ONLY = "CONTACT_ONLY"
    CLOSED = "CLOSED"
    REFERRED = "REFERRED"
    ASSESSING = "ASSESSING"
    S47_ENQUIRY = "S47_ENQUIRY"
    CIN_PLAN = "CIN_PLAN"
    CP_PLAN = "CP_PLAN"
    LOOKED_AFTER = "LOOKED_AFTER"
    ALLEGATION = "ALLEGATION"


_ORDER = {status: place for place, status in enumerate(CaseStatus)}


def status(facts: Facts) -> CaseStatus:
    """Where the case stands once everything in it is known that will ever be: no clock is asked."""
    return max(_called_for(facts), key=_ORDER.__getitem__, default=CaseStatus.UNKNOWN)


def _called_for(facts: Facts) -> Iterator[CaseStatus]:
    if state := allegations.state(facts):
        yield CaseStatus.CLOSED if state in allegations.OVER else CaseStatus.ALLEGATION
    if facts.has(ContactReceived):
        yield CaseStatus.CONTACT_ONLY
    referrals = episodes(facts).values()
    if closings(facts) or any(span.last for span in referrals):
        yield CaseStatus.CLOSED  # until something begins after it: a contact alone does not
    open_now = {
        CaseStatus.REFERRED: referrals,
        CaseStatus.ASSESSING: assessments(facts).values(),
        CaseStatus.CIN_PLAN: plans(facts, PlanKind.CIN).values(),
        CaseStatus.CP_PLAN: plans(facts, PlanKind.CP).values(),
        CaseStatus.LOOKED_AFTER: periods(facts).values(),
    }
    yield from (each for each, spans in open_now.items() if any(span.is_open for span in spans))
    if enquiries.are_called_for(facts):
        yield CaseStatus.S47_ENQUIRY
