"""How it reads that somebody broke the glass: who, when, what for, and where the event stands in the ledger.

Never whose case it is, nor why, which is personal.
"""

from datetime import datetime

from msgspec import to_builtins

from services.domain.events.alert import NotificationKind
from services.domain.sentences.words import minute, words
from services.notifier import message
from services.notifier.breaking import Breaking
from services.notifier.message import Message


def compose(said: Breaking, notification_id: str, *, now: datetime, test_clock: bool) -> Message:
    """Write the message, for every channel."""
    paragraphs = [
        f"{said.by} opened a restricted case at {minute(said.at)}, for {words(said.purpose)}.",
        f"It stays open to them until {minute(said.until)}. Please see whether that was right.",
        f"Reference: position {said.position} of the ledger. Whoever may see the case reads there why.",
    ]
    return Message(
        notification_id=notification_id,
        topic="restricted_case.glass_broken",
        about={"kind": NotificationKind.BREAK_GLASS, **to_builtins(said)},
        subject=message.mark("Restricted case: the glass was broken", test_clock=test_clock),
        text="\n\n".join([*paragraphs, *message.closing(notification_id, test_clock=test_clock)]) + "\n",
        sent_at=now,
        test_clock=test_clock,
    )
