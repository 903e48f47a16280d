"""The commands of a stack that stays: up, status, clock, down."""

import asyncio
import json
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.runtime import web
from services.runtime.identity.bearer import bearer
from tests.support import secrecy
from tests.support.certificates import TestAuthority
from tests.support.inprocess import Ended, caseledger
from tests.support.open_app import open_app
from tests.support.processes import start_caseledger, until_gone

WEBHOOK_SECRET = "whsec_bm90aGluZyBpcyB0byBzaG93IHRoaXMgYW55d2hlcmU="
FREE_PORTS = ("--ledger-port", "0", "--projector-port", "0", "--notifier-port", "0")


def as_a_process(cwd: Path, *arguments: str, **environment: str) -> Ended:
    with start_caseledger(*arguments, cwd=cwd, environment=environment) as process:
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ended(process.returncode, out, err)


def assert_nothing_secret_is_told(
    data: Path, found: dict[str, Any], trust: ssl.SSLContext, *ended: Ended
) -> None:
    secrets = secrecy.secrets_of(data) | {WEBHOOK_SECRET}
    answers = [
        (url + path, httpx.get(url + path, headers=headers, trust_env=False, verify=trust).text)
        for url in (found["urls"][name] for name in ("ledger", "projector", "notifier"))
        for path in ("/", "/readyz", "/openapi.json", "/nowhere")
        for headers in ({}, bearer((data / "tokens" / "operator").read_text().strip()))
    ]
    outputs = [(f"command {nth}", each.out + each.err) for nth, each in enumerate(ended)]
    places = [*answers, *outputs, *secrecy.command_lines(), *secrecy.said(data)]
    assert len(places) > 40
    assert secrecy.told(secrets, *places) == []
    assert secrecy.open_to_others(data) == []


def left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def assert_each_service_speaks_tls_and_nothing_else(found: dict[str, Any]) -> None:
    """The projector reads from the ledger, and the notifier asks both: ready, they have done so over TLS."""
    for name in ("ledger", "projector", "notifier"):
        url = found["urls"][name]
        assert url.startswith("https://")
        assert found["services"][name]["ready"]
        plain = httpx.get(url.replace("https:", "http:") + "/readyz", trust_env=False)
        assert plain.json()["type"] == "urn:caseledger:problem:tls-required"


def test_a_detached_stack_with_tls_is_found_moved_and_stopped_by_its_directory(tmp_path: Path) -> None:
    clock = ("--clock", "2017-10-02T09:00:00Z")
    authority = TestAuthority(tmp_path)
    chain, key = authority.certify()
    trusted = {"SSL_CERT_FILE": str(authority.file)}
    given = {
        "CASELEDGER_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "CASELEDGER_TLS_CERTIFICATE": str(chain),
        "CASELEDGER_TLS_KEY": str(key),
    }
    up = as_a_process(tmp_path, "up", "--detach", *clock, *FREE_PORTS, **given, **trusted)
    try:
        assert up.status == 0, up.err
        assert "TEST CLOCK" in up.err
        stranger = caseledger(tmp_path, "clock", "show")  # knows the authority of these services not
        assert (stranger.status, "does not answer (ConnectError)" in stranger.err) == (1, True)
        status = as_a_process(tmp_path, "status", "--json", **trusted)
        assert status.status == 0, status.out
        found = json.loads(status.out)
        assert found["urls"]["ledger"] in up.out
        assert {name: service["ready"] for name, service in found["services"].items()} == {
            "ledger": True,
            "projector": True,
            "notifier": True,
        }
        assert_each_service_speaks_tls_and_nothing_else(found)
        moved = as_a_process(tmp_path, "clock", "advance", "5wd", "--json", **trusted)
        assert json.loads(moved.out)["now"] == "2017-10-09T09:00:00Z"
        again = caseledger(tmp_path, "up", *FREE_PORTS)
        assert again.status == 1
        assert "already running" in again.err
        plain = as_a_process(tmp_path, "status", **trusted)
        trust = ssl.create_default_context(cafile=authority.file)
        assert_nothing_secret_is_told(tmp_path / ".caseledger", found, trust, up, status, moved, again, plain)
    finally:
        down = caseledger(tmp_path, "down")
    assert down.status == 0, down.err
    asyncio.run(until_gone([found["pid"], *found["processes"].values()], seconds=0.5))
    assert caseledger(tmp_path, "down").status == 0
    assert caseledger(tmp_path, "status").status == 3


def test_a_command_without_a_stack_says_what_to_do(tmp_path: Path) -> None:
    ended = caseledger(tmp_path, "replay", "5b0c7a")
    assert ended.status == 1
    assert "No stack is running on" in ended.err
    assert "caseledger up" in ended.err
    assert "Traceback" not in ended.err


def test_a_misspelt_name_in_the_environment_is_refused(tmp_path: Path) -> None:
    ended = caseledger(tmp_path, "up", CASELEDGER_DATABSE_URL="postgresql://db")
    assert ended.status == 1
    assert "did you mean CASELEDGER_DATABASE_URL?" in ended.err


def test_every_fault_of_the_environment_is_a_line_of_its_own(tmp_path: Path) -> None:
    ended = caseledger(tmp_path, "up", CASELEDGER_DATABASE_URL="postgres:/foo", CASELEDGER_ENVIRONMENT="prod")
    assert ended.status == 1
    assert [line.split(":")[0] for line in ended.err.splitlines()] == ["caseledger"] * 2
    assert "write it as postgresql://" in ended.err
    assert "one of development, production" in ended.err


def test_migrate_gives_a_dead_host_up(tmp_path: Path) -> None:
    url = "postgresql://owner:secret@127.0.0.1:1/caseledger"
    ended = caseledger(tmp_path, "migrate", "--wait", "1", CASELEDGER_DATABASE_URL=url)
    assert ended.status == 1
    assert "Postgres at 127.0.0.1:1 did not answer within 1 s" in ended.err
    assert "secret" not in ended.err


def test_production_refuses_a_test_clock(tmp_path: Path) -> None:
    ended = caseledger(tmp_path, "up", "--clock", "2018-03-29T12:00:00Z", CASELEDGER_ENVIRONMENT="production")
    assert ended.status == 1
    assert "production" in ended.err


@pytest.mark.parametrize("detached", [(), ("--detach",)])
def test_a_port_that_is_taken_is_named_with_the_option_to_change_it(
    tmp_path: Path, detached: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = caseledger(tmp_path, "up", *detached, *FREE_PORTS[2:], "--ledger-port", port)
    assert ended.status == 1
    assert f"The ledger cannot listen on port {port}: something else does." in ended.err
    assert 'make up ARGS="--ledger-port 0"' in ended.err
    assert left_in(tmp_path) == []


async def test_a_port_that_another_caseledger_has_is_said_to_be_that(tmp_path: Path) -> None:
    async with web.serve(open_app("ledger"), "127.0.0.1", 0) as url:
        port = url.rpartition(":")[2]
        options = ("--data", "some/where", *FREE_PORTS[2:], "--ledger-port", port)
        ended = await asyncio.to_thread(as_a_process, tmp_path, "up", *options)
    assert ended.status == 1
    assert "the ledger of another caseledger does" in ended.err
    assert "caseledger down --data DIR" in ended.err
    assert left_in(tmp_path) == []
