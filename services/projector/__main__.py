"""Run a projector process: `python -m services.projector`, told what it needs by its environment."""

import sys

from services.runtime import launch


def main() -> int:
    """Load the service and serve until told to stop. Returns the exit status."""
    return launch.service("services.projector.process")


if __name__ == "__main__":
    sys.exit(main())
