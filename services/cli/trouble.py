"""What a user can do something about: one clear message, no traceback."""

import asyncpg

from services.runtime.client import Declined, LedgerError
from services.runtime.clock import ClockSettingError
from services.runtime.migrations import MigrationChanged
from services.runtime.settings import SettingsError
from services.stack.errors import StackError

EXPECTED = (
    StackError,
    ClockSettingError,
    LedgerError,
    MigrationChanged,
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password among them
    asyncpg.InvalidCatalogNameError,  # no such database
    asyncpg.InsufficientPrivilegeError,
)
"""Beside their settings."""


def said_of(error: Exception) -> list[str] | None:
    """What to say of an error; None of one that is a defect."""
    if isinstance(error, SettingsError):
        return list(error.faults)
    if isinstance(error, Declined):
        return [in_full(error)]
    return [str(error)] if isinstance(error, EXPECTED) else None


def in_full(error: Declined) -> str:
    """What the ledger said when it declined: what is wrong, and every fault on a line of its own."""
    faults = [
        f"  {fault.get('parameter') or fault.get('pointer') or 'request'}: {fault.get('message')}"
        for fault in error.members.get("faults", ())
    ]
    said = error.detail or error.members.get("title") or "no reason was given"
    return "\n".join([f"the ledger answered {error}: {said}", *faults])
