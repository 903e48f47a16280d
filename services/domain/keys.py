"""Admit or refuse what the office says of keys: nobody gets a service's rights, and no key comes twice."""

from datetime import datetime

from services.domain.events import EVENT_TYPES
from services.domain.events.access import AccessEvent, ApiKeyIssued, ApiKeyRevoked
from services.domain.office import Office
from services.domain.principal import GRANTABLE
from services.domain.verdict import Admitted, Refused


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
    if event.replaces is not None and event.replaces not in office.keys:
        return _unknown(event.replaces, "/data/replaces")
    if barred := set(event.roles) - GRANTABLE:
        reason = f"`{min(barred)}` is one of the ledger's own services."
        return Refused("no_key_for_a_service", reason, "/data/roles")
    if unknown := set(event.types or ()) - EVENT_TYPES.keys():
        return Refused("no_such_type", f"There is no event `{min(unknown)}`.", "/data/types")
    if event.expires_at is not None and event.expires_at <= now:
        return Refused("expires_before_it_begins", f"It is {now.isoformat()} here.", "/data/expires_at")
    return Admitted(event)


def _unknown(key_id: str, at: str) -> Refused:
    return Refused("no_such_key", f"No key `{key_id}` was ever issued.", at)
