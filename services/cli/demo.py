"""`caseledger demo`: the practice-alert story of 2017-18, played through the whole product as one watches.

Everything is real: the stack, the HTTP, the messages. Only the clock is moved by hand.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from services.cli import interrupts, story
from services.cli.stage import Stage
from services.cli.terminal import say
from services.runtime.client import OFFICE, LedgerClient
from services.stack import clocks
from services.stack.layout import Layout, Urls
from services.stack.stack import Settings, Stack

STORY: Final = "practice-alert-2017"
OPENING: Final = datetime(2017, 10, 2, 7, 30, tzinfo=UTC)


def demo() -> None:
    """Watch a practice alert climb the ladder: the story of 2017-18, on a throw-away stack and a test clock.

    An alert about care-plan drift is raised on Monday 2 October 2017. Nobody answers at the Team Manager or
    the Service Manager; the Head of Service does. In January the same issue comes back on the same case.
    The events are posted over HTTP, the clock goes from one due moment to the next, and at the end the case's
    timeline, both ladders and a manager's message are printed in full. It takes less than a minute.
    """
    status = interrupts.run(lambda _: _play(Console(highlight=False, soft_wrap=False)))
    if status:
        raise SystemExit(status)


async def _play(console: Console) -> int:
    console.print("Starting Postgres, NATS, a mail server and the three services …", style="dim")
    with TemporaryDirectory(prefix="caseledger-demo-") as directory:
        layout = Layout(Path(directory))
        settings = Settings(clock=OPENING.isoformat(), log_format="json")
        async with (
            Stack(layout, settings, ports={}, say=say) as stack,
            LedgerClient(stack.urls.ledger, source="/demo") as ledger,
            Stage(console, stack.urls.projector, layout.maildir) as stage,
        ):
            await _tell(story.read(STORY), stack.urls, ledger, stage)
            await stage.close_curtain()
    return 0


async def _tell(chapters: Sequence[story.Chapter], urls: Urls, ledger: LedgerClient, stage: Stage) -> None:
    """Post each event at its time; between two, go from one due moment to the next."""
    for told_at, chapter in story.moments(chapters, OPENING):
        while (now := await _go_on(urls, told_at)) < told_at:
            await stage.show_news(now)
        await stage.show_news(now)
        await ledger.append(chapter.subject, chapter.event)
        if chapter.subject == OFFICE:
            stage.show_appointment(told_at, chapter.event["data"])
            continue
        stage.case_id = chapter.subject
        await clocks.advance(urls, told_at)  # returns when everybody has acted on what was posted
        await stage.show_news(told_at)


async def _go_on(urls: Urls, target: datetime) -> datetime:
    """Move the clock to the next due moment, or to `target` if that comes first."""
    due = (await clocks.read(urls)).next_due
    return await clocks.advance(urls, min(target, due) if due else target)
