"""The keys that the ledger signs with: from its settings or from a file, never from Postgres."""

from pathlib import Path

from services.evidence import keyring
from services.evidence.errors import BadKey
from services.evidence.keyring import Keyring
from services.ledger.settings import Settings
from services.runtime.settings import SettingsError


def keyring_of(settings: Settings) -> Keyring | None:
    """Read the keys, or None if there are none; raises `SettingsError`, which never shows a key."""
    if settings.signing_key and settings.signing_key_file:
        raise SettingsError(["Set CASELEDGER_SIGNING_KEY or CASELEDGER_SIGNING_KEY_FILE, not both."])
    try:
        if settings.signing_key_file:
            return keyring.parse(Path(settings.signing_key_file).read_text("utf-8"))
        return keyring.parse(settings.signing_key) if settings.signing_key else None
    except OSError as error:
        raise SettingsError([f"CASELEDGER_SIGNING_KEY_FILE cannot be read: {error.strerror}."]) from None
    except (BadKey, UnicodeDecodeError) as error:
        raise SettingsError([f"The signing key cannot be used: {error}"]) from None
