"""`caseledger erase` asks first; where nobody can answer it erases nothing, and says what to give."""

import pytest
from typer.testing import CliRunner

from services.cli.commands import load

ERASE = ["erase", "5b0c7a", "--basis", "RETENTION", "--authority", "DPO", "--by", "records:1"]


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_nothing_is_erased_that_nobody_confirmed(answer: str) -> None:
    done = CliRunner().invoke(load(*ERASE), ERASE, input=answer)

    assert done.exit_code == 1
    assert "Nothing was erased" in done.stderr
    assert "--yes" in done.stderr
