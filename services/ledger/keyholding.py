"""The key-encryption keys that a ledger is given: without any it cannot keep what is personal."""

from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from services.ledger import wrapping
from services.ledger.outside import Client
from services.ledger.signing import content_of
from services.ledger.wrapping import BadKeyEncryptionKey, HeldHere, KeyEncryption
from services.runtime.settings import SettingsError

if TYPE_CHECKING:  # loaded only where a key service is named
    from services.ledger.transit import Held

MISSING: Final = (
    "CASELEDGER_KEY_ENCRYPTION_KEY_FILE is missing: name a file with the key that personal data are sealed "
    "under, a line `<id> <key>`, such as `2026-11 $(openssl rand -base64 32)`. Keep it apart from the "
    "database and its backups: without it nothing personal can be read again."
)
NO_PLACE: Final = (
    "CASELEDGER_KEY_ENCRYPTION_SERVICE_URL cannot be used: name where the key service encrypts, as "
    "https://vault:8200/v1/transit/encrypt/<key>."
)
NO_TOKEN: Final = "CASELEDGER_KEY_ENCRYPTION_SERVICE_TOKEN_FILE is missing: name the file of the token."  # noqa: S105 - a text


class Given(Protocol):
    """What a ledger, or a command, is told of key-encryption keys: each as the setting of that name."""

    @property
    def key_encryption_key(self) -> str | None:
        """The keys themselves."""

    @property
    def key_encryption_key_file(self) -> str | None:
        """The file that holds them."""

    @property
    def key_encryption_service_url(self) -> str | None:
        """Where a service encrypts with one that it holds."""

    @property
    def key_encryption_service_token_file(self) -> str | None:
        """The file of the token that the service is asked with."""


class Holding(Struct, frozen=True):
    """Keys that were given to this process, or the service that holds them, or both."""

    here: HeldHere | None
    elsewhere: "Held | None"

    def at_work(self, client: Client) -> KeyEncryption:
        """What wraps and unwraps: the service, where there is one."""
        if self.elsewhere:
            from services.ledger.transit import HeldElsewhere  # noqa: PLC0415 - slow to import, as for `read`

            return HeldElsewhere(self.elsewhere, client(), former=self.here)
        if self.here is None:
            raise SettingsError([MISSING])
        return self.here


def of(given: Given) -> Holding:
    """Read the keys; raises `SettingsError`, which never shows one."""
    if given.key_encryption_key and given.key_encryption_key_file:
        raise SettingsError(
            ["Set CASELEDGER_KEY_ENCRYPTION_KEY or CASELEDGER_KEY_ENCRYPTION_KEY_FILE, not both."]
        )
    written = given.key_encryption_key
    if given.key_encryption_key_file:
        written = content_of(given.key_encryption_key_file, "CASELEDGER_KEY_ENCRYPTION_KEY_FILE")
    if not written and not given.key_encryption_service_url:
        raise SettingsError([MISSING])
    try:
        return Holding(wrapping.parse(written) if written else None, _elsewhere(given))
    except BadKeyEncryptionKey as error:
        raise SettingsError([f"The key-encryption keys cannot be used: {error}."]) from None


def _elsewhere(given: Given) -> "Held | None":
    if not given.key_encryption_service_url:
        return None
    from services.ledger import transit  # noqa: PLC0415 - slow to import where none is named

    named = given.key_encryption_service_token_file
    if not named:
        raise SettingsError([NO_TOKEN])
    token = content_of(named, "CASELEDGER_KEY_ENCRYPTION_SERVICE_TOKEN_FILE").strip()
    held = transit.read(given.key_encryption_service_url, token)
    if held is None:
        raise SettingsError([NO_PLACE])
    return held
