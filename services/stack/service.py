"""One of the product's services as a process, ready when its `/readyz` says so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.runtime.product import PRODUCT
from services.runtime.tls import authorities_for
from services.stack.child import Child, python_environment, python_module, spawn
from services.stack.errors import StackError
from services.stack.ports import LOOPBACK, is_free
from services.stack.readiness import is_ready
from services.stack.server import Ended, Server

LEDGER: Final = "ledger"
PROJECTOR: Final = "projector"
NOTIFIER: Final = "notifier"
SERVICES: Final = (LEDGER, PROJECTOR, NOTIFIER)
"""In the order in which they start; they stop in the reverse."""

_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 -- recognised here, never chosen


class Service(Server):
    """The service `name`, configured by `environment` alone."""

    def __init__(self, name: str, environment: Mapping[str, str], *, host: str, port: int, log: Path) -> None:
        super().__init__(port=port, log=log)
        self.name = name
        self.environment = dict(environment)
        self._host = host
        self._scheme = scheme_of(self.environment.get("CASELEDGER_TLS_CERTIFICATE"))

    @property
    def url(self) -> str:
        """Where clients on this machine reach it."""
        return url_of(self._host, self.port, self._scheme)

    def respawn(self) -> None:
        """Start it again after it died, without waiting: it waits for what it needs by itself."""
        self._child = self._spawn()

    def _prepare(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)

    def _spawn(self) -> Child:
        module = python_module(f"services.{self.name}")
        return spawn(module, name=self.name, log=self.log, env=self._told())

    def _told(self) -> dict[str, str]:
        """The environment of its process."""
        given = {"CASELEDGER_HOST": self._host, "CASELEDGER_PORT": str(self.port)}
        return python_environment({**self.environment, **given})

    async def _serves(self) -> bool:
        return await is_ready(self.url)

    async def _port_taken(self) -> StackError:
        return await port_taken(self.name, self._host, self.port)

    def _ended(self, said: str) -> Ended:  # noqa: ARG002 -- the port itself tells more than the log
        return Ended.FAILED if is_free(self.port, self._host) else Ended.PORT_TAKEN


async def port_taken(name: str, host: str, port: int) -> StackError:
    """What to say of a service's port that is taken: by whom, and how to have another."""
    service = await _caseledger_at(url_of(host, port))
    who = f"the {service} of another caseledger" if service else "something else"
    stop = "Stop it with `caseledger down --data DIR`, or choose" if service else "Choose"
    option = f"--{name}-port"
    return StackError(
        f"The {name} cannot listen on port {port}: {who} does. {stop} another port with {option} PORT, or a "
        f'free one with {option} 0; under make, `make up ARGS="{option} 0"`.'
    )


async def _caseledger_at(url: str) -> str:
    """Which service of a caseledger answers there, if one does."""
    import httpx  # noqa: PLC0415 - slow to import where no port is taken

    try:
        async with httpx.AsyncClient(verify=authorities_for(url), trust_env=False, timeout=2) as client:
            said = (await client.get(url)).json()
    except (httpx.HTTPError, ValueError):
        return ""
    return str(said.get("service", "")) if isinstance(said, dict) and said.get("product") == PRODUCT else ""


def scheme_of(certificate: str | None) -> str:
    """By what a service is asked that listens with `certificate`, or without one."""
    return "https" if certificate else "http"


def url_of(host: str, port: int, scheme: str = "http") -> str:
    """The URL at which a client on this machine reaches what listens on `host` and `port`."""
    reached = LOOPBACK if host in _WILDCARDS else host
    return f"{scheme}://[{reached}]:{port}" if ":" in reached else f"{scheme}://{reached}:{port}"
