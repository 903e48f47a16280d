"""What every channel owes to whoever sends by it."""

from typing import Protocol

from services.notifier.message import Message


class NotTaken(Exception):
    """The channel did not take the message, or nobody knows. `error` is a code that the ledger may keep."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Channel(Protocol):
    """One way of reaching people. Used by several tasks at once."""

    async def send(self, message: Message, address: str) -> None:
        """Hand a message over: on return, the channel has taken it. May deliver twice.

        The message's id is the same at every attempt, so that whoever gets it twice can tell. Raises
        `NotTaken`, within half a minute, whatever goes wrong; no part of the address is in its code.
        """
