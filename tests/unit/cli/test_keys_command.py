"""What `caseledger keys create` refuses before it asks anybody."""

import pytest
from typer.testing import CliRunner

from services.cli.keys import GRANTED, app


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--role", "nosuch"], f"'nosuch' is no role that a key can have: choose of {GRANTED}"),
        (["--role", "notifier"], f"'notifier' is no role that a key can have: choose of {GRANTED}"),
        (["--role", "recorder", "--expires", "a year"], "Or a span from now on, such as 365d."),
    ],
)
def test_what_no_key_can_have_is_told_with_what_it_can(options: list[str], said: str) -> None:
    answer = CliRunner().invoke(app, ["create", "front-door", *options])
    assert answer.exit_code == 2
    assert said in " ".join(answer.stderr.replace("│", " ").split())
