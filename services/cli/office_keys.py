"""The office's keys, as the ledger has them: read from its stream, and issued and revoked by it."""

import secrets
from datetime import datetime
from functools import reduce
from typing import Any, Final

from msgspec import Struct, to_builtins

from services.cli.terminal import fail, say
from services.domain import office as offices
from services.domain.errors import UnknownEventType
from services.domain.event import decode
from services.domain.office import ApiKey, Office
from services.runtime.client import OFFICE, LedgerClient
from services.runtime.clock import text
from services.runtime.identity import token

ID_BYTES: Final = 5


class Made(Struct, frozen=True):
    """A key that was made. Its token is nowhere else."""

    key_id: str
    client: str
    token: str
    expires_at: datetime | None = None


class Keys:
    """The office's keys, as the ledger has them, at the services' time."""

    def __init__(self, ledger: LedgerClient, now: datetime) -> None:
        self._ledger = ledger
        self.now = now

    async def issue(self, client: str, **bound: Any) -> Made:
        """Issue a key, and give its token, of which nobody keeps more than a hash."""
        key_id = secrets.token_hex(ID_BYTES)
        made = token.make(key_id)
        data = {"key_id": key_id, "sha256": token.digest_of(made), "client": client}
        given = {name: to_builtins(value) for name, value in bound.items() if value is not None}
        receipt = await self._ledger.append(OFFICE, {"type": "ApiKeyIssued", "data": data | given})
        if receipt.flags:
            say(f"Flagged: {receipt.flags}. docs/reference/flags.md says what that means.")
        return Made(key_id, client, made, bound.get("expires_at"))

    async def revoke(self, key_id: str, at: datetime | None) -> None:
        """Let a key count no more, at once or from an instant on."""
        data = {"key_id": key_id} | ({"from": text(at)} if at else {})
        await self._ledger.append(OFFICE, {"type": "ApiKeyRevoked", "data": data})

    async def office(self) -> Office:
        """The office, with every key that was ever issued, in that order."""
        return reduce(_fold, await self._ledger.case_events(OFFICE), Office())

    async def refuse_beside(self, client: str) -> None:
        """Go on if no key of a client's counts; or say which does, and who issued it."""
        if found := (await self.office()).keys_of(client, self.now):
            theirs = ", ".join(f"{key.key_id}, issued by {issuer(key)}" for key in found)
            fail(
                f"{client} has a key that counts ({theirs}). To make another in its place: `caseledger keys "
                f"rotate {found[0].key_id}`. To make one beside it, add --beside."
            )

    async def known(self, key_id: str) -> ApiKey:
        """One of them, which may count no more."""
        found = (await self.office()).keys.get(key_id)
        if found is None:
            fail(f"No key {key_id!r} was ever issued: `caseledger keys list` shows them.")
        return found

    async def valid(self, key_id: str) -> ApiKey:
        """One of them, which must count still."""
        found = await self.known(key_id)
        if not found.valid_on(self.now):
            fail(f"The key {key_id!r} counts no more: make a new one with `caseledger keys create`.")
        return found


def issuer(key: ApiKey) -> str:
    """Who issued it: the account that was authenticated, and whom that named."""
    by = key.issued_by or "nobody known"
    return f"{by}, for {key.issued_for}" if key.issued_for else by


def _fold(office: Office, document: bytes) -> Office:
    try:
        return offices.fold(office, decode(document))
    except (UnknownEventType, ValueError):  # a newer release's
        return office
