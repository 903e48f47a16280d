"""`--token-file` names the token to ask with, wherever it stands, before any other; and never shows it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import token_file
from services.cli.commands import load
from services.cli.target import named_token, token_for
from services.cli.token_file import command_in, to_the_front
from services.runtime.identity import token
from services.runtime.settings import SettingsError

SECRET = token.make("chosen")


@pytest.mark.parametrize(
    ("typed", "meant", "command"),
    [
        ("status --json", "status --json", "status"),
        ("--token-file F status", "--token-file F status", "status"),
        ("keys list --token-file F --json", "--token-file F keys list --json", "keys"),
        ("keys list --token-file=F", "--token-file=F keys list", "keys"),
        ("run --token-file F -- make", "run --token-file F -- make", "run"),
        ("--token-file F run -- cat --token-file G", "--token-file F run -- cat --token-file G", "run"),
        ("--token-file F run cat --token-file G", "--token-file F run cat --token-file G", "run"),
        ("evidence make -- --token-file", "evidence make -- --token-file", "evidence"),
        ("--token-file", "--token-file", ""),
        ("", "", ""),
    ],
)
def test_it_may_stand_anywhere_but_after_run(typed: str, meant: str, command: str) -> None:
    found = to_the_front(typed.split())
    assert (found, command_in(found)) == (meant.split(), command)


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CASELEDGER_TOKEN", token.make("other"))
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    return file


def test_it_comes_before_the_environments_and_the_data_directorys(chosen: Path, tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "operator").write_text(token.make("operator"))
    assert {named_token(), token_for(tmp_path), token_for(None)}.isdisjoint({SECRET})
    token_file.choose(chosen)
    try:
        assert {named_token(), token_for(tmp_path), token_for(None)} == {SECRET}
    finally:
        token_file.choose(None)


@pytest.mark.parametrize(
    "content",
    ["", f"{SECRET}\n{SECRET}", f"Bearer {SECRET}", f"{SECRET}\x00", "clé"],
    # Each worker's token is another, and all of them must collect tests of the same names.
    ids=["nothing", "two", "a header's", "more than text", "not ASCII"],
)
def test_a_file_that_holds_no_token_is_named_and_not_quoted(chosen: Path, content: str) -> None:
    chosen.write_text(content)
    token_file.choose(chosen)
    try:
        with pytest.raises(SettingsError) as refused:
            named_token()
    finally:
        token_file.choose(None)
    assert str(refused.value).startswith(f"--token-file cannot be used: {chosen} ")
    assert SECRET not in str(refused.value)


def test_help_tells_of_it() -> None:
    assert "--token-file" in CliRunner().invoke(load("--help"), ["--help"]).output
