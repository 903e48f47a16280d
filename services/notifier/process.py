"""A notifier process, from its environment to its exit status."""

from services.notifier import service
from services.notifier.settings import Settings
from services.runtime import process


def main() -> int:
    """Serve until told to stop. Returns the exit status."""
    return process.run(service.SERVICE, Settings, service.main, log_keys=service.LOG_KEYS)
