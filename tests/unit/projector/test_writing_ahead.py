"""One write at a time, going on while the next is prepared."""

import asyncio

import pytest

from services.projector.ahead import Ahead


async def test_a_write_goes_on_while_the_next_is_prepared_and_the_next_waits_for_it() -> None:
    told: list[str] = []
    gate = asyncio.Event()

    async def write(name: str) -> None:
        told.append(f"{name} begins")
        await gate.wait()
        told.append(f"{name} is done")

    async with Ahead() as writing:
        await writing.start(write("first"))
        next_one = asyncio.create_task(writing.start(write("second")))
        await asyncio.sleep(0)
        told.append("preparing")
        gate.set()
        await next_one

    assert told == ["first begins", "preparing", "first is done", "second begins", "second is done"]


async def test_an_error_of_the_last_write_comes_out_on_leaving() -> None:
    with pytest.raises(ZeroDivisionError):
        async with Ahead() as writing:
            await writing.start(fail())


async def test_an_error_of_a_write_stops_the_next_from_starting() -> None:
    started: list[str] = []

    async def write() -> None:
        started.append("second")

    async def write_both() -> None:
        async with Ahead() as writing:
            await writing.start(fail())
            await writing.start(write())

    with pytest.raises(ZeroDivisionError):
        await write_both()

    assert started == []


async def test_an_error_of_the_body_gives_up_the_write_that_is_under_way() -> None:
    given_up = asyncio.Event()

    async def write() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    async def stumble() -> None:
        async with Ahead() as writing:
            await writing.start(write())
            await asyncio.sleep(0)
            raise KeyError

    with pytest.raises(KeyError):
        await stumble()

    assert given_up.is_set()


async def fail() -> None:
    raise ZeroDivisionError
