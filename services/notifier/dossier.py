"""What the notifier knows of one case, and of the office: folded from the documents that it kept."""

from collections.abc import Iterable

import structlog
from msgspec import Struct, ValidationError

from services.domain import case, event, office
from services.domain.alert import Alert
from services.domain.errors import UnknownEventType
from services.domain.event import Recorded
from services.domain.events.alert import NotificationFailed
from services.domain.office import Office
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Dossier(Struct, frozen=True, kw_only=True):
    """The alerts of a case, and the notifications for which there was nobody to tell."""

    alerts: dict[str, Alert]
    nobody: frozenset[str] = frozenset()


def read(case_id: str, documents: Iterable[str]) -> Dossier:
    """Fold the documents about a case's alerts, in order.

    Raises `UnknownEventType` and `msgspec.ValidationError` when a newer release wrote one of them.
    """
    records = [event.decode(document) for document in documents]
    return Dossier(
        alerts=case.refold(case_id, records).alerts,
        nobody=frozenset(
            record.event.notification_id
            for record in records
            if isinstance(record.event, NotificationFailed) and record.event.channel is None
        ),
    )


def readable(documents: Iterable[str]) -> list[Recorded]:
    """What this release can read of some documents; the rest is passed over, and logged."""
    found = []
    for document in documents:
        try:
            found.append(event.decode(document))
        except (UnknownEventType, ValidationError) as error:
            log.error("document.unreadable", error=named(error))  # noqa: TRY400 - it may quote a person
    return found


def read_office(documents: Iterable[str]) -> Office:
    """Fold the office's documents, in order; one that a newer release wrote is passed over, and logged."""
    held = Office()
    for document in documents:
        try:
            held = office.fold(held, event.decode(document))
        except (UnknownEventType, ValidationError) as error:
            # Alerts must climb whoever holds the rungs: what cannot be read here holds nothing up.
            log.error("office.unreadable", error=named(error))  # noqa: TRY400 - the message may quote a person
    return held
