"""A ledger's keys are made, changed and shown; no secret is printed, and what was signed still counts."""

from pathlib import Path

from typer.testing import CliRunner

from services.cli.commands import load
from services.evidence import checkpoint, keyring, merkle
from services.evidence.note import b64
from services.evidence.treehead import TreeHead

NAME = "ledger.example/children"


def run(*arguments: str) -> list[str]:
    result = CliRunner().invoke(load(), ["signing-key", *arguments])
    assert result.exit_code == 0, result.output
    assert "PRIVATE" not in result.output
    return result.stdout.splitlines()


def test_what_a_former_key_signed_still_counts(tmp_path: Path) -> None:
    file = tmp_path / "signing.key"
    first = run("new", NAME, str(file))
    ring = keyring.parse(file.read_text())
    assert (first, file.stat().st_mode & 0o777) == ([str(key) for key in ring.verifiers], 0o600)
    signed = checkpoint.sign(TreeHead(NAME, 0, merkle.EMPTY_ROOT), ring.signers, 0).encode()
    changed = run("change", str(file), "--ml-dsa-44")
    now = keyring.parse(file.read_text())
    assert now.read(signed).signed_by
    assert [str(key) for key in (*now.verifiers, *now.former)] == changed == run("show", str(file))
    assert (len(now.verifiers), changed[-1:]) == (2, first)
    (adopted,) = run("adopt", NAME, b64(ring.own.verifier.public))
    assert [adopted] == first
    again = CliRunner().invoke(load(), ["signing-key", "new", NAME, str(file)])
    assert (again.exit_code, keyring.parse(file.read_text()).verifiers) == (1, now.verifiers)
