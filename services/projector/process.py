"""A projector process, from its environment to its exit status."""

from services.projector import service
from services.projector.settings import Settings
from services.runtime import process


def main() -> int:
    """Serve until told to stop. Returns the exit status."""
    return process.run(service.SERVICE, Settings, service.main)
