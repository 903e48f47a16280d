"""The outcome of telling somebody: of an alert, or of what is due."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.alert.terms import NO_ALERT, NotificationKind, Rung
from services.domain.events.shape import LINE, OBJECT_ID, Actor, Code, Event


class Notification(Event, frozen=True, kw_only=True):
    """The outcome of one attempt to tell somebody: of an alert, or, of kind `DIGEST`, of what is due."""

    alert_id: Annotated[
        str, Meta(pattern=OBJECT_ID, description="The alert that it is about; a digest leaves it out.")
    ] = NO_ALERT
    notification_id: Annotated[
        str,
        Meta(
            pattern=LINE,
            max_length=64,
            description="The same for every attempt, and in the message itself.",
        ),
    ]
    kind: NotificationKind
    attempt: Annotated[int, Meta(ge=1, le=1_000_000, description="Which attempt: 1, 2, 3 …")] = 1
    rung: Rung | None = None
    holder: Actor | None = None
    channel: Code | None = None


class NotificationSent(Notification, frozen=True, kw_only=True):
    """The channel took the message."""

    TYPE: ClassVar[str] = "NotificationSent"


class NotificationFailed(Notification, frozen=True, kw_only=True):
    """The channel did not take the message, or there was nobody to tell."""

    TYPE: ClassVar[str] = "NotificationFailed"

    error: Code | None = None
