"""A bounded wait ends when it is told to, whatever the library beneath it makes of that."""

import asyncio

import pytest

from services.runtime.nats import bounded


async def answered_as_it_is_cancelled() -> int:
    """What `asyncio.wait_for` does, up to Python 3.11, when the answer comes with the cancellation."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return 1
    return 0


async def test_a_cancellation_that_came_with_the_answer_is_not_lost() -> None:
    waiting = asyncio.create_task(bounded(answered_as_it_is_cancelled(), 10))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_takes_too_long_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        await bounded(asyncio.Event().wait(), 0.001)
    with pytest.raises(TimeoutError):
        await bounded(answered_as_it_is_cancelled(), 0.001)
    assert await bounded(asyncio.sleep(0, 7), 1) == 7
