"""Episodes of need: each from a referral until it is closed, with no further action or with its case."""

from datetime import date

from services.domain.events.referral import CaseClosed, ReferralAccepted, ReferralClosedNfa
from services.domain.facts import Facts
from services.domain.state.span import Span, between


def closings(facts: Facts) -> list[date]:
    """The days on which the case was closed, in order."""
    return [each.on for each in facts.of(CaseClosed)]


def episodes(facts: Facts) -> dict[str, Span]:
    """Every episode by its referral's id."""
    return between(facts, ReferralAccepted, ReferralClosedNfa, in_the_case=True)
