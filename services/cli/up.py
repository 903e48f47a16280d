"""`caseledger up`: the whole product on this machine."""

import asyncio
import os
import subprocess
import time
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from services.cli import interrupts
from services.cli.follow import follow
from services.cli.interrupts import Interruption
from services.cli.target import DataOption, layout_of
from services.cli.terminal import fail, print_rows, say
from services.cli.typed import command, short
from services.runtime import settings
from services.runtime.clock import clock_from, text
from services.stack import rehearsal
from services.stack.child import python_environment, python_module
from services.stack.credentials import CASEWORK, FRONT_DOOR
from services.stack.errors import StackError
from services.stack.layout import Layout, Record, Urls, is_held, missing, running, unmake
from services.stack.service import LEDGER, NOTIFIER, PROJECTOR, SERVICES
from services.stack.settings import REAL_CLOCK, Settings
from services.stack.stack import PORTS, Stack

START_SECONDS: Final = 180.0
POLL_SECONDS: Final = 0.05

ClockOption = Annotated[
    str | None,
    typer.Option(
        "--clock", metavar="INSTANT", help="Start on a test clock that stands at this RFC 3339 instant."
    ),
]

LedgerPort = Annotated[int, typer.Option(metavar="PORT", help="The ledger's port; 0 takes a free one.")]
ProjectorPort = Annotated[int, typer.Option(metavar="PORT", help="The projector's port; 0 takes a free one.")]
NotifierPort = Annotated[int, typer.Option(metavar="PORT", help="The notifier's port; 0 takes a free one.")]


def up(  # noqa: PLR0913 -- one parameter for each option
    data: DataOption = None,
    clock: ClockOption = None,
    *,
    ledger_port: LedgerPort = PORTS[LEDGER],
    projector_port: ProjectorPort = PORTS[PROJECTOR],
    notifier_port: NotifierPort = PORTS[NOTIFIER],
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when all is ready; stop with `down`.")
    ] = False,
    logs: Annotated[bool, typer.Option(help="Print the services' logs below the table.")] = True,
) -> None:
    """Start Postgres, NATS, a mail server and the services, and keep them running until Ctrl-C.

    Everything listens on loopback and keeps its data in one directory. Set CASELEDGER_DATABASE_URL,
    CASELEDGER_NATS_URL or CASELEDGER_SMTP_URL to use servers of your own instead of the embedded ones. A
    directory on which a ladder was rehearsed goes on where its clock stood; `--clock system` ends that.

    For example:

        caseledger up
        caseledger up --clock 2018-03-29T12:00:00Z     to rehearse a ladder
        caseledger up --detach --ledger-port 0
    """
    layout = layout_of(data)
    chosen = chosen_settings(clock)
    if clock is None and chosen.clock == REAL_CLOCK and (stood := rehearsal.stood_at(layout)):
        chosen = chosen_settings(text(stood))
    ports = {LEDGER: ledger_port, PROJECTOR: projector_port, NOTIFIER: notifier_port}
    if detach:
        _detach(layout, chosen, ports)
    else:
        raise typer.Exit(interrupts.run(lambda told: _serve(layout, chosen, ports, told, logs=logs)))


def chosen_settings(clock: str | None) -> Settings:
    """The environment's settings with the command line's clock, unless that clock cannot be had."""
    chosen = settings.load(Settings, os.environ)
    if clock is not None:
        chosen = msgspec.structs.replace(chosen, clock=clock)
    clock_from(chosen.clock, environment=chosen.environment)
    return chosen


async def _serve(
    layout: Layout, chosen: Settings, ports: dict[str, int], told: Interruption, *, logs: bool
) -> int:
    """Be the stack until a signal; 0 when that came after everything was up."""
    files = [layout.log_of(name) for name in SERVICES]
    since = {file: file.stat().st_size if file.exists() else 0 for file in files}
    say(f"Starting on {layout.data} …")
    try:
        async with Stack(layout, chosen, ports=ports, say=say) as stack:
            print_urls(stack.urls, layout)
            say_how_to_ask(stack.urls, layout, chosen)
            _warn_of_test_clock(stack.clock, layout)
            say("Ctrl-C stops everything.")
            try:
                await (follow(since) if logs else asyncio.Event().wait())
            except asyncio.CancelledError:
                say("Stopping …")
                return 0
    finally:
        if told.signal is not None:
            say(f"Stopped; the data stay in {layout.data}.")
    return 0


def print_urls(urls: Urls, layout: Layout) -> None:
    """The one table of where everything is."""
    rows = {name: url for name, url in msgspec.structs.asdict(urls.shown()).items() if url}
    print_rows(rows | {"logs": str(layout.logs)})


def say_how_to_ask(urls: Urls, layout: Layout, chosen: Settings) -> None:
    """Which token goes with which request, where it is."""
    if chosen.authentication == "off":
        say("AUTHENTICATION IS OFF: whoever reaches these ports may post and read everything.")
        return
    front_door, casework = (short(layout.token_of(name)) for name in (FRONT_DOOR, CASEWORK))
    say("Every request needs a token; that of the front door posts, and reads no case:")
    say(f'  curl --header "Authorization: Bearer $(cat {front_door})" {urls.ledger}/v1/head')
    say(f"That of casework, {casework}, reads them too.")


def _warn_of_test_clock(clock: str, layout: Layout) -> None:
    if clock != REAL_CLOCK:
        say(f"TEST CLOCK: time stands at {clock} until {command('clock advance', layout)} moves it.")


def _detach(layout: Layout, chosen: Settings, ports: dict[str, int]) -> None:
    """Start the same command in a session of its own, and return when it is ready."""
    if is_held(layout):
        fail(f"A stack is already running on {layout.data}: {command('status', layout)} shows it.")
    made = missing(layout)
    layout.logs.mkdir(parents=True, exist_ok=True)
    log = layout.log_of("stack")
    options = ["--data", str(layout.data), "--clock", chosen.clock, "--no-logs"]
    options += [f"--{name}-port={port}" for name, port in ports.items()]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 -- this very program
            python_module("services.cli", "up", *options),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=python_environment(os.environ),
            start_new_session=True,
        )
    try:
        record = _until_ready(process, layout)
    except StackError as error:
        ending = _ending(log)
        if not is_held(layout):
            unmake(layout, made)
        fail(f"{error}\n{ending}")
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    print_urls(record.urls, layout)
    say_how_to_ask(record.urls, layout, chosen)
    _warn_of_test_clock(record.clock, layout)
    say(f"Running as process {record.pid}; {command('down', layout)} stops it.")


def _until_ready(process: subprocess.Popen[bytes], layout: Layout) -> Record:
    """Wait for the record that a stack writes when everything is ready."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if record := running(layout):
            return record
        if process.poll() is not None:
            raise StackError("The stack did not start. It said:")
        time.sleep(POLL_SECONDS)
    process.terminate()
    process.wait()
    raise StackError(f"The stack was not ready after {START_SECONDS:.0f} s. It said:")


def _ending(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])
