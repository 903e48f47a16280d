"""Put a witness process together and run it until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from services.runtime import web
from services.runtime.clock import SystemClock
from services.runtime.health import Health
from services.runtime.identity.authentication import Bearers
from services.runtime.identity.registry import Registry
from services.runtime.lifecycle import Background
from services.runtime.tls import Certificate
from services.witness import api
from services.witness.directory import Directory

SERVICE: Final = "witness"
LOG_KEYS: Final = ("origin", "size")
LARGEST: Final = 200_000  # bytes of a request: a proof, and a checkpoint with all the signatures it may have


async def main(
    path: Path, host: str, port: int, stop: asyncio.Event, certificate: Certificate | None = None
) -> None:
    """Serve the witness in the directory `path` until `stop` is set."""
    async with serve(path, host, port, certificate):
        await stop.wait()


@asynccontextmanager
async def serve(
    path: Path, host: str, port: int, certificate: Certificate | None = None
) -> AsyncIterator[str]:
    """A witness on HTTP while the body runs; gives its URL. Raises `WitnessError`."""
    clock = SystemClock()
    with Directory(path) as directory:

        async def check() -> Health:
            return Health(ok=True, detail=f"witnesses {', '.join(sorted(directory.ledgers)) or 'no ledger'}")

        app = web.create_app(
            SERVICE,
            routes=api.routes(directory, clock),
            authentication=Bearers(Registry((), clock)),  # what it answers is public, and nobody is more
            clock=clock,
            checks={"ledgers": check},
            body_limit=LARGEST,
        )
        async with (
            Background() as background,
            web.serve(app, host, port, certificate=certificate) as served_at,
        ):
            background.start("clock", clock.watch())
            yield served_at
