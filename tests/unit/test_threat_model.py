"""Each drill of the threat model names its tests, and all that the page names are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "threat-model.md").read_text()
FILES = dict(re.findall(r"^\| ([A-Z]) \| `(tests/\S+\.py)` \|", PAGE, re.MULTILINE))
DRILLS = PAGE.split("\n## The drills\n")[1].split("\n## ")[0]
ROWS = [line for line in DRILLS.splitlines() if line.startswith("|")][2:]


NAMED = re.compile(r"\b([A-Z]) `([^`/]+)`")


STRIDE = PAGE.split("\n## STRIDE\n")[1].split("\n## ")[0]
OWASP = (ROOT / "docs" / "explanation" / "owasp-api.md").read_text()
TESTED = re.compile(r"`((?:unit|integration|system)/[\w/]+\.py)(?:::(\w+))?`")


def test_every_mitigation_names_tests_that_are_there() -> None:
    rows = [row for page in (STRIDE, OWASP) for row in page.splitlines() if re.match(r"\| \*?\*?[A-Z]", row)]
    assert len(rows) >= 40
    for row in rows:
        named = TESTED.findall(row)
        assert named, row
        for path, name in named:
            source = (ROOT / "tests" / path).read_text()
            assert f"def {name}(" in source if name else "def test_" in source, (path, name)


def test_each_letter_of_stride_and_each_row_of_owasp_is_there() -> None:
    assert re.findall(r"^\| \*\*(.)\*\*", STRIDE, re.MULTILINE) == list("STRIDE")
    assert re.findall(r"^\| \*\*API(\d+)\*\*", OWASP, re.MULTILINE) == [str(n) for n in range(1, 11)]


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
