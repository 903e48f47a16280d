"""The tokens of a stack whose operator's is known beforehand, so that every client in a test may send it."""

from pathlib import Path
from typing import Final

from services.runtime.identity.bearer import bearer
from services.stack import credentials, private
from services.stack.layout import OPERATOR, Layout

TOKEN: Final = f"cl_{OPERATOR}_{'t' * 43}"
BEARER: Final = bearer(TOKEN)


def provide(directory: Path) -> Layout:
    """The credentials and tokens of a stack below a directory."""
    layout = Layout(directory)
    layout.tokens.mkdir(parents=True, exist_ok=True)
    private.write(layout.token_of(OPERATOR), TOKEN)
    credentials.provide(layout)
    return layout
