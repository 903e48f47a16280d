"""A command that is to be typed next can be typed: with its directory, by the way that was used."""

from pathlib import Path

import pytest

from services.cli import typed
from services.stack.layout import Layout


@pytest.fixture(autouse=True)
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CASELEDGER_DATA", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", [f"{tmp_path}/.venv/bin/caseledger", "up"])


def test_the_usual_directory_needs_no_naming(tmp_path: Path) -> None:
    assert typed.command("down", Layout(tmp_path / ".caseledger")) == "`.venv/bin/caseledger down`"


def test_another_directory_is_named_from_here(tmp_path: Path) -> None:
    assert typed.command("down", Layout(tmp_path / "a b")) == "`.venv/bin/caseledger down --data 'a b'`"


def test_a_program_that_is_found_by_its_name_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "caseledger"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert typed.command("status", Layout(tmp_path / ".caseledger")) == "`caseledger status`"
