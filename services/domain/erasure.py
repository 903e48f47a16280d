"""What the ledger itself records of an erasure: that it was decided, and that the key is destroyed.

Both have ids that are made of the case's, so that whoever takes an erasure up after a crash, twice or in
several processes at once, records each once.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from services.domain.case import Case, walk
from services.domain.event import Recorded, Submission
from services.domain.events.forgetting import Authority, ErasureBasis, ErasureDecided, KeyDestroyed, Reference
from services.domain.events.shape import Actor

SOURCE: Final = "/ledger"
NAMES: Final = UUID("0d5a3c0b-90c2-5f0b-8a55-7d4d1c5e9f21")
BY_THE_LEDGER: Final = frozenset({ErasureDecided.TYPE, KeyDestroyed.TYPE})
"""Types that nobody posts: they come of asking for an erasure."""


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody asks for who decided to erase a case."""

    authority: Authority
    basis: ErasureBasis
    decided_by: Actor
    reference: Reference = None


class Progress(Struct, frozen=True):
    """How far the erasure of a case has come."""

    decided: Recorded | None
    destroyed: Recorded | None


def progress(case: Case) -> Progress:
    """What of an erasure is recorded."""
    found: dict[str, Recorded] = {}
    for record in walk(case.last):
        if record.event.TYPE in BY_THE_LEDGER:
            found[record.event.TYPE] = record
    return Progress(found.get(ErasureDecided.TYPE), found.get(KeyDestroyed.TYPE))


def decided(case_id: str, decision: Decision, actor: str | None) -> Submission:
    """The event that says it was decided; `actor` asked for it."""
    event = ErasureDecided(
        authority=decision.authority,
        basis=decision.basis,
        decided_by=decision.decided_by,
        reference=decision.reference,
    )
    return _submission(case_id, event, actor)


def destroyed(case_id: str, at: datetime) -> Submission:
    """The event that says the key is gone, since `at`."""
    return _submission(case_id, KeyDestroyed(destroyed_at=at), None)


def _submission(case_id: str, event: ErasureDecided | KeyDestroyed, actor: str | None) -> Submission:
    return Submission(
        stream=case_id,
        id=str(uuid5(NAMES, f"{case_id} {event.TYPE}")),
        source=SOURCE,
        time=None,
        event=event,
        actor=actor,
        actorrole=None,
        correlationid=None,
        causationid=None,
    )
