"""What every view asks of a history: which of its events stand."""

from collections.abc import Iterator, Sequence

from services.domain.case import voided
from services.domain.event import Recorded
from services.domain.events.correction import EventVoided

History = Sequence[Recorded]
"""One case's events in the order of their positions; never empty when a view is asked."""


def standing(history: History) -> Iterator[Recorded]:
    """The facts: every event that is not voided, less the voidings themselves."""
    gone = voided(history)
    for record in history:
        if record.caseversion not in gone and not isinstance(record.event, EventVoided):
            yield record
