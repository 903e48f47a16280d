"""The command line: `caseledger`, or `python -m services.cli`."""

from services.runtime import launch


def main() -> None:
    """Load what every command needs, and run the one that is asked for."""
    launch.load("services.cli.entrance").main()


if __name__ == "__main__":
    main()
