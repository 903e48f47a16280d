"""Ask a service whether it is ready: dozens of times a second while it starts, so without a client."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

from services.runtime.tls import authorities_for

PATIENCE: Final = 5.0
"""Seconds that an answer may take: each check behind it has two."""


async def is_ready(url: str) -> bool:
    """Whether `/readyz` below `url` answers 200 just now."""
    parts = urlsplit(url)
    asked = f"GET /readyz HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    tls = authorities_for(url) if parts.scheme == "https" else None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=tls)
            try:
                writer.write(asked.encode())
                return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            finally:
                writer.close()
    except (OSError, ValueError):  # nobody listens yet, or somebody who speaks something else
        return False
