"""Committed documents, from memory where this process has them without a gap."""

from services.ledger.commits import Commits
from services.ledger.store import Placed, Store


class FromTheTable(Store):
    """A store that says that it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def after(self, position: int, limit: int) -> list[Placed]:  # noqa: ARG002 - as it is called
        self.asked.append(position)
        return [placed(position + 1)]


def placed(position: int) -> Placed:
    return Placed(position, "case-1", "ContactReceived", b'{"position":%d}' % position)


def commits(*positions: int) -> tuple[Commits, FromTheTable]:
    store = FromTheTable()
    made = Commits(store)
    for position in positions:
        made.add(placed(position))
    return made, store


async def test_what_this_process_committed_is_not_read_back() -> None:
    made, store = commits(4, 5, 6)
    assert await made.after(4, 500) == [placed(5), placed(6)]
    assert await made.after(3, 2) == [placed(4), placed(5)]
    assert store.asked == []


async def test_what_others_committed_in_between_is_read() -> None:
    made, store = commits(4, 6)
    assert await made.after(3, 500) == [placed(4)]
    assert await made.after(4, 500) == [placed(5)]
    assert await made.after(5, 500) == [placed(6)]
    assert store.asked == [4]


async def test_the_head_is_the_latest_commit_seen() -> None:
    made, _ = commits(4, 6)
    assert await made.head.wait_for(6, timeout=1) == 6
