"""The workload on HTTP: who has how much to do, and what nobody has."""

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.projector.answering import answer
from services.projector.deadline_parameters import OfTeam, OfWorker
from services.projector.outcomes import OF_A_LIST, REFUSALS
from services.projector.parameters import WaitFor
from services.projector.reader import Reader
from services.projector.workload_answers import Workload, workload_of
from services.runtime.clock import Clock


def routes(reader: Reader, clock: Clock) -> list[ControllerRouterHandler]:
    """The route of the workload."""

    @get(
        "/v1/workload", opt={"action": Action.READ_WORKLOAD}, responses=OF_A_LIST, exception_handlers=REFUSALS
    )
    async def read_workload(
        team: OfTeam = None, worker: OfWorker = None, wait_for: WaitFor = 0
    ) -> Response[Workload]:
        """Show open cases and deadlines by worker and by team, and what is left without an owner."""
        found = await reader.find("workload", clock.now(), team, worker, key="open_cases", at_least=wait_for)
        return answer(workload_of(found.rows), found)

    return [read_workload]
