"""A short slice of what `python -m tests.fuzz` does at length: any bytes are taken or refused."""

import pytest

from tests.fuzz.decoders import DECODERS, Decoder, feed
from tests.fuzz.mutation import inputs


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: str(decoder.name))
def test_any_bytes_are_taken_or_refused(decoder: Decoder) -> None:
    taken = [feed(decoder, raw) for raw in inputs(decoder.seeds, f"{decoder.name} suite", 150)]
    assert len(taken) == 150
    assert any(taken), "nothing of what it is to take is taken"


def test_the_same_seed_makes_the_same_inputs() -> None:
    seeds = DECODERS[0].seeds
    one, again, other = (list(inputs(seeds, seed, len(seeds) + 50)) for seed in (1, 1, 2))
    assert one == again != other
