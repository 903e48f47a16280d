"""Chance with a seed: the same on every machine and under every version of Python.

Only `Random.random()` is used, the one method whose results Python promises to keep. Every theme throws dice
of its own, so that one that throws once more changes no other.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """`Dice(seed, "contacts")`: chance for one theme."""

    def __init__(self, seed: int, theme: str) -> None:
        digest = sha256(f"{seed} {theme}".encode()).digest()
        self._random = Random(int.from_bytes(digest[:8], "big"))  # noqa: S311 -- repeatable on purpose

    def below(self, number: int) -> int:
        """One of 0, 1 … `number` - 1."""
        return int(self._random.random() * number)

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` through `most`."""
        return least + self.below(most - least + 1)

    def chance(self, percent: int) -> bool:
        """True so many times in a hundred."""
        return self.below(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All of them, in another order."""
        mixed = list(things)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def deal(self, counts: Mapping[T, int]) -> list[T]:
        """Each of them as many times as it is to come, in any order."""
        return self.shuffled([each for each, times in counts.items() for _ in range(times)])
