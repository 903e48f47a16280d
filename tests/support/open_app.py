"""Stand-ins for servers, and routes of a test's own: everybody may ask them everything."""

from typing import Any

from litestar.handlers import HTTPRouteHandler

from services.domain.policy import Action
from services.runtime import web
from services.runtime.identity.authentication import OFF
from services.runtime.identity.gate import ACTION
from services.runtime.requests import Application


def open_app(service: str, *routes: HTTPRouteHandler, **parts: Any) -> Application:
    """An application whose routes need not say what they do."""
    for route in routes:
        route.opt.setdefault(ACTION, Action.PUBLIC)
    return web.create_app(service, routes=routes, authentication=OFF, **parts)
