"""`caseledger status`: whether the stack is well."""

import asyncio
from typing import Annotated, Any, Final

import httpx
import msgspec
import typer

from services.cli.target import DataOption, layout_of, token_for
from services.cli.terminal import print_json, print_rows, print_table, say
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities
from services.stack.layout import Record, is_held, running
from services.stack.service import SERVICES

NOT_READY: Final = 1
NOT_RUNNING: Final = 3
UNSEEN: Final = {"token": {"ok": True, "warning": True, "detail": "not one of an operator's: no details"}}
PATIENCE: Final = 5.0
"""Seconds that `/readyz` has, which promises to take two, and `/livez`."""


class ServiceStatus(msgspec.Struct, frozen=True):
    """What one service says of itself."""

    url: str
    ready: bool
    checks: dict[str, Any]
    clock: dict[str, Any]


def status(
    data: DataOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Show what runs on a data directory, where it is reached, and whether each service is ready.

    What a service needs and does not have is said below the table, and so is what leaves it ready but wants
    somebody to look, such as mail that does not go out. Ends with 0 when every service is ready, 1 when one
    is not, 3 when no stack is running.

    For example:

        caseledger status --json | jq .services.ledger.ready
    """
    layout = layout_of(data)
    record = running(layout)
    if record is None:
        _print_absence(str(layout.data), starting=is_held(layout), as_json=as_json)
        raise typer.Exit(NOT_RUNNING)
    services = asyncio.run(_ask_all(record, token_for(data)))
    if as_json:
        found = {"running": True, "data": str(layout.data), "services": services}
        print_json(found | msgspec.to_builtins(msgspec.structs.replace(record, urls=record.urls.shown())))
    else:
        _print_status(record, services)
    if not all(service.ready for service in services.values()):
        raise typer.Exit(NOT_READY)


def _print_absence(data: str, *, starting: bool, as_json: bool) -> None:
    if as_json:
        print_json({"running": False, "starting": starting, "data": data})
    elif starting:
        say(f"The stack on {data} is still starting.")
    else:
        say(f"No stack is running on {data}: `caseledger up` starts one.")


def _print_status(record: Record, services: dict[str, ServiceStatus]) -> None:
    rows = [
        [name, _state_of(found), found.url, str(record.processes.get(name, ""))]
        for name, found in services.items()
    ]
    print_table(["service", "state", "url", "process"], rows)
    for name, found in services.items():
        for check, health in found.checks.items():
            if mark := _mark_of(health):
                say(f"{mark} {name}: {check}: {health.get('detail')}")
    clocks = [found.clock for found in services.values() if found.clock]
    time = {"TEST CLOCK": str(clocks[0]["now"])} if clocks and clocks[0].get("test") else {}
    urls = {name: getattr(record.urls.shown(), name) for name in ("database", "nats", "smtp", "maildir")}
    print_rows(urls | time | {"logs": record.logs, "since": record.started, "process": str(record.pid)})


def _state_of(found: ServiceStatus) -> str:
    if not found.ready:
        return "NOT READY"
    return "ready, WARNING" if any(map(_mark_of, found.checks.values())) else "ready"


def _mark_of(health: dict[str, Any]) -> str:
    if not health.get("ok"):
        return "NOT READY"
    return "WARNING" if health.get("warning") else ""


async def _ask_all(record: Record, token: str) -> dict[str, ServiceStatus]:
    async with httpx.AsyncClient(
        verify=authorities(), trust_env=False, timeout=PATIENCE, headers=bearer(token)
    ) as client:
        answers = await asyncio.gather(*(_ask(client, getattr(record.urls, name)) for name in SERVICES))
    return dict(zip(SERVICES, answers, strict=True))


async def _ask(client: httpx.AsyncClient, url: str) -> ServiceStatus:
    try:
        answer = (await client.get(f"{url}/readyz")).json()
        checks = answer.get("checks", UNSEEN)
        return ServiceStatus(url, ready=answer["ready"], checks=checks, clock=answer["clock"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        detail = f"does not answer ({type(error).__name__})"
        if await _is_alive(client, url):
            detail = "alive, but does not say what it needs"
        return ServiceStatus(url, ready=False, checks={"process": {"ok": False, "detail": detail}}, clock={})


async def _is_alive(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/livez")).is_success
    except httpx.HTTPError:
        return False
