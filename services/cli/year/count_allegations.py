"""Count what report 205 prints of allegations against adults."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.cli.year import figures
from services.cli.year.counting import Figure, figure, of, sorted_like
from services.domain.case import Case
from services.domain.events.allegation import LadoOutcomeRecorded, LadoReferralReceived, LadoThresholdDecided

REPORT: Final = "205"


def count(cases: Sequence[Case]) -> list[Figure]:
    """Every figure of the report that the ledger can tell."""
    received = [each.event for _, each in of(cases, LadoReferralReceived)]
    roles = Counter(each.role for each in received)
    concerns = Counter(each.concern for each in received)
    thresholds = Counter(each.event.decision for _, each in of(cases, LadoThresholdDecided))
    outcomes = Counter(each.event.outcome for _, each in of(cases, LadoOutcomeRecorded))
    return [
        figure(REPORT, "allegations", len(received), sum(figures.ROLES.values())),
        figure(REPORT, "by role", sorted_like(roles, figures.ROLES), figures.ROLES),
        figure(REPORT, "by concern", sorted_like(concerns, figures.CONCERNS), figures.CONCERNS),
        figure(REPORT, "what was decided", sorted_like(thresholds, figures.THRESHOLDS), figures.THRESHOLDS),
        figure(REPORT, "what was found", sorted_like(outcomes, figures.OUTCOMES), figures.OUTCOMES),
    ]
