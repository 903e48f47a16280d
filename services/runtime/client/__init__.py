"""Speak to the ledger over HTTP: append so that a retry changes nothing, and read exact stored bytes."""

from services.runtime.client.answered import GroupResult, Head, Receipt
from services.runtime.client.errors import CaseMovedOn, Declined, IdReused, LedgerAway, LedgerError, Refused
from services.runtime.client.ledger import OFFICE, LedgerClient, position_of

__all__ = [
    "OFFICE",
    "CaseMovedOn",
    "Declined",
    "GroupResult",
    "Head",
    "IdReused",
    "LedgerAway",
    "LedgerClient",
    "LedgerError",
    "Receipt",
    "Refused",
    "position_of",
]
