"""Everything that the annual reports print and a ledger can tell, counted."""

from collections.abc import Sequence

from services.cli.year import count_allegations, count_protection, count_reviewing
from services.cli.year.counting import Figure
from services.domain.case import Case


def reckon(cases: Sequence[Case]) -> list[Figure]:
    """Every figure of the reports on child protection, reviewing and allegations, in that order."""
    return [
        *count_protection.count(cases),
        *count_reviewing.count(cases),
        *count_allegations.count(cases),
    ]
