"""Each drill of the threat model names its tests, and all that the page names are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "threat-model.md").read_text()
FILES = dict(re.findall(r"^\| ([A-Z]) \| `(tests/\S+\.py)` \|", PAGE, re.MULTILINE))
DRILLS = PAGE.split("\n## The drills\n")[1].split("\n## ")[0]
ROWS = [line for line in DRILLS.splitlines() if line.startswith("|")][2:]


NAMED = re.compile(r"\b([A-Z]) `([^`/]+)`")


def test_every_drill_names_its_tests() -> None:
    assert ROWS
    for row in ROWS:
        assert NAMED.search(row.rsplit("|", 2)[1]), row


def test_every_test_that_is_named_is_there() -> None:
    sources = {letter: (ROOT / path).read_text() for letter, path in FILES.items()}
    named = NAMED.findall(PAGE)
    for letter, test in named:
        assert f"{test}(" in sources[letter] or f'"{test}"' in sources[letter], (letter, test)
    assert {letter for letter, _ in named} == FILES.keys()
