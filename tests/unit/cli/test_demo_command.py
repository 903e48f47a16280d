"""`caseledger demo`: what is asked of it without a stack."""

from pathlib import Path

from typer.testing import CliRunner, Result

from services.cli.commands import load
from services.cli.year import generator


def run(*options: str) -> Result:
    return CliRunner().invoke(load(), ["demo", *options])


def test_a_year_is_written_as_its_seed_makes_it(tmp_path: Path) -> None:
    file = tmp_path / "year.ndjson"
    assert run("--year", "--seed", "7", "--write", str(file)).exit_code == 0
    assert file.read_bytes() == generator.document(7)
    refused = run("--year", "--write", str(tmp_path / "nowhere" / "year.ndjson"))
    assert refused.exit_code == 1
    assert "cannot be written: there is no such" in refused.stderr


def test_what_belongs_to_the_year_is_refused_without_it(tmp_path: Path) -> None:
    for options in (["--seed", "7"], ["--write", str(tmp_path / "year.ndjson")]):
        assert run(*options).exit_code == 2
    assert not list(tmp_path.iterdir())
