"""Curated chronology: the entries that workers put in, each with the event that it is about.

An entry's own words are personal: they are read from the ledger, at `position`.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from services.domain.event import Recorded
from services.domain.events.chronology import ChronologyEntryAdded, ChronologyEntryRemoved
from services.domain.facts import Fact
from services.domain.sentence import sentence
from services.projector.views.lists.listed import Item, List, Told


class EntryState(StrEnum):
    """Whether an entry is in the chronology, or was taken out of it."""

    STANDS = "STANDS"
    REMOVED = "REMOVED"


class Entry(Item, frozen=True, kw_only=True):
    """One entry. `began_on` is the day of the matter, `position` that of the event with the entry's words.

    `by` put it in, `event_id` is what it is about, and `sentence` says that if it is an event that stands.
    """

    ID: ClassVar[str] = "entry_id"

    entry_id: str
    state: EntryState
    heading: str | None
    position: int | None
    by: str | None
    event_id: str | None
    sentence: str | None


def view(told: Told) -> Iterator[Entry]:
    """Every entry, the removed too."""
    added = {each.object_id: each for each in told.each(ChronologyEntryAdded)}
    removed = {each.object_id: each for each in told.each(ChronologyEntryRemoved)}
    for entry_id in sorted({*added, *removed} - {None}, key=str):
        put_in, taken_out = added.get(entry_id), removed.get(entry_id)
        gone = taken_out and not _is_put_in_again(put_in, taken_out)
        record = _record(told, *put_in.told[1:]) if put_in else None
        event_id = put_in.event.event_id if put_in else None
        yield Entry(
            case_id=told.case_id,
            entry_id=str(entry_id),
            state=EntryState.REMOVED if gone else EntryState.STANDS,
            began_on=put_in.on if put_in else None,
            over_on=taken_out.on if taken_out and gone else None,
            heading=put_in.event.heading if put_in else None,
            position=record.position if record else None,
            by=record.author if record else None,
            event_id=event_id,
            sentence=_sentence(told, event_id),
        )


def _is_put_in_again(
    put_in: Fact[ChronologyEntryAdded] | None, taken_out: Fact[ChronologyEntryRemoved]
) -> bool:
    """Whether an entry was put in after it was taken out; of one instant, the taking out came last."""
    return put_in is not None and put_in.told[0] > taken_out.told[0]


def _record(told: Told, event_id: str, source: str) -> Recorded | None:
    return next((each for each in told.records if (each.id, each.source) == (event_id, source)), None)


def _sentence(told: Told, event_id: str | None) -> str | None:
    """What the event says; nothing if two sources gave its id."""
    named = [each for each in told.records if each.id == event_id]
    return sentence(named[0]) if len(named) == 1 else None


LIST = List("entries", Entry, EntryState, (ChronologyEntryAdded, ChronologyEntryRemoved), view)
