"""The token with which a service or a command asks others, as a header."""

from pathlib import Path

from services.runtime.settings import SettingsError, reason_of


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


def token_of(token: str | None, token_file: str | None, *, called: str = "CASELEDGER_TOKEN_FILE") -> str:
    """The token with which to ask, as it is or in a file; empty without one. Raises `SettingsError`.

    `called` is how the file was named.
    """
    if token and token_file:
        raise SettingsError(["CASELEDGER_TOKEN and CASELEDGER_TOKEN_FILE are both set: set one."])
    if token_file is None:
        return token or ""
    try:
        return token_in(Path(token_file))
    except (OSError, ValueError) as error:
        raise SettingsError([f"{called} cannot be used: {reason_of(error)}."]) from None
