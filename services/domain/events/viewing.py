"""Viewing: somebody was shown what is sealed of a case. Only the ledger itself records it."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import END, LINE, Code, Event

VERSIONS = r"^([1-9][0-9]*(-[1-9][0-9]*)?(,[1-9][0-9]*(-[1-9][0-9]*)?)*)?" + END


class RecordViewed(Event, frozen=True, kw_only=True):
    """Somebody, its `actor`, was shown what is sealed of a case: on disk before the answer went out."""

    TYPE: ClassVar[str] = "RecordViewed"

    case_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}" + END, description="The case, or `office`.")]
    purpose: Annotated[Code, Meta(description="What for, as the reader said, such as `SUPERVISION`.")]
    fields: Annotated[
        tuple[Annotated[str, Meta(pattern=LINE, max_length=200)], ...],
        Meta(description="What was shown, each once: type and field, such as `ContactReceived.summary`."),
    ] = ()
    versions: Annotated[
        str,
        Meta(pattern=VERSIONS, description="Of which events, by their `caseversion`, such as `1-4,7`."),
    ] = ""
    teams: Annotated[
        tuple[Code, ...], Meta(description="The teams that the reader was of, by their credentials.")
    ] = ()


ViewingEvent = RecordViewed
