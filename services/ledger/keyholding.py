"""The key-encryption keys that a ledger is given: without any it cannot keep what is personal."""

from typing import Final

from services.ledger import wrapping
from services.ledger.settings import Settings
from services.ledger.signing import content_of
from services.ledger.wrapping import BadKeyEncryptionKey, HeldHere
from services.runtime.settings import SettingsError

MISSING: Final = (
    "CASELEDGER_KEY_ENCRYPTION_KEY_FILE is missing: name a file with the key that personal data are sealed "
    "under, a line `<id> <key>`, such as `2026-11 $(openssl rand -base64 32)`. Keep it apart from the "
    "database and its backups: without it nothing personal can be read again."
)


def of(settings: Settings) -> HeldHere:
    """Read the keys; raises `SettingsError`, which never shows one."""
    if settings.key_encryption_key and settings.key_encryption_key_file:
        raise SettingsError(
            ["Set CASELEDGER_KEY_ENCRYPTION_KEY or CASELEDGER_KEY_ENCRYPTION_KEY_FILE, not both."]
        )
    written = settings.key_encryption_key
    if settings.key_encryption_key_file:
        written = content_of(settings.key_encryption_key_file, "CASELEDGER_KEY_ENCRYPTION_KEY_FILE")
    if not written:
        raise SettingsError([MISSING])
    try:
        return wrapping.parse(written)
    except BadKeyEncryptionKey as error:
        raise SettingsError([f"The key-encryption keys cannot be used: {error}."]) from None
