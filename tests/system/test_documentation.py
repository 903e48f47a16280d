"""The documents keep their promises: what they tell a reader to type is typed here, against real services.

Each says which stack its commands need, by which they can be tried by hand. The README's get that stack, from
`caseledger run`; those of pages on a test clock get its services within this process, on servers that tests
share, which start in a tenth of the time. Positions begin at 1 for each.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from services.stack.layout import Target
from tests.support.console import BLOCK

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
STACK = re.compile(r"<!-- executed: caseledger run ?(?:--clock (\S+) )?-->")
README = ROOT / "README.md"


def _with_commands() -> list[Path]:
    return [document for document in DOCUMENTS if BLOCK.search(document.read_text())]


def _clock_of(document: Path) -> str | None:
    """The test clock that a document's commands need, None for the real one."""
    stack = STACK.search(document.read_text())
    assert stack, "Say which stack its console blocks need: <!-- executed: caseledger run --clock … -->"
    return stack[1]


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def _typed(document: Path, *within: str, environment: Mapping[str, str] | None = None) -> None:
    """Do what a document says, as the console or as a command of a stack."""
    done = subprocess.run(
        [*within, sys.executable, "-m", "tests.support.console", _name(document)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_the_readme_s_commands_print_what_it_says() -> None:
    assert _clock_of(README) is None
    _typed(README, sys.executable, "-m", "services.cli", "run", "--")


@pytest.mark.parametrize("document", [each for each in _with_commands() if each != README], ids=_name)
async def test_a_document_s_commands_print_what_it_says(
    document: Path, team_at: Callable[[str], AbstractAsyncContextManager[Target]], tmp_path: Path
) -> None:
    async with team_at(_clock_of(document) or "system") as team:
        await asyncio.to_thread(_typed, document, environment=team.environment(tmp_path))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
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
