"""Health: every check is asked at once, and none holds up the answer."""

import asyncio

from services.runtime.health import SILENT, Checkup, Health

IMPATIENT = 0.02


class Hanging:
    """Like a driver, it takes its time to be cancelled, too."""

    def __init__(self) -> None:
        self.asked = 0
        self.back = asyncio.Event()

    async def check(self) -> Health:
        self.asked += 1
        while not self.back.is_set():
            try:
                await self.back.wait()
            except asyncio.CancelledError:
                continue
        return Health(ok=True, detail="answers")


async def well() -> Health:
    return Health(ok=True, detail="answers")


async def late() -> Health:
    raise TimeoutError


async def test_what_hangs_is_said_to_be_silent_and_holds_up_nothing_else() -> None:
    hanging = Hanging()
    async with asyncio.timeout(5):
        found = await Checkup({"database": hanging.check, "clock": well}, patience=IMPATIENT).report()
    hanging.back.set()
    assert found == {"database": SILENT, "clock": await well()}


async def test_a_time_out_is_said_in_words() -> None:
    assert (await Checkup({"database": late}).report())["database"].detail == "does not answer within 2 s"


async def test_a_question_that_is_still_out_is_not_asked_again() -> None:
    hanging = Hanging()
    checkup = Checkup({"database": hanging.check}, patience=IMPATIENT)
    for _ in range(3):
        await checkup.report()
    assert hanging.asked == 1
    hanging.back.set()
    assert (await checkup.report())["database"].ok
    assert (await checkup.report())["database"].ok
    assert hanging.asked == 2
