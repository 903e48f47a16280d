"""The notifier on HTTP: what was sent and what was not, and which alerts it watches."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar

from litestar import get, post
from litestar.params import Parameter, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import DecodeError, Struct, json

from services.domain.policy import Action
from services.notifier.deliveries import Deliveries, Delivery, State
from services.notifier.windows import Window, Windows
from services.runtime import problems
from services.runtime.clock import Clock
from services.runtime.problems import INVALID_REQUEST, NOT_FOUND, Fault, Kind, Problem

DELIVERY_NOT_DEAD: Final = Kind(
    "delivery-not-dead", "The delivery is not dead", 409, "Only a dead delivery is tried again by hand."
)

DELIVERY_ID: Final = r"^[0-9a-f-]{36}\.[A-Z0-9_]{1,64}$"
NEWEST: Final = (datetime.max.replace(tzinfo=UTC), "", "")
EARLIEST: Final = (date.min, "", "")

T = TypeVar("T")

Hidden = Callable[[], Awaitable[Sequence[str]]]
"""Says which cases do not exist for who asks."""

Limit = Annotated[int, Parameter(ge=1, le=500, description="How many at most")]
Cursor = Annotated[str | None, Parameter(description="`next` of the answer before")]


class DeliveryList(Struct, frozen=True):
    """Deliveries, newest first; `next` is the cursor of those that follow."""

    items: list[Delivery]
    next: str | None


class WindowList(Struct, frozen=True):
    """Open alerts, those due first, first; `next` is the cursor of those that follow."""

    items: list[Window]
    next: str | None


def routes(
    deliveries: Deliveries, windows: Windows, hidden: Hidden, clock: Clock, wake: Callable[[], None]
) -> list[ControllerRouterHandler]:
    """The notifier's own routes; `wake` is called when a delivery is to be tried again.

    Of the cases that are `hidden` from who asks, nothing is there.
    """

    @get("/v1/deliveries", opt={"action": Action.READ_DELIVERIES}, responses=problems.responses())
    async def list_deliveries(
        in_state: Annotated[
            State | None, QueryParameter(name="state", description="Only those in this state")
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> DeliveryList:
        """List messages, newest first: to whom, on which channel, how often tried, with what outcome."""
        after = _after(cursor, tuple[datetime, str, str]) or NEWEST
        items = await deliveries.listed(limit + 1, after, in_state, await hidden())
        return DeliveryList(items[:limit], _next(items, limit, _place_of_delivery))

    @post(
        "/v1/deliveries/{delivery_id:str}/retry",
        opt={"action": Action.RETRY_DELIVERY},
        status_code=200,
        responses=problems.responses(NOT_FOUND, DELIVERY_NOT_DEAD),
    )
    async def retry_delivery(
        delivery_id: Annotated[str, Parameter(pattern=DELIVERY_ID, description="The delivery's `id`")],
    ) -> Delivery:
        """Try a dead delivery again, at once: after its address, or its channel, was put right."""
        notification_id, _, channel = delivery_id.rpartition(".")
        found = await deliveries.find(notification_id, channel)
        if found is None or found.case_id in await hidden():
            raise Problem(NOT_FOUND, "There is no delivery of that id.")
        if retried := await deliveries.retry(notification_id, channel, clock.now()):
            wake()
            return retried
        raise Problem(DELIVERY_NOT_DEAD, f"It is {found.state}; only a dead delivery is tried again by hand.")

    @get("/v1/windows", opt={"action": Action.READ_ALERTS}, responses=problems.responses())
    async def list_windows(
        due_before: Annotated[date | None, Parameter(description="Only those due before this date")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> WindowList:
        """List the open alerts that the notifier watches, those due first, first."""
        after = _after(cursor, tuple[date, str, str]) or EARLIEST
        items = await windows.listed(limit + 1, after, due_before or date.max, await hidden())
        return WindowList(items[:limit], _next(items, limit, _place_of_window))

    return [list_deliveries, retry_delivery, list_windows]


def _place_of_delivery(delivery: Delivery) -> tuple[datetime, str, str]:
    return delivery.since, delivery.notification_id, delivery.channel


def _place_of_window(window: Window) -> tuple[date, str, str]:
    return window.due_on or date.min, window.case_id, window.alert_id


def _next(items: list[T], limit: int, place_of: Callable[[T], tuple[Any, str, str]]) -> str | None:
    if len(items) <= limit:
        return None
    return urlsafe_b64encode(json.encode(place_of(items[limit - 1]))).decode().rstrip("=")


def _after(cursor: str | None, shape: type[T]) -> T | None:
    if cursor is None:
        return None
    try:
        place = json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=shape)
    except (ValueError, DecodeError):
        place = None
    if place is None or "\0" in "".join(str(part) for part in place):  # type: ignore[attr-defined]  # a tuple
        fault = Fault(parameter="cursor", message="is not one that was given out")
        raise Problem(INVALID_REQUEST, faults=[fault])
    return place
