"""Two sides measured in turns, so that whatever else the machine does falls on both alike."""

from collections.abc import Awaitable, Callable
from statistics import median

from msgspec import Struct

Round = Callable[[], Awaitable[float]]


class Duel(Struct, frozen=True):
    """The rates of both sides, round by round."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours by theirs, each round by the one beside it."""
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest of the ratios."""
        return min(self.ratios), max(self.ratios)

    @property
    def our_rate(self) -> float:
        """The median of our rounds."""
        return median(self.ours)

    @property
    def their_rate(self) -> float:
        """The median of theirs."""
        return median(self.theirs)


async def alternate(ours: Round, theirs: Round, rounds: int) -> Duel:
    """Measure ours, theirs, theirs, ours, ours, theirs …: a machine that gets slower favours neither."""
    duel = Duel([], [])
    for number in range(rounds):
        sides = [(ours, duel.ours), (theirs, duel.theirs)]
        for side, rates in sides if number % 2 == 0 else reversed(sides):
            rates.append(await side())
    return duel
