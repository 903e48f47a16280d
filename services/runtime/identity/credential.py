"""What a key allows: whose it is, its roles, what it is bound to, and until when."""

from datetime import datetime

from msgspec import Struct

from services.domain.principal import Principal, Role


class Credential(Struct, frozen=True, kw_only=True):
    """A client system's key. `sha256` is that of its whole token, in hexadecimal.

    With a `source`, it posts events of that source only; with `types`, of those types only. From `ends_at`
    on it no longer counts.
    """

    key_id: str
    sha256: str
    client: str
    roles: frozenset[Role]
    source: str | None = None
    types: frozenset[str] | None = None
    ends_at: datetime | None = None

    @property
    def principal(self) -> Principal:
        """Who asks with it: a system, which may act on behalf of people."""
        return Principal(
            who=self.client, roles=self.roles, is_system=True, source=self.source, types=self.types
        )
