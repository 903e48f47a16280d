"""The token with which a service or a command asks others, as a header."""

from pathlib import Path


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token; none without one."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def token_in(path: Path) -> str:
    """The token that a file holds, and nothing else. Raises `OSError`, and `ValueError` where it holds none.

    What could be no header is not tried: whoever refuses it might quote it.
    """
    token = path.read_text().strip()
    if not token:
        raise ValueError(f"{path} is empty")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError(f"{path} holds something else than a token")
    return token
