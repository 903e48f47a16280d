"""Refuse a query parameter that a route does not declare, or that stands twice: who asks may not notice.

Asked only where there is a query string, so that the routes that append pay nothing.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from services.runtime.problems import INVALID_REQUEST, Fault, Problem

Known = Mapping[tuple[str, str], Mapping[str, bool]]
"""The query parameters of each method of each route, and of each whether it may stand several times."""


def declared(routes: Iterable[BaseRoute]) -> Known:
    """What the routes declare. Nothing is known of OPTIONS, which Litestar answers by itself."""
    return {
        (route.path_format, method): {
            each.field_alias: each.is_sequence for each in model.expected_query_params
        }
        for route in routes
        if isinstance(route, HTTPRoute)
        for method, (_, model) in route.route_handler_map.items()
        if method != "OPTIONS"
    }


class Queries:
    """A middleware; `known` is set once the routes are."""

    def __init__(self) -> None:
        self.known: Known = {}

    def around(self, app: ASGIApp) -> ASGIApp:
        """Answer what is declared."""

        async def ask(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["query_string"]:
                self._check(scope)
            await app(scope, receive, send)

        return ask

    def _check(self, scope: Any) -> None:
        known = self.known.get((scope["path_template"], scope["method"]))
        if known is None:
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = Counter(name for name, _ in query)
        faults = [_fault(name, known) for name in given if name not in known]
        # Whoever logs a request on its way may take the other one for what was asked.
        faults += [
            Fault(parameter=name, message="is to be given once")
            for name, times in given.items()
            if times > 1 and not known.get(name, True)
        ]
        if faults:
            raise Problem(INVALID_REQUEST, faults=faults)


def _fault(name: str, known: Iterable[str]) -> Fault:
    if not known:
        return Fault(parameter=name, message="is not known here: this resource has no query parameters")
    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
    return Fault(parameter=name, message=f"is not known here; did you mean `{nearest}`?")
