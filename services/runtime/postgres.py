"""Reach Postgres: wait until it answers, never wait without bound afterwards, and keep SQL in files."""

import asyncio
import importlib.resources
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import urlsplit

import asyncpg
import structlog

from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

STATEMENT_TIMEOUT: Final = 30.0
IDLE_IN_TRANSACTION_TIMEOUT: Final = 10.0
CONNECT_TIMEOUT: Final = 5.0
LONGEST_BACKOFF: Final = 2.0

_FIRST_OF_A_DATABASE: Final = 10_000
"""Types with a lower number have it in every database (Postgres calls it `FirstGenbkiObjectId`)."""
_NOTHING_ASKED: Final = SimpleNamespace(name="none")  # stands for asyncpg's prepared question

Statements = Mapping[str, str]
"""SQL by the stem of the file it is in."""

AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a statement meets on a connection that is being lost just then
)
"""What asyncpg raises when the server cannot be reached now: the same call may succeed later.

Whether a statement that ended so took effect is unknown: repeat only what may be repeated.
"""

T = TypeVar("T")


async def connect_pool(  # noqa: PLR0913 - each is a limit that a caller may have a reason to choose
    url: str,
    *,
    application_name: str,
    min_size: int = 1,
    max_size: int = 10,
    statement_timeout: float = STATEMENT_TIMEOUT,
    idle_in_transaction_timeout: float = IDLE_IN_TRANSACTION_TIMEOUT,
    init: Callable[[Any], Awaitable[None]] | None = None,
    plan_each_time: bool = False,
    role: str = "",
    resets: bool = False,
) -> asyncpg.Pool:
    """Make a pool, waiting for the server as long as it takes, one log line a try.

    Time-outs are in seconds, and 0 means none. `init` is called once on each new connection. Statements that
    narrow by what is given are to be planned each time: which index is right depends on it. With `role`,
    which the one that logs in must be a member of, connections have its rights only. With `resets`, what was
    set for a session is undone before the next has the connection, by one more round trip each time. The
    caller closes the pool. Raises at once what waiting cannot mend: a URL that is none, a wrong password, an
    unknown database or role.
    """
    settings = _server_settings(application_name, statement_timeout, idle_in_transaction_timeout)
    if plan_each_time:
        settings["plan_cache_mode"] = "force_custom_plan"
    if role:
        settings["role"] = role
    return await _when_reachable(
        url,
        application_name,
        lambda: asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=CONNECT_TIMEOUT,
            command_timeout=statement_timeout or None,
            server_settings=settings,
            init=init,
            reset=None if resets else _leave_as_it_is,
            connection_class=_Connection,
        ),
    )


async def connect(
    url: str,
    *,
    application_name: str,
    statement_timeout: float = STATEMENT_TIMEOUT,
    idle_in_transaction_timeout: float = IDLE_IN_TRANSACTION_TIMEOUT,
    by_index: bool = False,
) -> asyncpg.Connection:
    """Make one connection, waiting for the server as `connect_pool` does. The caller closes it.

    With `by_index` its statements go by index, whatever is known of the tables: they may have grown a
    thousandfold since a plan was made.
    """
    settings = _server_settings(application_name, statement_timeout, idle_in_transaction_timeout)
    if by_index:
        settings["enable_seqscan"] = "off"
    return await _when_reachable(
        url,
        application_name,
        lambda: asyncpg.connect(
            url,
            timeout=CONNECT_TIMEOUT,
            command_timeout=statement_timeout or None,
            server_settings=settings,
            connection_class=_Connection,
        ),
    )


def load_sql(package: str | ModuleType) -> Statements:
    """Read every `.sql` file of a package, by stem: `load_sql("services.ledger.sql")["append"]`."""
    files = importlib.resources.files(package).iterdir()
    found = {f.name.removesuffix(".sql"): f.read_text("utf-8") for f in files if f.name.endswith(".sql")}
    return MappingProxyType(dict(sorted(found.items())))


def server_of(url: str) -> str:
    """Name the server of a URL for a log or a page: host and port, without user and password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.query or "local socket"


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # ships no types
    """Asks once a process what arrays of Postgres's own types are made of; asyncpg asks on every connection.

    The question takes the server longer than most statements that it is asked for.
    """

    _known: ClassVar[dict[int, Sequence[asyncpg.Record]]] = {}

    async def _introspect_types(self, oids: Collection[int], seconds: float | None) -> tuple[Any, Any]:
        unknown = [oid for oid in oids if oid not in self._known]
        described = [record for oid in oids for record in self._known.get(oid, ())]
        asked: Any = _NOTHING_ASKED
        for oid in unknown:
            found, asked = await super()._introspect_types((oid,), seconds)
            described += found
            if oid < _FIRST_OF_A_DATABASE:
                self._known[oid] = found
        return described, asked


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """Be the `reset` of a pool whose users set nothing; an open transaction is rolled back all the same."""


async def _when_reachable(url: str, application_name: str, attempt: Callable[[], Awaitable[T]]) -> T:
    pause, tries = 0.1, 0
    while True:
        tries += 1
        try:
            return await attempt()
        except asyncpg.ClientConfigurationError:
            raise  # an `InterfaceError` by its class, and yet no waiting mends a URL
        except AWAY as error:
            log.warning(
                "postgres.waiting",
                server=server_of(url),
                application=application_name,
                attempt=tries,
                error=named(error),
                retry_in=pause,
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_BACKOFF)


def _server_settings(application_name: str, statement: float, idle: float) -> dict[str, str]:
    return {
        "application_name": application_name,
        "statement_timeout": f"{round(statement * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{round(idle * 1000)}ms",
        "timezone": "UTC",
    }
