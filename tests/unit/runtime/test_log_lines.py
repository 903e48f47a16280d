"""Logs: names and numbers, never prose about people."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.runtime import logs


class Captured:
    """What was logged, read once."""

    def __init__(self, stderr: pytest.CaptureFixture[bytes]) -> None:
        self._stderr = stderr

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stderr.readouterr().err.splitlines()]


@pytest.fixture
def captured(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[Captured]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield Captured(capsysbinary)
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_json_with_its_service_level_and_time(captured: Captured) -> None:
    logs.configure("ledger", None)
    structlog.get_logger().info("relay.published", position=7)
    (line,) = captured.lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "relay.published", "level": "info", "position": 7, "service": "ledger"}


def test_a_key_that_is_not_listed_is_dropped_and_named(captured: Captured) -> None:
    logs.configure("ledger", "json")
    structlog.get_logger().info("x.done", position=1, childs_name="Ann", notes="…")
    (line,) = captured.lines()
    assert line["dropped"] == ["childs_name", "notes"]
    assert "Ann" not in json.dumps(line)


def test_a_service_may_list_keys_of_its_own(captured: Captured) -> None:
    logs.configure("notifier", "json", keys=["alert", "rung"])
    structlog.get_logger().info("alert.escalated", alert="a1", rung="DIRECTOR")
    assert captured.lines()[0]["rung"] == "DIRECTOR"


def test_an_exception_is_named_but_not_quoted(captured: Captured) -> None:
    logs.configure("ledger", "json")
    try:
        int("3 Mill Lane")
    except ValueError:
        structlog.get_logger().exception("request.failed")
    (line,) = captured.lines()
    assert line["error"] == ["ValueError"]
    assert "test_an_exception_is_named_but_not_quoted" in line["stack"][-1]
    assert "Mill Lane" not in json.dumps(line)


def test_every_exception_of_a_group_is_named(captured: Captured) -> None:
    logs.configure("ledger", "json")
    structlog.get_logger().error(
        "x.failed", exc_info=ExceptionGroup("both", [KeyError("a"), OSError(2, "b")])
    )
    assert captured.lines()[0]["error"] == ["KeyError", "FileNotFoundError 2"]


def test_the_request_id_is_in_every_line(captured: Captured) -> None:
    logs.configure("ledger", "json")
    token = logs.REQUEST_ID.set("0199f3a2")
    structlog.get_logger().info("x.done")
    logs.REQUEST_ID.reset(token)
    structlog.get_logger().info("y.done")
    assert [line.get("request") for line in captured.lines()] == ["0199f3a2", None]


def test_a_library_is_heard_without_its_values(captured: Captured) -> None:
    logs.configure("ledger", "json")
    logging.getLogger("lib").warning("could not parse %s", "Ann")
    logging.getLogger("lib").info("chatter")
    (line,) = captured.lines()
    assert (line["logger"], line["message"], line["level"]) == ("lib", "could not parse %s", "warning")


def test_a_library_that_lost_its_connection_is_heard_without_a_stack(captured: Captured) -> None:
    logs.configure("ledger", "json")
    for lost, error in (("pool", ConnectionResetError(104, "x")), ("code", KeyError("x"))):
        try:
            raise error
        except (OSError, KeyError):
            logging.getLogger(lost).exception("an error occurred")
    pool, code = captured.lines()
    assert (pool["event"], pool["error"]) == ("library.said", ["ConnectionResetError 104"])
    assert "stack" not in pool
    assert "stack" in code


def test_lines_below_the_level_are_left_out(captured: Captured) -> None:
    logs.configure("ledger", "json", "error")
    structlog.get_logger().info("x.done")
    assert captured.lines() == []
