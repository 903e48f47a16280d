"""Admit or refuse what the office says of keys: nobody gets a service's rights, and no key comes twice.

Whoever may issue keys may issue one in any client's name. What of that deserves a second look is flagged.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.domain.events import EVENT_TYPES
from services.domain.events.access import AccessEvent, ApiKeyIssued, ApiKeyRevoked
from services.domain.office import Office
from services.domain.principal import GRANTABLE
from services.domain.verdict import Admitted, Refused

CLIENT_HAS_KEY: Final = "client_has_key"
"""The client has another key that counts, and this one takes the place of none."""
CLIENT_IS_HOLDER: Final = "client_is_holder"
"""A client with a key bears the name of somebody who holds a rung: whoever has the key speaks as they do."""


def admit(office: Office, event: AccessEvent, now: datetime) -> Admitted | Refused:
    """Say whether a key can be issued or revoked so."""
    match event:
        case ApiKeyIssued():
            return _issue(office, event, now)
        case ApiKeyRevoked(key_id=key_id):
            return Admitted(event) if key_id in office.keys else _unknown(key_id, "/data/key_id")


def _issue(office: Office, event: ApiKeyIssued, now: datetime) -> Admitted | Refused:
    if event.key_id in office.keys:
        return Refused("already_issued", "Make a new key, under an id of its own.", "/data/key_id")
    if event.replaces is not None:
        replaced = office.keys.get(event.replaces)
        if replaced is None:
            return _unknown(event.replaces, "/data/replaces")
        if replaced.client != event.client:
            reason = f"`{event.replaces}` is a key of `{replaced.client}`: that client's only are replaced."
            return Refused("another_clients_key", reason, "/data/replaces")
    if barred := set(event.roles) - GRANTABLE:
        reason = f"`{min(barred)}` is one of the ledger's own services."
        return Refused("no_key_for_a_service", reason, "/data/roles")
    if unknown := set(event.types or ()) - EVENT_TYPES.keys():
        return Refused("no_such_type", f"There is no event `{min(unknown)}`.", "/data/types")
    if event.expires_at is not None and event.expires_at <= now:
        return Refused("expires_before_it_begins", f"It is {now.isoformat()} here.", "/data/expires_at")
    return Admitted(event, tuple(_flags(office, event, now)))


def _flags(office: Office, event: ApiKeyIssued, now: datetime) -> Iterator[str]:
    if any(each.key_id != event.replaces for each in office.keys_of(event.client, now)):
        yield CLIENT_HAS_KEY
    if any(each.holder == event.client for each in office.appointments):
        yield CLIENT_IS_HOLDER


def _unknown(key_id: str, at: str) -> Refused:
    return Refused("no_such_key", f"No key `{key_id}` was ever issued.", at)
