"""The lag on HTTP."""

from litestar import get
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.projector.lag import Lag, LagGauge
from services.projector.outcomes import REFUSALS
from services.runtime import problems
from services.runtime.problems import UNAVAILABLE


def routes(gauge: LagGauge) -> list[ControllerRouterHandler]:
    """The route of the lag."""

    @get(
        "/v1/lag",
        opt={"action": Action.READ_OPERATIONS},
        responses=problems.responses(UNAVAILABLE),
        exception_handlers=REFUSALS,
    )
    async def read_lag() -> Lag:
        """Say how far the read models are behind the ledger, and which cases are parked."""
        return await gauge.read()

    return [read_lag]
