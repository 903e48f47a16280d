"""Where a rehearsal's clock stood when its stack stopped: the next one on the same data goes on there.

A directory keeps it only while it is rehearsed on, so that nobody goes on by mistake on a test clock with
what happened in real time.
"""

from datetime import datetime

from services.runtime.clock import ClockSettingError, instant_from, text
from services.stack import private
from services.stack.errors import StackError
from services.stack.layout import Layout
from services.stack.settings import REAL_CLOCK


def stood_at(layout: Layout) -> datetime | None:
    """Where the clock stood; None if nothing was rehearsed here, or no longer is."""
    try:
        return instant_from(layout.clock.read_text().strip())
    except (OSError, ClockSettingError):
        return None


def keep(layout: Layout, clock: str) -> None:
    """Keep where the clock stands; of the real one there is nothing to keep."""
    if clock == REAL_CLOCK:
        layout.clock.unlink(missing_ok=True)
    else:
        private.write(layout.clock, f"{clock}\n")


def begin(clock: str, stood: datetime | None, recorded: datetime | None) -> str:
    """The clock of a stack on data whose clock `stood` somewhere, or nowhere, and whose last event is known.

    Raises `StackError` when it would begin before something that was recorded in real time.
    """
    if clock == REAL_CLOCK:
        return clock
    asked = instant_from(clock)
    if stood is None and recorded is not None and asked < recorded:
        raise StackError(
            f"This ledger has events recorded up to {text(recorded)}, and a clock never goes back, so not to "
            f"{clock}. Start it with --clock {text(recorded)} or later, or on an empty directory: --data DIR."
        )
    return text(max(each for each in (asked, stood, recorded) if each))
