"""What is held of a case, less what is about others: each withheld field is named, with why, and not shown.

Whom a field is about stands in its mark, so nobody chooses field by field. Where an event has a referrer,
what would tell who that is goes with it: from where and by whom it was recorded. What no mark can know, that
a sentence about the child names a neighbour, is left to whoever approves the archive.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct, json

from services.domain.case import voided
from services.domain.event import Recorded, decode
from services.domain.events import EVENT_TYPES
from services.domain.events.shape import About
from services.domain.facts import of_record
from services.domain.personal import fields_of

ALWAYS: Final = frozenset({About.CHILD, About.WORKER})
TELLING: Final = ("source", "actor", "onbehalfof", "actorrole")  # attributes of a document
TELLING_CODE: Final = "source_code"
WHY: Final = {
    About.FAMILY: "about the family: others than who asks have not agreed to it (DPA 2018, Sch. 2, para. 16)",
    About.REFERRER: "about who referred: it would say who that was (DPA 2018, Sch. 2, para. 16)",
    About.OTHER: "about somebody else, who has not agreed to it (DPA 2018, Sch. 2, para. 16)",
}


class Withheld(Struct, frozen=True, kw_only=True):
    """One field that is not shown, of which event, and why."""

    version: int
    type: str
    on: date
    field: str
    about: About
    why: str


class Item(Struct, frozen=True, kw_only=True):
    """One event: what it says, its document less what is withheld, and whether it was recorded in error."""

    record: Recorded
    on: date
    document: dict[str, Any]
    shown: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    is_void: bool

    @property
    def author(self) -> str | None:
        """Who recorded it, if that is not withheld."""
        return self.document.get("onbehalfof") or self.document.get("actor")


class Holding(Struct, frozen=True):
    """Everything that is held of a case, in the order of recording."""

    case_id: str
    items: tuple[Item, ...]

    @property
    def withheld(self) -> list[Withheld]:
        """Every field that is not shown."""
        return [each for item in self.items for each in item.withheld]

    @property
    def counts(self) -> dict[About, int]:
        """How many fields are not shown, by whom they are about."""
        return dict(sorted(Counter(each.about for each in self.withheld).items()))

    @property
    def fields(self) -> int:
        """How many personal fields are shown."""
        return sum(len(item.shown) for item in self.items)


def hold(case_id: str, documents: Sequence[bytes], also: frozenset[About] = frozenset()) -> Holding:
    """What is held in a case's whole documents; `also` shows what is about these, beside child and workers.

    Raises `UnknownEventType` or `ValueError` for a document that this release cannot read.
    """
    history = [decode(document) for document in documents]
    gone = voided(history)
    shown = ALWAYS | also
    return Holding(
        case_id,
        tuple(
            _item(record, json.decode(document), shown, is_void=record.caseversion in gone)
            for record, document in zip(history, documents, strict=True)
        ),
    )


def _item(record: Recorded, document: dict[str, Any], shown: frozenset[About], *, is_void: bool) -> Item:
    marks = fields_of(EVENT_TYPES[record.event.TYPE])
    on = of_record(record).on
    withheld = tuple(
        Withheld(
            version=record.caseversion,
            type=record.event.TYPE,
            on=on,
            field=name,
            about=about,
            why=WHY[about],
        )
        for name, about in _withhold(document, marks, shown)
    )
    return Item(
        record=record,
        on=on,
        document=document,
        shown=tuple(name for name in document["data"] if name in marks),
        withheld=withheld,
        is_void=is_void,
    )


def _withhold(
    document: dict[str, Any], marks: dict[str, About], shown: frozenset[About]
) -> Iterator[tuple[str, About]]:
    """Take what is not to be shown out of a document; gives what that was, and whom it is about."""
    data = document["data"]
    for name, about in marks.items():
        if about not in shown and data.pop(name, None) is not None:
            yield name, about
    if About.REFERRER in marks.values() and About.REFERRER not in shown:
        if data.pop(TELLING_CODE, None) is not None:
            yield TELLING_CODE, About.REFERRER
        for name in TELLING:
            if document.pop(name, None) is not None:
                yield name, About.REFERRER
