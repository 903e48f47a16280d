"""Load what a process is made of, quickly, and keep the garbage collector off what stays.

Left alone, the collector walks every module again and again while they are loaded and once more at the end,
a third of what a start costs; and then, with what a service keeps in memory, in pauses of 100 ms, a sixth of
what a busy one does.
"""

import gc
import sys
from importlib import import_module
from typing import Any, Final

COLLECT_AFTER: Final = (20_000, 50, 1_000)  # allocations; collections of the generation before
UNWANTED: Final = ("attr", "httpx._main", "pygments")
"""What httpx, rich and structlog load wherever they find it: what httpx's own command and tracebacks in
colours are made of. Who asks for it later gets it.
"""


def load(module: str) -> Any:
    """Import `module` and all that it needs."""
    gc.disable()
    missed = [name for name in UNWANTED if _do_without(name)]
    try:
        return import_module(module)
    finally:
        for name in missed:
            del sys.modules[name]
        gc.freeze()
        gc.enable()


def prepare(*modules: str) -> None:
    """Load the modules of services' processes."""
    _do_without("rich")  # for a terminal that no service has
    for module in modules:
        load(module)


def service(module: str) -> int:
    """Load the module of a service's process and run its `main`; gives the exit status."""
    prepare(module)
    status: int = load(module).main()
    return status


def spare_the_collector() -> None:
    """Keep it off what a service was put together from, and let it look less often at what comes and goes.

    The kept cases are most of that, and have no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _do_without(name: str) -> bool:
    """Have Python say that there is no such module, as libraries are prepared for; False if it is there."""
    there = name in sys.modules
    sys.modules.setdefault(name, None)  # type: ignore[arg-type] # what it does, its types do not allow
    return not there
