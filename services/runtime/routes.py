"""The routes that every service has: whether it is well, and what time it is."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import SecurityRequirement
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action, may
from services.runtime import problems
from services.runtime.clock import Clock, ClockGoesBack, TestClock
from services.runtime.health import Check, Checkup, Health
from services.runtime.identity.gate import principal_of
from services.runtime.problems import Problem, takes

PUBLIC: Final = {"action": Action.PUBLIC}
UNGUARDED: Final[list[SecurityRequirement]] = [{}]
"""How OpenAPI says that nobody needs a token."""

NextDue = Callable[[], Awaitable[datetime | None]]


class ClockState(msgspec.Struct, frozen=True):
    """Where the clock stands. `next_due` is when this service next has something to do."""

    now: datetime
    test: bool
    next_due: datetime | None = None


class ClockMove(msgspec.Struct, frozen=True):
    """Where a test clock is to stand."""

    now: Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339, with an offset")]


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    alive: bool = True


class ClockBrief(msgspec.Struct, frozen=True):
    """The clock, as `/readyz` shows it."""

    now: datetime
    test: bool


class Readiness(msgspec.Struct, frozen=True):
    """Whether the service can do its work; `checks`, what was found, only whoever may see its operations."""

    ready: bool
    clock: ClockBrief
    checks: dict[str, Health] | msgspec.UnsetType = msgspec.UNSET


async def nothing_due() -> datetime | None:
    """Be the `next_due` of a service that does nothing by the clock."""
    return None


def health_routes(clock: Clock, checks: Mapping[str, Check]) -> list[ControllerRouterHandler]:
    """Make `/livez` and `/readyz`."""
    checkup = Checkup(checks)

    @get("/livez", opt=PUBLIC, security=UNGUARDED, responses=problems.responses(), sync_to_thread=False)
    def read_liveness() -> Alive:
        """Say that the process answers. A supervisor restarts what does not."""
        return Alive()

    unready = {
        503: ResponseSpec(Readiness, generate_examples=False, description="Not ready; `checks` says why")
    }

    @get("/readyz", opt=PUBLIC, security=UNGUARDED, responses={**problems.responses(), **unready})
    async def read_readiness(request: Request[Any, Any, Any]) -> Response[Readiness]:
        """Say whether the service can do its work now, and to an operator what each check found."""
        found = await checkup.report()
        ready = all(health.ok for health in found.values())
        shown = found if may(principal_of(request.scope), Action.READ_OPERATIONS) else msgspec.UNSET
        brief = ClockBrief(clock.now(), clock.is_test)
        return Response(Readiness(ready, brief, shown), status_code=200 if ready else 503)

    return [read_liveness, read_readiness]


def clock_routes(clock: Clock, next_due: NextDue) -> list[ControllerRouterHandler]:
    """Make `GET` and `PUT /v1/clock`."""

    async def state() -> ClockState:
        return ClockState(clock.now(), clock.is_test, await next_due())

    @get("/v1/clock", opt={"action": Action.READ_CLOCK}, responses=problems.responses(problems.UNAVAILABLE))
    async def read_clock() -> ClockState:
        """Say what time it is for this service, and when it next has something to do."""
        return await state()

    answers = problems.responses(
        problems.CLOCK_IS_REAL,
        problems.CLOCK_GOES_BACK,
        problems.CLOCK_BEYOND_CALENDAR,
        problems.MALFORMED_JSON,
        problems.UNSUPPORTED_MEDIA_TYPE,
        problems.BODY_TOO_LARGE,
        problems.UNAVAILABLE,
    )

    @put(
        "/v1/clock",
        opt={"action": Action.MOVE_CLOCK},
        responses=answers,
        before_request=takes("application/json"),
    )
    async def move_clock(data: JSONBody[ClockMove]) -> ClockState:
        """Move a test clock forward; answers once the service has acted on the new time."""
        _move(clock, data.now)
        return await state()

    return [read_clock, move_clock]


def _move(clock: Clock, instant: datetime) -> None:
    if not isinstance(clock, TestClock):
        raise Problem(problems.CLOCK_IS_REAL)
    try:
        clock.set(instant)
    except ClockGoesBack as error:
        raise Problem(problems.CLOCK_GOES_BACK, str(error)) from error
    except OverflowError as error:
        raise Problem(problems.CLOCK_BEYOND_CALENDAR) from error
