"""Numbers that grow, and that one may await: `position = await relay.published.wait_for(7)`."""

import asyncio
import heapq
import itertools

_Waiter = tuple[int, int, asyncio.Future[None]]  # for which value, in which order, whom to wake


class Watermark:
    """How far something has come. Used within one event loop."""

    def __init__(self, value: int = 0) -> None:
        self._value = value
        self._waiting: list[_Waiter] = []
        self._order = itertools.count()

    @property
    def value(self) -> int:
        """How far it has come by now."""
        return self._value

    def advance(self, value: int) -> None:
        """Say that `value` is reached, and wake who waited for it. A value already passed changes nothing."""
        self.begin(max(self._value, value))

    def begin(self, value: int) -> None:
        """Say where it stands, be it behind where it stood: what it counts may have been put back."""
        self._value = value
        while self._waiting and self._waiting[0][0] <= self._value:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    async def wait_for(self, value: int, timeout: float | None = None) -> int:  # noqa: ASYNC109 - it is a bound
        """Return the current value once it is at least `value`; raises `TimeoutError` after `timeout` s."""
        if self._value < value:
            waiter = (value, next(self._order), asyncio.get_running_loop().create_future())
            heapq.heappush(self._waiting, waiter)
            try:
                async with asyncio.timeout(timeout):
                    await waiter[2]
            except BaseException:
                self._forget(waiter)
                raise
        return self._value

    def _forget(self, waiter: _Waiter) -> None:
        # Its value may never be reached: whoever gave up would be kept for ever.
        if waiter in self._waiting:
            self._waiting.remove(waiter)
            heapq.heapify(self._waiting)
