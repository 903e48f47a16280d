"""The keys that count now: the fixed ones of a file, and those that the office's events issued."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import Final

from services.domain.principal import Principal
from services.runtime.clock import Clock
from services.runtime.identity.credential import Credential
from services.runtime.identity.token import digest_of, key_id_of

NOBODY: Final = "0" * 64
"""Compared with where there is no such key, so that an answer takes as long as with a wrong token."""


class Registry:
    """A service feeds it with `follow`, whenever the office's events have changed what counts."""

    def __init__(self, fixed: Iterable[Credential], clock: Clock) -> None:
        self._clock = clock
        self._fixed = {each.key_id: (each, each.principal) for each in fixed}
        self._known = dict(self._fixed)

    def follow(self, issued: Iterable[Credential]) -> None:
        """Let these count beside the fixed ones, and no others. A fixed key's id stays the fixed one's."""
        self._known = {each.key_id: (each, each.principal) for each in issued} | self._fixed

    def find(self, token: str) -> Principal | None:
        """Whose token it is; None of one that is unknown, revoked or over."""
        known = self._known.get(key_id_of(token) or "")
        # In constant time, although what is compared are digests.
        same = compare_digest(digest_of(token), known[0].sha256 if known else NOBODY)
        if known is None or not same:
            return None
        credential, principal = known
        if credential.ends_at is not None and self._clock.now() >= credential.ends_at:
            return None
        return principal

    @property
    def is_empty(self) -> bool:
        """Whether nobody at all has a key."""
        return not self._known
