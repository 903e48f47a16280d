"""A ledger process, from its environment to its exit status."""

import os
import sys

from services.ledger import anchoring, keyholding, service, signing
from services.ledger.settings import Settings
from services.runtime import lifecycle, logs, settings, tls
from services.runtime.identity import settings as identity


def main() -> int:
    """Read the environment, once, and serve until told to stop. Returns the exit status."""
    try:
        chosen = settings.load(Settings, os.environ)
        identity.check(chosen)
        tls.certificate_of(chosen.tls_certificate, chosen.tls_key)
        anchoring.read(chosen, signing.keys_of(chosen))
        keyholding.of(chosen)
        tls.refuse_clear(
            chosen.environment,
            KEY_ENCRYPTION_SERVICE_URL=chosen.key_encryption_service_url,
            SIGNING_SERVICE_URL=chosen.signing_service_url,
        )
    except settings.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure(service.SERVICE, chosen.log_format, chosen.log_level, keys=service.LOG_KEYS)
    return lifecycle.run(lambda stop: service.main(chosen, stop))
