"""The read models on HTTP: every family of routes. What each outcome is as a status, `outcomes` says."""

from litestar.types import ControllerRouterHandler

from services.projector import (
    alert_routes,
    case_routes,
    chronology_routes,
    deadline_routes,
    lag_routes,
    list_routes,
    look_routes,
    notification_routes,
    retention_routes,
    workload_routes,
)
from services.projector.lag import LagGauge
from services.projector.reader import Reader
from services.runtime.clock import Clock


def routes(reader: Reader, gauge: LagGauge, clock: Clock) -> list[ControllerRouterHandler]:
    """The routes of the read models. A family that is added has a module of its own, and its line here."""
    return [
        *case_routes.routes(reader),
        *chronology_routes.routes(reader),
        *list_routes.routes(reader),
        *deadline_routes.routes(reader, clock),
        *retention_routes.routes(reader, clock),
        *workload_routes.routes(reader, clock),
        *alert_routes.routes(reader, clock),
        *look_routes.routes(reader),
        *notification_routes.routes(reader),
        *lag_routes.routes(gauge),
    ]
