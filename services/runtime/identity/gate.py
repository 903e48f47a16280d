"""Before every route: who asks, and whether they may do what the route declares that it does.

A route declares it as `opt={"action": Action.READ_STATUS}`. An application with one that declares none is not
made, and what is not declared all the same is refused, so that no route is open by having been forgotten.
The gate comes after the routing: what is at no address is a 404, another method a 405, whoever asks.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from services.domain.policy import Action, may
from services.domain.principal import NOBODY, Principal
from services.runtime import plainness
from services.runtime.clock import Clock
from services.runtime.identity.asker import remember
from services.runtime.identity.authentication import Authentication
from services.runtime.identity.link import BEARER_OF_A_LINK, SIGNATURE, Links
from services.runtime.limits import Buckets, client_of
from services.runtime.problems import FORBIDDEN, UNAUTHENTICATED, Problem

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

ACTION: Final = "action"
UNDECLARED: Final = "Nobody may: it is not declared what this does. Report it; the log names the route."
SIGNED: Final = SIGNATURE.encode()
PROBES: Final = frozenset({"/livez", "/readyz"})
"""Asked by supervisors, from wherever they are: no other client's haste makes a service seem dead."""

Actions = Mapping[tuple[str, str], Action]
"""What each method of each route does."""


class Undeclared(TypeError):
    """Routes that do not say which action they are. `args` name them."""


def declared(routes: Iterable[BaseRoute]) -> Actions:
    """What the routes declare. OPTIONS, which Litestar answers by itself, says nothing but methods.

    Raises `Undeclared`, of what is no route of HTTP too: no method of it could be allowed.
    """
    found: dict[tuple[str, str], Action] = {}
    missing: list[str] = []
    for route in routes:
        handlers = route.route_handler_map.items() if isinstance(route, HTTPRoute) else ()
        if not handlers:
            missing.append(route.path_format)
        for method, (handler, _) in handlers:
            action = Action.PUBLIC if method == "OPTIONS" else handler.opt.get(ACTION)
            if action is None:
                missing.append(f"{method} {route.path_format}")
            else:
                found[route.path_format, method] = action
    if missing:
        raise Undeclared(*missing)
    return found


def principal_of(scope: Scope) -> Principal:
    """Who sent the request at hand, as the gate found it."""
    found: Principal = scope["user"]
    return found


def require(principal: Principal, action: Action) -> None:
    """Go on if the principal may do this; raises `Problem` (403), which names it, if not."""
    if not may(principal, action):
        raise Problem(FORBIDDEN, f"{FORBIDDEN.advice} It is: {action}.", action=action)


async def refusal(scope: Scope) -> Problem | None:
    """Why who was let in would not be let in again, as they were; None if they would.

    For answers that go on for long: a key may be revoked meanwhile, or be over.
    """
    if scope["user"] in (NOBODY, BEARER_OF_A_LINK):
        return None
    try:
        found = await scope["auth"].authenticate(scope["headers"])
    except Problem as problem:
        return problem
    return None if found == scope["user"] else Problem(UNAUTHENTICATED)


class Gate:
    """A middleware; `actions` is set once the routes are. What each client sends is counted in `buckets`."""

    def __init__(
        self, authentication: Authentication, buckets: Buckets, links: Links | None, clock: Clock
    ) -> None:
        self._authentication = authentication
        self._links = links
        self._clock = clock
        self._buckets = buckets
        self.actions: Actions = {}

    def around(self, app: ASGIApp) -> ASGIApp:
        """Answer who may ask."""

        async def ask(scope: Scope, receive: Receive, send: Send) -> None:
            plainness.check(scope)
            try:
                scope["user"] = principal = await self._admit(scope)
            finally:
                # Of who was not let in, too: by where they come from, they guess at tokens no faster.
                if scope["path"] not in PROBES:
                    self._buckets.check(client_of(scope))
            remember(principal)
            scope["auth"] = self._authentication
            await app(scope, receive, send)

        return ask

    async def _admit(self, scope: Any) -> Principal:
        action = self.actions.get((scope["path_template"], scope["method"]))
        if action is None:
            log.error("gate.undeclared", route=scope["path_template"], method=scope["method"])
            raise Problem(FORBIDDEN, UNDECLARED)
        if action is Action.PUBLIC:
            return await self._recognise(scope)
        if self._links is not None and SIGNED in scope["query_string"] and scope["method"] == "GET":
            principal = self._open(self._links, scope)
        else:
            principal = await self._authentication.authenticate(scope["headers"])
        require(principal, action)
        return principal

    def _open(self, links: Links, scope: Any) -> Principal:
        """Let in who has a link, to the page that it was signed for."""
        asked = links.open(scope["path"], scope["query_string"].decode("latin-1"), self._clock.now())
        if asked is None:
            raise Problem(UNAUTHENTICATED, "The link is over, or not one that was sent. Ask with a token.")
        scope["query_string"] = asked.encode("latin-1")
        return BEARER_OF_A_LINK

    async def _recognise(self, scope: Any) -> Principal:
        """Who asks for what everybody may have: a probe sends no token, and a stale one does not harm it."""
        try:
            return await self._authentication.authenticate(scope["headers"])
        except Problem:
            return NOBODY
