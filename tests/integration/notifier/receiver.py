"""A real web server that takes webhooks, or refuses them, and keeps what it was sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, post

from services.runtime import web
from tests.support.open_app import open_app


@dataclass
class Receiver:
    """`status` is what it answers next; `posts` are the headers and bodies that came."""

    url: str = ""
    status: int = 204
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver at work within."""
    receiver = Receiver()

    @post("/hook")
    async def take(request: Request[Any, Any, Any]) -> Response[None]:
        receiver.posts.append((dict(request.headers), await request.body()))
        return Response(None, status_code=receiver.status)

    async with web.serve(open_app("receiver", take), "127.0.0.1", 0) as url:
        receiver.url = f"{url}/hook"
        yield receiver
