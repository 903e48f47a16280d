"""`caseledger serve ledger|projector|notifier`: one service alone, for production."""

import enum
import importlib
import os
from typing import Annotated

import typer

from services.stack.service import LEDGER, NOTIFIER, PROJECTOR


class Name(enum.StrEnum):
    """The services."""

    LEDGER = LEDGER
    PROJECTOR = PROJECTOR
    NOTIFIER = NOTIFIER


def serve(
    service: Annotated[Name, typer.Argument(help="Which service.")],
    host: Annotated[
        str | None, typer.Option(help="The address to bind to; CASELEDGER_HOST, or loopback.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port; CASELEDGER_PORT, or 8400, 8401, 8402.")] = None,
) -> None:
    """Run one service in the foreground until SIGTERM, on the Postgres and NATS that the environment names.

    It waits for both, outlives their restarts, and says on /readyz how it is. Apply the migrations first:
    `caseledger migrate`. Every name it reads is in the reference of settings.

    For example:

        export CASELEDGER_DATABASE_URL=postgresql://caseledger_ledger@db/caseledger
        export CASELEDGER_NATS_URL=nats://bus:4222
        caseledger serve ledger --port 8400
    """
    # The service reads its environment, once, by itself: what the command line says is put there for it.
    given = {"CASELEDGER_HOST": host, "CASELEDGER_PORT": None if port is None else str(port)}
    os.environ.update({name: value for name, value in given.items() if value is not None})
    # Imported only now: one service needs neither the others nor what they import.
    status = importlib.import_module(f"services.{service.value}.__main__").main()
    raise typer.Exit(status or 0)
