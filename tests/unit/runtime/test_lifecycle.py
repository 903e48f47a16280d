"""Lifecycle: start, run until told to stop, stop cleanly, and fail loudly."""

import asyncio
import os
import signal
import socket

import pytest
import structlog

from services.runtime.lifecycle import Background, TaskEnded, run


async def forever() -> None:
    await asyncio.Event().wait()


def test_main_that_returns_is_a_clean_stop() -> None:
    async def main(_stop: asyncio.Event) -> None: ...

    assert run(main) == 0


@pytest.mark.parametrize(
    ("error", "told"), [(ValueError(), ["task.stray_error"]), (socket.gaierror(-3, "try again"), [])]
)
def test_an_error_that_nobody_waits_for_is_told_unless_it_is_a_name_s(
    error: Exception, told: list[str]
) -> None:
    async def main(_stop: asyncio.Event) -> None:
        asyncio.get_running_loop().create_future().set_exception(error)

    with structlog.testing.capture_logs() as lines:
        assert run(main) == 0
    assert [line["event"] for line in lines if line["log_level"] == "error"] == told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_for_a_clean_stop(number: signal.Signals) -> None:
    finished = []

    async def main(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), number)
        await stop.wait()
        finished.append(True)

    assert run(main) == 0
    assert finished


def test_a_second_signal_ends_it_at_once() -> None:
    async def main(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await forever()

    assert run(main) == 130


def test_a_signal_ends_a_service_that_is_still_waiting_for_its_servers() -> None:
    tidied = []

    async def main(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await forever()
        finally:
            tidied.append(True)
        await stop.wait()

    assert run(main) == 0
    assert tidied


def test_an_error_gives_a_status_other_than_0_and_is_logged() -> None:
    async def main(_stop: asyncio.Event) -> None:
        raise ValueError

    with structlog.testing.capture_logs() as lines:
        assert run(main) == 1
    assert lines[-1]["event"] == "service.failed"


def test_a_crashed_background_task_takes_the_service_down() -> None:
    async def crash() -> None:
        raise ValueError

    async def main(stop: asyncio.Event) -> None:
        async with Background() as background:
            background.start("relay", crash())
            await stop.wait()

    assert run(main) == 1


def test_a_background_task_that_is_cancelled_by_anybody_else_takes_the_service_down() -> None:
    async def give_up() -> None:
        await asyncio.sleep(0)
        raise asyncio.CancelledError

    async def main(stop: asyncio.Event) -> None:
        async with Background() as background:
            background.start("relay", give_up())
            background.start("batcher", forever())
            await stop.wait()

    assert run(main) == 1


async def test_of_background_tasks_that_end_together_only_the_fault_is_told() -> None:
    async def crash() -> None:
        raise ValueError

    async def service() -> None:
        async with Background() as background:
            background.start("relay", crash())
            background.start("batcher", forever())
            await forever()

    with pytest.raises(ExceptionGroup) as caught:
        await service()
    assert [type(each) for each in caught.value.exceptions] == [ValueError]


async def test_a_background_task_that_ends_early_is_a_fault() -> None:
    async def end() -> None: ...

    async def service() -> None:
        async with Background() as background:
            background.start("relay", end())
            await forever()

    with pytest.raises(ExceptionGroup) as caught:
        await service()
    assert caught.group_contains(TaskEnded, match="relay")


async def test_background_tasks_are_cancelled_and_awaited_when_the_body_ends() -> None:
    cleaned = asyncio.Event()

    async def work() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    async with Background() as background:
        background.start("relay", work())
        await asyncio.sleep(0)
    assert cleaned.is_set()


async def test_an_error_in_the_body_comes_out_and_stops_the_tasks() -> None:
    async def broken_service() -> None:
        async with Background() as background:
            task = background.start("relay", forever())
            tasks.append(task)
            raise ValueError

    tasks: list[asyncio.Task[None]] = []
    with pytest.raises(ExceptionGroup) as caught:
        await broken_service()
    assert caught.group_contains(ValueError)
    assert tasks[0].cancelled()
