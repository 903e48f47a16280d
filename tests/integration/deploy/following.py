"""Follow a ledger for a few documents."""

from contextlib import aclosing

from services.runtime.follow import Follower


async def first(follower: Follower, count: int) -> tuple[list[int], str]:
    """The positions of the first documents, and where the last of them came from."""
    seen: list[int] = []
    async with aclosing(follower.batches(0)) as batches:
        async for batch in batches:
            seen += [position for position, _ in batch]
            if len(seen) >= count:
                break
    return seen, follower.source
