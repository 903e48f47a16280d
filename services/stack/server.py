"""A backing server on loopback that lives as long as its `async with`, and can be restarted within."""

import asyncio
import enum
import signal
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from services.stack.child import Child
from services.stack.errors import StackError
from services.stack.ports import free_port

_START_SECONDS = 60.0
_POLL_SECONDS = 0.03


class Ended(enum.Enum):
    """Why a server ended while it was starting."""

    PORT_TAKEN = "something else listens on its port"
    TOO_SOON = "what is left of its predecessor is on its way out"
    FAILED = "its log says why"


class Server(ABC):
    """One server process on one port: the one given, or a free one that is kept for restarts."""

    name: str
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, *, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self._port_given = port != 0
        self._child: Child | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @property
    def child(self) -> Child:
        """Its process, for those who supervise or hurt it."""
        if self._child is None:
            raise StackError(f"{self.name} has not been started; start it before asking for its process.")
        return self._child

    async def start(self) -> None:
        """Start it, after a stop or a crash too, and return when it serves; raises `StackError`."""
        try:
            await _whole(asyncio.to_thread(self._prepare))
            async with asyncio.timeout(_START_SECONDS):
                while not await self._started():  # noqa: ASYNC110 -- each look is an attempt
                    await asyncio.sleep(_POLL_SECONDS)
        except BaseException as error:
            if self._child is not None:
                await self._child.kill()
            self._release()
            if isinstance(error, TimeoutError):
                raise StackError(f"{self.name} did not start in time; its log is {self.log}.") from error
            raise

    async def stop(self) -> None:
        """Stop it in order."""
        if self._child is not None:
            await self._child.stop(self.stop_signal, grace=30.0)
        self._release()

    async def kill(self) -> None:
        """End it without warning, as a power cut would."""
        await self.child.kill()

    @abstractmethod
    def _prepare(self) -> None:
        """Make its directories and files, on a thread that may block."""

    def _release(self) -> None:  # noqa: B027 -- most have nothing to give back
        """Give back what `_prepare` took and a stopped server has no use for."""

    @abstractmethod
    def _spawn(self) -> Child:
        """Start its process, for this port."""

    @abstractmethod
    async def _serves(self) -> bool:
        """Whether it, and not something else on its port, serves just now."""

    @abstractmethod
    def _ended(self, said: str) -> Ended:
        """Why it ended while starting, from what it said to its log."""

    async def _port_taken(self) -> StackError:
        """Who has its port, and what to do."""
        return StackError(
            f"{self.name} cannot listen on port {self.port}: something else does. Give another."
        )

    async def _started(self) -> bool:
        """One attempt; False when another may succeed."""
        self.port = self.port or free_port()
        written = self.log.stat().st_size if self.log.exists() else 0
        self._child = self._spawn()
        while self._child.running:
            if await self._serves():
                self._port_given = True
                return True
            await asyncio.sleep(_POLL_SECONDS)
        said = self.log.read_bytes()[written:].decode(errors="replace")
        match self._ended(said):
            case Ended.TOO_SOON:
                return False
            case Ended.PORT_TAKEN if not self._port_given:
                self.port = 0
                return False
            case Ended.PORT_TAKEN:
                raise await self._port_taken()
            case Ended.FAILED:
                ending = "\n".join(said.splitlines()[-12:])
                raise StackError(
                    f"{self.name} ended while starting; its log, {self.log}, ends with:\n{ending}"
                )


async def _whole(work: Awaitable[None]) -> None:
    """Await `work` to its end even when cancelled: a thread goes on, and would write where we clean up."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
