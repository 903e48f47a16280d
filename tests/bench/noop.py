"""What row 1 measures against: a Litestar handler that decodes the same body and does nothing.

The same process model as a service's: one process, uvicorn with httptools on uvloop, no access log.
"""

import sys
from typing import Any

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, Request, post


class Posted(msgspec.Struct):
    """The body: an event as a CloudEvent."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    actor: str
    actorrole: str
    correlationid: str
    data: dict[str, Any]


_decoder = msgspec.json.Decoder(Posted)


@post("/v1/cases/{case_id:str}/events")
async def take(request: Request[Any, Any, Any], case_id: str) -> None:  # noqa: ARG001 -- parsed, like ours
    """Decode and do nothing; faster than Litestar's own `data: Posted`, which decodes twice."""
    _decoder.decode(await request.body())


async def serve(port: int) -> None:
    """Serve until SIGTERM."""
    config = uvicorn.Config(
        Litestar([take], openapi_config=None, logging_config=None),
        host="127.0.0.1",
        port=port,
        http="httptools",
        loop="none",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
