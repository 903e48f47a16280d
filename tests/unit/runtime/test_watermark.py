"""Watermarks: numbers that only grow, and that one may await."""

import asyncio
import contextlib
import gc

import pytest

from services.runtime.moment import Watermark


async def test_what_is_reached_is_not_waited_for() -> None:
    assert await Watermark(7).wait_for(7) == 7


async def test_a_waiter_is_woken_when_its_value_is_reached() -> None:
    mark = Watermark()
    waiting = asyncio.create_task(mark.wait_for(3))
    await asyncio.sleep(0)
    mark.advance(2)
    await asyncio.sleep(0)
    assert not waiting.done()
    mark.advance(5)
    assert await waiting == 5


async def test_each_waiter_is_woken_at_its_own_value() -> None:
    mark = Watermark()
    waiting = [asyncio.create_task(mark.wait_for(n)) for n in (4, 1, 3, 2)]
    await asyncio.sleep(0)
    mark.advance(2)
    await asyncio.sleep(0)
    assert [task.done() for task in waiting] == [False, True, False, True]
    mark.advance(4)
    await asyncio.gather(*waiting)


def test_it_does_not_advance_backwards() -> None:
    mark = Watermark(5)
    mark.advance(3)
    assert mark.value == 5


def test_it_may_begin_again_where_what_it_counts_was_put_back_to() -> None:
    mark = Watermark(7)
    mark.begin(3)
    assert mark.value == 3


async def test_a_wait_is_bounded() -> None:
    with pytest.raises(TimeoutError):
        await Watermark().wait_for(1, timeout=0)


async def test_a_waiter_that_gave_up_disturbs_nobody() -> None:
    mark = Watermark()
    gone, staying = (asyncio.create_task(mark.wait_for(1)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    mark.advance(1)
    assert await staying == 1


async def test_those_who_gave_up_on_what_is_never_reached_are_not_kept() -> None:
    mark = Watermark()
    for _ in range(100):
        with contextlib.suppress(TimeoutError):
            await mark.wait_for(2**62, timeout=0)
    gc.collect()
    assert sum(type(each) is asyncio.Future for each in gc.get_objects()) < 100
