"""The keys that the ledger signs with: from its settings, from a file, or held by a key service.

Never from Postgres: whoever can change the database must not be able to sign what he made of it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.evidence import keyring, keys
from services.evidence.checkpoint import Checkpoint
from services.evidence.errors import BadKey
from services.evidence.keyring import Keyring
from services.evidence.keys import Algorithm, Verifier
from services.evidence.note import Note
from services.evidence.treehead import TreeHead
from services.ledger.giving import Elsewhere, Giving, Here
from services.ledger.outside import Client
from services.ledger.settings import Settings
from services.runtime.settings import SettingsError

if TYPE_CHECKING:  # loaded only where a key service is named
    from services.ledger.keyservice import Held


class Keys(Protocol):
    """A ledger's keys, wherever they are."""

    @property
    def origin(self) -> str:
        """The name of the ledger in everything that it signs."""

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """What an auditor is given: a checkpoint made now is signed by each."""

    def read(self, raw: bytes) -> Checkpoint:
        """Read a checkpoint that this ledger signed, now or formerly. Raises as `checkpoint.read` does."""

    async def sign(self, head: TreeHead, time: int) -> Note:
        """Sign a tree head, so that `read` reads it; raises `KeyAway` if that may succeed later."""


def keys_of(settings: Settings) -> "Keyring | Held | None":
    """Read the keys, or None if there are none; raises `SettingsError`, which never shows a key."""
    if settings.signing_key and settings.signing_key_file:
        raise SettingsError(["Set CASELEDGER_SIGNING_KEY or CASELEDGER_SIGNING_KEY_FILE, not both."])
    written = settings.signing_key
    if settings.signing_key_file:
        written = content_of(settings.signing_key_file, "CASELEDGER_SIGNING_KEY_FILE")
    try:
        if settings.signing_service_url:
            return _held(settings, settings.signing_service_url, written or "")
        return keyring.parse(written) if written else None
    except BadKey as error:
        raise SettingsError([f"The signing key cannot be used: {error}"]) from None


def at_work(found: "Keyring | Held | None", client: Client) -> tuple[Keys | None, Giving]:
    """The keys, and what signs receipts with them."""
    if found is None or isinstance(found, Keyring):
        return found, Here(found.own if found else None)
    from services.ledger.keyservice import KeyService  # noqa: PLC0415 - slow to import where none is named

    service = KeyService(found, client())
    return service, Elsewhere(service)


def _held(settings: Settings, url: str, written: str) -> "Held":
    from services.ledger.keyservice import Held  # noqa: PLC0415 - as above

    if not settings.signing_service_token_file:
        raise SettingsError(["CASELEDGER_SIGNING_SERVICE_TOKEN_FILE is missing: name the file of the token."])
    token = content_of(settings.signing_service_token_file, "CASELEDGER_SIGNING_SERVICE_TOKEN_FILE").strip()
    known = _verifiers(written)
    if not known or known[0].algorithm is not Algorithm.ED25519 or len({key.name for key in known}) > 1:
        raise BadKey(
            "with a key service, give the verifier key (Ed25519) of the key that it holds, and after it "
            "those of former keys of the same name"
        )
    return Held(url, token, known[0], tuple(known[1:]))


def _verifiers(written: str) -> Sequence[Verifier]:
    lines = [line.strip() for line in written.splitlines()]
    return [keys.read_verifier(line) for line in lines if line and not line.startswith("#")]


def content_of(path: str, name: str) -> str:
    """The text of the file that a setting names; raises `SettingsError`."""
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise SettingsError([f"{name} names {path}, which cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{name} cannot be used: it is no text."]) from None
