"""A command cleans up however it is told to stop, and its status says how that was."""

import asyncio
import os
import signal

import pytest

from services.cli import interrupts
from services.cli.interrupts import Interruption


@pytest.mark.parametrize("told_by", interrupts.STOPPING)
def test_a_signal_cancels_the_command_once_and_is_its_status(told_by: signal.Signals) -> None:
    cleaned: list[str] = []

    async def work(told: Interruption) -> int:
        os.kill(os.getpid(), told_by)
        try:
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # an impatient second one
            await asyncio.sleep(0)
            cleaned.append(str(told.signal and told.signal.name))
        return 0

    assert interrupts.run(work) == 128 + told_by
    assert cleaned == [told_by.name]


def test_a_command_that_ends_by_itself_has_a_status_of_its_own() -> None:
    async def work(_told: Interruption) -> int:
        return 7

    assert interrupts.run(work) == 7


def test_a_command_may_say_what_its_interruption_means() -> None:
    async def work(_told: Interruption) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 0
        return 1

    assert interrupts.run(work) == 0
