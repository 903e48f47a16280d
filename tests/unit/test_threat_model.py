"""Each row of the threat model names its tests, and they are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "threat-model.md").read_text()
FILES = dict(re.findall(r"^\| ([A-Z]) \| `(tests/\S+\.py)` \|", PAGE, re.MULTILINE))
DRILLS = PAGE.split("\n## The drills\n")[1].split("\n## ")[0]
ROWS = [line for line in DRILLS.splitlines() if line.startswith("|")][2:]


def test_every_drill_names_its_tests_and_they_are_there() -> None:
    sources = {letter: (ROOT / path).read_text() for letter, path in FILES.items()}
    used = set()
    for row in ROWS:
        named = re.findall(r"\b([A-Z]) `([^`]+)`", row.rsplit("|", 2)[1])
        assert named, row
        for letter, test in named:
            assert f"{test}(" in sources[letter] or f'"{test}"' in sources[letter], (letter, test)
            used.add(letter)
    assert used == FILES.keys()
