"""The authorities whose certificates are trusted, read once a process: that takes 30 ms, a request one."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """What every HTTP client is given as `verify`."""
    return httpx.create_ssl_context(trust_env=False)
