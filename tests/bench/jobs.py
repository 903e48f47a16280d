"""How a driver process is told what to do: a job a line on its input, an answer a line on its output.

Only the standard library is used here: the other event stores run it in an environment of their own.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

WARM_UP = 0.5
"""Seconds before counting begins."""

Job = Callable[..., dict[str, Any]]


def serve(kinds: Mapping[str, Job]) -> None:
    """Do the jobs that come, each by its `kind`, until standard input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        kind = kinds[job.pop("kind")]
        sys.stdout.write(json.dumps(kind(**job)) + "\n")
        sys.stdout.flush()


def in_threads(appends: list[Callable[[], None]], size: int, seconds: float) -> dict[str, Any]:
    """Call each of `appends` over and over in a thread of its own; gives the rate after the warm-up.

    A call that raises ends the process: what it measured would be worth nothing.
    """
    done = [0] * len(appends)
    begin = monotonic() + WARM_UP
    end = begin + seconds

    def repeat(number: int, append: Callable[[], None]) -> None:
        while True:
            append()
            now = monotonic()
            if now >= end:
                return
            if now >= begin:
                done[number] += 1

    threads = [threading.Thread(target=repeat, args=each, daemon=True) for each in enumerate(appends)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    requests = sum(done)
    return {"requests": requests, "events": requests * size, "seconds": seconds, "failed": {}}
