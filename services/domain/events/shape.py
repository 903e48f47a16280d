"""What every case event has in common: frozen, in the past tense, with an explicit wire name and version."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, Struct


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One fact about a case, as the `data` of its document.

    A subclass names itself on the wire; a released name or version never changes its meaning.
    """

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    # The field with the id of the object of which this is the one account: told twice, it is one fact.
    OBJECT: ClassVar[str | None] = None
    # Its own dates and instants that must have come; the first one says when it happened.
    PAST: ClassVar[tuple[str, ...]] = ()


class About(StrEnum):
    """Whom a personal field is about: a subject access request withholds by it."""

    CHILD = "child"
    FAMILY = "family"
    REFERRER = "referrer"
    WORKER = "worker"
    OTHER = "other"


# `$` alone would let one newline follow, here (Python) though not in JSON Schema (ECMA 262).
END = r"$(?!\n)"
LINE = r"^[^\u0000-\u001f\u007f]+" + END
TEXT = r"^[^\u0000]*$"  # Postgres keeps no NUL
OBJECT_ID = r"^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}" + END
CODE = r"^[A-Z0-9][A-Z0-9_]{0,63}" + END


EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
BEYOND = f"must lie between the years {EARLIEST.year} and {LATEST.year}"


def is_beyond(value: object) -> bool:
    """Whether it is a date, or an instant, from which days before or after it cannot be counted."""
    match value:
        case datetime():
            return not EARLIEST <= value <= LATEST
        case date():
            return value.year < EARLIEST.year
    return False


def personal(about: About, description: str, *, most: int = 20_000) -> Meta:
    """Mark a field as personal data: no read model, message or log line may carry it."""
    mark = {"personal": about.value}
    schema_mark = {"x-personal": about.value}
    return Meta(
        pattern=TEXT, max_length=most, description=description, extra=mark, extra_json_schema=schema_mark
    )


ObjectId = Annotated[
    str,
    Meta(
        pattern=OBJECT_ID,
        description="The lifelong id of an object inside its case, given by the system that made it.",
    ),
]
Actor = Annotated[
    str,
    Meta(pattern=LINE, max_length=120, description="Who: an account, such as `iro:17`, never a name."),
]
Code = Annotated[
    str,
    Meta(pattern=CODE, description="A code in capitals, such as `POLICE`."),
]


OnDate = Annotated[date | None, Meta(description="London date, if not that of the event's time.")]
AtInstant = Annotated[datetime, Meta(tz=True, description="When, if not the event's time.")] | None


BirthMonth = (
    Annotated[
        str,
        Meta(
            pattern=r"^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])" + END,
            description="The month of birth, such as `2009-04`: in clear, since timers count from it. "
            "Set by the ledger where the date is given.",
        ),
    ]
    | None
)


class Answer(StrEnum):
    """Yes, no, or not applicable, as forms ask."""

    YES = "Y"
    NO = "N"
    NOT_APPLICABLE = "NA"
