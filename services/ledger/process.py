"""A ledger process, from its environment to its exit status."""

from services.ledger import anchoring, keyholding, service, signing
from services.ledger.settings import Settings
from services.runtime import process, tls


def main() -> int:
    """Serve until told to stop. Returns the exit status."""
    return process.run(service.SERVICE, Settings, service.main, check=_check, log_keys=service.LOG_KEYS)


def _check(chosen: Settings) -> None:
    anchoring.read(chosen, signing.keys_of(chosen))
    keyholding.of(chosen)
    tls.refuse_clear(
        chosen.environment,
        KEY_ENCRYPTION_SERVICE_URL=chosen.key_encryption_service_url,
        SIGNING_SERVICE_URL=chosen.signing_service_url,
    )
