"""`caseledger replay`: a case's history, what each event of it changed, and any day of its past."""

from services.cli.replay.command import replay

__all__ = ["replay"]
