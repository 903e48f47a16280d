"""Fixtures over real servers: one Postgres, NATS and SMTP server a test process, fresh state for each test.

`database`, `bus`, `smtp` and `maildir` are cheap. `own_postgres`, `own_nats` and `own_mail` start a server
for one test, which may hurt it with `tests.support.faults`.
"""

import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from hypothesis import settings

from services.stack.mail import Mail
from services.stack.nats import Nats
from services.stack.postgres import Postgres
from tests.support import backing, clusters, faults, scratch
from tests.support.backing import Backing, Database
from tests.support.inbox import Inbox

_WORKERS_A_CORE = 2  # they wait for servers, too
_MOST_WORKERS = 8

_numbers = count(1)
_SCRATCH = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backing",
        choices=("auto", "containers", "embedded"),
        default="auto",
        help="Postgres and NATS from containers, embedded, or (auto) containers where Docker answers",
    )


def pytest_xdist_auto_num_workers() -> int:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(_WORKERS_A_CORE * cores, _MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.option.basetemp is None:
        # Of this run alone: runs side by side would clear away what others still use.
        config.option.basetemp = config.stash[_SCRATCH] = scratch.make()
    # Each core runs two workers with servers of their own: how long one example takes says nothing here.
    settings.register_profile("suite", deadline=None, max_examples=50)
    settings.load_profile("suite")
    _log_plainly()
    gc.disable()  # all that is imported and collected stays: to look through it again and again is in vain


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and _SCRATCH in session.config.stash:
        shutil.rmtree(session.config.stash[_SCRATCH], ignore_errors=True)


def pytest_report_header(config: pytest.Config) -> str:
    return backing.describe(_backing(config))


def _backing(config: pytest.Config) -> Backing:
    return backing.choose(str(config.getoption("--backing")))


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """A command that is run within a test sends the process's logs to an output that ends with it."""
    yield
    _log_plainly()


def _log_plainly() -> None:
    structlog.reset_defaults()
    # By default structlog draws each stack in colours: a tenth of all that the notifier's tests take.
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture(scope="session")
def chosen_backing(pytestconfig: pytest.Config) -> Backing:
    """What `--backing` comes to: "containers" or "embedded"."""
    return _backing(pytestconfig)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server(
    chosen_backing: Backing, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """The Postgres server of this test process: its maintenance database, whose roles all tests share."""
    async with backing.postgres(chosen_backing, tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def nats_server(
    chosen_backing: Backing, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The NATS server of this test process: its URL."""
    async with backing.broker(chosen_backing, tmp_path_factory.mktemp("nats")) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mail_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mail]:
    """The SMTP server of this test process."""
    async with Mail(tmp_path_factory.mktemp("mail") / "maildir") as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Database) -> str:  # noqa: ARG001 -- asked for so that it is there
    """The name of a database with every service's schema, to be copied."""
    return backing.MIGRATED


@pytest_asyncio.fixture
async def migrated_database(postgres_server: Database, migrated_template: str) -> AsyncIterator[Database]:
    """As `database`, with every service's schema in it."""
    name = f"test_{next(_numbers)}"
    async with backing.fresh_database(postgres_server, name, template=migrated_template) as fresh:
        yield fresh


@pytest_asyncio.fixture
async def database(postgres_server: Database) -> AsyncIterator[Database]:
    """An empty database of this test's own: `.url` for its owner, `.as_role("caseledger_ledger")` for a role.

    Dropped afterwards, whoever is still connected. Roles belong to the server and outlive the test: create
    them only where they do not exist, as the migrations do.
    """
    async with backing.fresh_database(postgres_server, f"test_{next(_numbers)}") as fresh:
        yield fresh


@pytest_asyncio.fixture
async def bus(nats_server: str) -> str:
    """The URL of a NATS server whose JetStream is empty."""
    await backing.empty_jetstream(nats_server)
    return nats_server


@pytest.fixture
def maildir(mail_server: Mail) -> Inbox:
    """What `smtp` has kept during this test; `await maildir.wait_for(2)` gives the first two messages."""
    inbox = Inbox(mail_server.maildir)
    inbox.clear()
    return inbox


@pytest.fixture
def smtp(mail_server: Mail, maildir: Inbox) -> str:  # noqa: ARG001 -- asked for so that it is empty
    """The URL, `smtp://host:port`, of a real SMTP server that keeps everything in `maildir`."""
    return mail_server.url


@pytest_asyncio.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[Postgres]:
    """An embedded Postgres server of this test's own, to be hurt; `.url` is its owner's."""
    await clusters.copy_into(tmp_path / "own-postgres")
    async with Postgres(tmp_path / "own-postgres", fsync=False) as server:
        yield server
        faults.resume(server)


@pytest_asyncio.fixture
async def own_nats(tmp_path: Path) -> AsyncIterator[Nats]:
    """An embedded NATS server of this test's own, to be hurt; it syncs before it acknowledges."""
    async with Nats(tmp_path / "own-nats") as server:
        yield server
        faults.resume(server)


@pytest_asyncio.fixture
async def own_mail(tmp_path: Path) -> AsyncIterator[Mail]:
    """An SMTP server of this test's own, to be hurt; `.maildir` is where it keeps messages."""
    async with Mail(tmp_path / "own-maildir") as server:
        yield server
        faults.resume(server)
