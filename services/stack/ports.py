"""Ports on the loopback interface that nothing listens on, and that nothing will take by accident."""

import random
import socket

from services.stack.errors import StackError

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range. A client that keeps dialling a dead server's port inside that range
# is in time given that very port as its own source, and is then connected to itself.
_LOWEST, _HIGHEST = 20_000, 32_000
_TRIES = 200


def free_port() -> int:
    """A port that could be bound just now; whoever starts a server on it tries again should it be gone."""
    for _ in range(_TRIES):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 -- any port will do, none is secret
        if is_free(port):
            return port
    raise StackError(
        f"No free port found between {_LOWEST} and {_HIGHEST}; stop something that listens there."
    )


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
