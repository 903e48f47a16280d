"""`caseledger verify` where nothing can be verified: that is said, and is not mistaken for a finding."""

import json
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from services.cli.commands import load
from services.runtime.settings import NAMES

KEY = "ledger.example/children+b96c7a5d+AQ"


@pytest.fixture(autouse=True)
def _nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken").write_text(KEY)


def verify(*options: str) -> Result:
    return CliRunner().invoke(load(), ["verify", *options])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "set CASELEDGER_DATABASE_URL"),
        (("--data", "elsewhere"), "set CASELEDGER_DATABASE_URL"),
        (("--key", "ledger.keys"), "ledger.keys cannot be used: there is no such file or directory"),
        (("--key", "broken"), "the keys in broken cannot be used"),
        (("--from-checkpoint", "broken"), "give them with --key FILE"),
        (("--timestamp-authority", "broken"), "the certificates in broken cannot be used"),
        (("--timestamp-authority", "ca.pem"), "ca.pem cannot be used: there is no such file"),
    ],
)
def test_what_cannot_be_verified_ends_with_two_and_a_reason(options: tuple[str, ...], said: str) -> None:
    ended = verify(*options)
    assert ended.exit_code == 2
    assert "Could not be verified: " in ended.stderr
    assert said in ended.stderr
    assert "Errno" not in ended.stderr
    assert "events" not in ended.stderr  # no bar stays behind


def test_a_script_reads_that_nothing_was_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASELEDGER_DATABASE_URL", "postgresql://auditor@127.0.0.1:1/caseledger")
    with structlog.testing.capture_logs():
        ended = verify("--wait", "1", "--json")
    assert ended.exit_code == 2
    found = json.loads(ended.stdout)
    assert found["verified"] is None
    assert "127.0.0.1:1 did not answer within 1 s" in found["reason"]
    assert "auditor" not in found["reason"]


def test_a_setting_that_cannot_be_used_is_no_finding_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASELEDGER_DATABASE_URL", "caseledger")
    ended = verify()
    assert ended.exit_code == 2
    assert "CASELEDGER_DATABASE_URL cannot be used" in ended.stderr
