"""The documents keep their promises: what they tell a reader to type is typed here, against a real stack."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.console import BLOCK

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
STACK = re.compile(r"<!-- executed: caseledger run ?(.*?) ?-->")


def _with_commands() -> list[Path]:
    return [document for document in DOCUMENTS if BLOCK.search(document.read_text())]


@pytest.mark.parametrize("document", _with_commands(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_s_commands_print_what_it_says(document: Path) -> None:
    stack = STACK.search(document.read_text())
    assert stack, "Say which stack its console blocks need: <!-- executed: caseledger run --clock … -->"

    name = str(document.relative_to(ROOT))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "services.cli", "run", *stack[1].split()),
            *("--", sys.executable, "-m", "tests.support.console", name),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), f"{document}: {target}"
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found), f"{document}: {target}"


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
