"""Messages on HTTP: whom they went to, and what became of them."""

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.projector import answers
from services.projector.answering import answer_page, place
from services.projector.answers import NotificationPage
from services.projector.cursor import PositionKey
from services.projector.outcomes import OF_A_LIST, REFUSALS
from services.projector.parameters import Cursor, Limit, OfAlert, OfCase, OfHolder, OfState, WaitFor
from services.projector.reader import Reader


def routes(reader: Reader) -> list[ControllerRouterHandler]:
    """The route of messages."""

    @get(
        "/v1/notifications",
        opt={"action": Action.READ_NOTIFICATIONS},
        responses=OF_A_LIST,
        exception_handlers=REFUSALS,
    )
    async def read_notifications(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        alert_id: OfAlert = None,
        holder: OfHolder = None,
        became: OfState = None,
        case_id: OfCase = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[NotificationPage]:
        """List messages and what became of them, in the order of their first attempts."""
        binds = (alert_id, holder, became, case_id, place(cursor, PositionKey, 0), limit + 1)
        found = await reader.find("notifications", *binds, key="case_id", at_least=wait_for)
        return answer_page(NotificationPage, found, limit, answers.notification_of, "position")

    return [read_notifications]
