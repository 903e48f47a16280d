"""A rehearsal: a real ledger on a test clock, an office whose people have mailboxes, a notifier."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.notifier.rehearsal import Notifier, Rehearsal, rehearsal
from tests.support.backing import Database
from tests.support.inbox import Inbox


@pytest_asyncio.fixture
async def stage(migrated_database: Database, bus: str, smtp: str, maildir: Inbox) -> AsyncIterator[Rehearsal]:
    """A ledger at 09:00 on Monday 2 October 2017, with an empty office and no notifier yet."""
    async with rehearsal(migrated_database, bus, smtp, maildir) as made:
        yield made


@pytest_asyncio.fixture
async def office(stage: Rehearsal) -> Rehearsal:
    """The same, with every rung held."""
    await stage.open_office()
    return stage


@pytest_asyncio.fixture
async def notifier(office: Rehearsal) -> AsyncIterator[Notifier]:
    """A notifier at work, over an office whose every rung is held."""
    async with office.notifier() as made:
        yield made
