"""Cut a case's history into groups that are each recorded as a whole, never through a practice alert.

An alert's events stand in one group from the first to the last. So the ledger never has an alert without the
end that the same file knows of, and nobody is told of an alert that was over before it was recorded.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from services.cli.backlog.order import Place

WANTED_EVENTS: Final = 100
WANTED_BYTES: Final = 64 * 1024
MOST_EVENTS: Final = 5_000
MOST_BYTES: Final = 4_000_000
"""Of a request, both well within what the ledger takes."""


class Cut(NamedTuple):
    """The groups of a case, in order; and the events of alerts too long to be recorded as a whole."""

    groups: list[list[Place]]
    too_long: list[Place]


def cut(places: Sequence[Place]) -> Cut:
    """The groups of one case's history."""
    return _cut(_with_what_they_void(places))


def size(group: Sequence[Place]) -> int:
    """How many bytes the events of a group have in the file."""
    return sum(place.length for place in group)


def _cut(places: Sequence[Place]) -> Cut:
    groups = list(_groups(places))
    alerts = {
        place.alert_id
        for group in groups
        if len(group) > MOST_EVENTS or size(group) > MOST_BYTES
        for place in group
        if place.alert_id
    }
    if not alerts:
        return Cut(groups, [])
    again = _cut([place for place in places if place.alert_id not in alerts])
    return Cut(again.groups, [place for place in places if place.alert_id in alerts])


def _groups(places: Sequence[Place]) -> Iterator[list[Place]]:
    last = {place.alert_id: nth for nth, place in enumerate(places) if place.alert_id}
    group: list[Place] = []
    bytes_, whole_after = 0, -1
    for nth, place in enumerate(places):
        group.append(place)
        bytes_ += place.length
        whole_after = max(whole_after, last.get(place.alert_id, nth))
        if nth == whole_after and (len(group) >= WANTED_EVENTS or bytes_ >= WANTED_BYTES):
            yield group
            group, bytes_ = [], 0
    if group:
        yield group


def _with_what_they_void(places: Sequence[Place]) -> list[Place]:
    """The same; what voids an event of an alert is about that alert."""
    alerts = {place.event_id: place.alert_id for place in places if place.alert_id}
    return [
        replace(place, alert_id=alerts[place.voids]) if place.voids in alerts else place for place in places
    ]
