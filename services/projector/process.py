"""A projector process, from its environment to its exit status."""

import os
import sys

from services.projector import service
from services.projector.settings import Settings
from services.runtime import lifecycle, logs, settings, tls
from services.runtime.identity import settings as identity


def main() -> int:
    """Read the environment, once, and serve until told to stop. Returns the exit status."""
    try:
        chosen = settings.load(Settings, os.environ)
        identity.check(chosen)
        tls.certificate_of(chosen.tls_certificate, chosen.tls_key)
    except settings.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure(service.SERVICE, chosen.log_format, chosen.log_level)
    return lifecycle.run(lambda stop: service.main(chosen, stop))
