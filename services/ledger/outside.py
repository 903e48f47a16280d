"""The HTTP client with which others are asked, made for the first of them: most ledgers ask nobody."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from services.runtime.tls import authorities

if TYPE_CHECKING:
    import httpx

Client = Callable[[], "httpx.AsyncClient"]
"""Gives the client, the same one each time."""


def client_of(stack: AsyncExitStack) -> Client:
    """A client that ends with `stack`."""
    made: list[httpx.AsyncClient] = []

    def client() -> "httpx.AsyncClient":
        import httpx  # noqa: PLC0415 - slow to import where nobody is asked

        if not made:
            made.append(httpx.AsyncClient(verify=authorities(), trust_env=False))
            stack.push_async_callback(made[0].aclose)
        return made[0]

    return client
