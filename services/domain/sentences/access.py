"""Say who was given a key, and which case only some may see: never what a key or its hash is."""

from typing import assert_never

from services.domain.events.access import AccessEvent, ApiKeyIssued, ApiKeyRevoked
from services.domain.events.restriction import (
    BreakGlassUsed,
    CaseRestricted,
    RestrictionEvent,
    RestrictionLifted,
)
from services.domain.sentences.words import minute, words


def sentence(event: AccessEvent | RestrictionEvent) -> str:
    """One sentence, capital to full stop."""
    match event:
        case ApiKeyIssued(key_id=key_id, client=client, roles=roles, replaces=replaces):
            instead = f" in place of {replaces}" if replaces else ""
            return f"The key {key_id} was issued to {client}{instead}, as {' and '.join(roles)}."
        case ApiKeyRevoked(key_id=key_id, from_=from_):
            return f"The key {key_id} was revoked{f' from {minute(from_)}' if from_ else ''}."
        case CaseRestricted(reason=reason, allowed=allowed):
            return f"The case was restricted ({words(reason)}): {len(allowed)} may see it."
        case RestrictionLifted():
            return "The case is restricted no longer."
        case BreakGlassUsed(by=by, until=until, purpose=purpose):
            end = f" until {minute(until)}" if until else ""
            whom = f" by {by}" if by else ""
            return f"The restricted case was opened{whom} for {words(purpose)}{end}."
        case _:
            assert_never(event)
