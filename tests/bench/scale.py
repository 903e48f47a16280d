"""How much is measured: the budget's own numbers, fewer of them for a quick look, or all of them."""

from datetime import date

from msgspec import Struct


class Scale(Struct, frozen=True):
    """The sizes of one run."""

    rounds: int = 5
    seconds: float = 6.0
    replayed: int = 200_000
    windows_open: int = 100_000
    windows_due: int = 10_000
    visible_seconds: float = 30.0
    remembered: int = 300_000
    year_until: date = date(2018, 3, 31)
    verified: int = 200_000


USUAL = Scale()
QUICK = Scale(
    rounds=2,
    seconds=2.0,
    replayed=20_000,
    windows_open=5_000,
    windows_due=500,
    visible_seconds=8.0,
    remembered=30_000,
    year_until=date(2017, 6, 30),
    verified=20_000,
)
FULL = Scale(replayed=1_000_000, remembered=10_000_000, verified=1_000_000)
