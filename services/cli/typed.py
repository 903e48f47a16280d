"""Commands and paths as somebody would type them here, for what tells them what to do next."""

import shlex
import shutil
import sys
from pathlib import Path

from services.cli.target import layout_of
from services.runtime.product import PRODUCT
from services.stack.layout import Layout


def command(words: str, layout: Layout) -> str:
    """The command `words` for the stack on `layout`, which is named unless it is the usual one."""
    data = "" if layout_of(None).data == layout.data else f" --data {short(layout.data)}"
    return f"`{_program()} {words}{data}`"


def short(path: Path) -> str:
    """A path from here, if it is below."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _program() -> str:
    """The product by its name where that finds it, and else as it was called."""
    called = Path(sys.argv[0])
    return PRODUCT if called.name != PRODUCT or shutil.which(PRODUCT) else short(called)
