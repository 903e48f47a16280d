"""Keep the folded streams that were used last, within a bound on the events they were folded from."""

from collections import OrderedDict

from services.ledger.state import State, weight


class Cases:
    """An LRU of folded streams. One weighs its events: a Case keeps them, so that one can be voided.

    What is kept may be behind the ledger, since other processes append too: the append checks the version.
    """

    def __init__(self, most_events: int) -> None:
        self._most_events = most_events
        self._events = 0
        self._states: OrderedDict[str, State] = OrderedDict()

    @property
    def events(self) -> int:
        """How many events the kept streams were folded from."""
        return self._events

    def get(self, stream: str) -> State | None:
        """The stream as it was kept, now the one used last."""
        state = self._states.get(stream)
        if state is not None:
            self._states.move_to_end(stream)
        return state

    def keep(self, stream: str, state: State) -> None:
        """Keep `state` in place of what was kept of the stream; let go of those used longest ago."""
        self.forget(stream)
        if weight(state) <= self._most_events:
            self._states[stream] = state
            self._events += weight(state)
        while self._events > self._most_events:
            _, oldest = self._states.popitem(last=False)
            self._events -= weight(oldest)

    def forget(self, stream: str) -> None:
        """Let go of a stream, so that it is read again."""
        state = self._states.pop(stream, None)
        if state is not None:
            self._events -= weight(state)
