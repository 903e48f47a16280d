"""What can come of asking a ledger instead of what was asked for."""

from collections.abc import Mapping
from typing import Any

import msgspec


class LedgerError(Exception):
    """The ledger did not do what was asked."""


class LedgerAway(LedgerError):
    """No answer within the caller's patience. Whether an append took effect is unknown: append it again."""


class Declined(LedgerError):
    """The ledger said no, and would again: the request is at fault. Base of the more particular ones."""

    def __init__(self, status: int, slug: str, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.members = members


class Refused(Declined):
    """The event cannot be true of its case; `rule` names why, `pointer` where."""

    @property
    def rule(self) -> str:
        """The rule that refused it."""
        return str(self.members.get("rule", ""))

    @property
    def pointer(self) -> str:
        """A JSON pointer to the field at fault, or nothing."""
        return str(self.members.get("pointer", ""))


class IdReused(Declined):
    """Another event has this id and source. An id is never used for other content."""


class CaseMovedOn(Declined):
    """Another writer appended first; read the case again and decide again."""


def declined(status: int, body: bytes) -> Declined:
    """The error that an answer is; one without a problem document is told by its status alone."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        found = {}
    return declined_by(status, found if isinstance(found, dict) else {})


def declined_by(status: int, problem: Mapping[str, Any]) -> Declined:
    """The error that a problem document is."""
    slug = str(problem.get("type", "")).rpartition(":")[2]
    kinds = {"refused": Refused, "id-reused": IdReused, "case-moved-on": CaseMovedOn}
    return kinds.get(slug, Declined)(status, slug, str(problem.get("detail", "")), problem)
