"""The reference says all that there is and nothing else: each page is compared with the code."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer.main
from msgspec import convert

import services
from services.cli.commands import load
from services.domain import admission, alert_admission, fact_admission, forgetting_admission, keys
from services.domain.events import EVENT_TYPES, FACT_TYPES, FactEvent
from services.domain.fact_admission import rules_of
from services.domain.rules.rule import Rules
from services.runtime.problems import Kind
from services.runtime.settings import NAMES
from tests.support import catalogue, retention_table, timetable
from tests.support.samples import SAMPLES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
DECISIONS = ROOT / "docs" / "decisions"  # they speak of what was, and of what is to come
DOCUMENTS = sorted(
    document for document in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if document.parent != DECISIONS
)


def first_cells(page: str, heading: str = "") -> list[str]:
    """What stands in the first column of the tables of a page, or of those below one heading."""
    text = (REFERENCE / page).read_text()
    if heading:
        text = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [
        name
        for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
        for name in re.findall(r"`(.*?)`", row)
    ]


def every_problem() -> dict[str, int]:
    """The status of every kind of problem that a service declares."""
    found: dict[str, int] = {}
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if not module.name.endswith("__main__"):
            declared = vars(importlib.import_module(module.name)).values()
            found |= {kind.slug: kind.status for kind in declared if isinstance(kind, Kind)}
    return found


def every_rule() -> set[str]:
    """The first argument of every `Refused(…)` in the domain."""
    found: set[str] = set()
    for module in (ROOT / "services" / "domain").rglob("*.py"):
        for call in ast.walk(ast.parse(module.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Refused":
                found |= set(_values(call.args[0], module))
    return found | {invariant.__name__ for rules in every_fact() for invariant in rules.never}


def every_fact() -> list[Rules]:
    """What is asked of each type of fact."""
    samples = [convert(SAMPLES[name], EVENT_TYPES[name]) for name in FACT_TYPES]
    return [rules_of(cast("FactEvent", sample)) for sample in samples]


def _values(node: ast.expr, module: Path) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(rule)):
            yield rule
        case ast.JoinedStr():
            rule = ast.unparse(node)
            assert "{verb}" in rule, f"{module}: {rule}"
            yield from (rule[2:-1].replace("{verb}", verb) for verb in ("accept", "reject"))
        case ast.Name(id="rule") | ast.Attribute(attr="__name__"):
            return  # chosen from constants a line above: they are found as they are said elsewhere
        case _:
            pytest.fail(f"{module}: {ast.unparse(node)} is no rule that can be found")


def commands(group: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by what one types after `caseledger`."""
    if not hasattr(group, "commands"):
        yield name, group
        return
    for child in group.commands.values():
        short = child.name == getattr(group, "default", None)  # `evidence CASE` is `evidence make CASE`
        yield from commands(child, name if short else f"{name} {child.name}".strip())


COMMANDS = dict(commands(typer.main.get_command(load())))


def test_every_problem_is_listed_with_its_status() -> None:
    text = (REFERENCE / "problems.md").read_text()
    listed = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+|any 4xx) \|", text, re.MULTILINE))

    assert listed == {
        slug: "any 4xx" if slug == "request-failed" else str(status)
        for slug, status in every_problem().items()
    }


def test_every_rule_is_listed() -> None:
    assert sorted(first_cells("problems.md", "Rules")) == sorted(every_rule())


def test_every_flag_is_listed() -> None:
    flags = {
        value
        for module in (admission, alert_admission, fact_admission, forgetting_admission, keys)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    flags |= {suspicion.__name__ for rules in every_fact() for suspicion in rules.flags}

    assert set(first_cells("flags.md")) == flags


def test_every_setting_is_listed() -> None:
    assert sorted(first_cells("settings.md")) == sorted(NAMES)


def test_every_command_is_listed_with_its_options() -> None:
    text = (REFERENCE / "commands.md").read_text()
    for name, command in COMMANDS.items():
        row = next((row for row in text.splitlines() if re.match(rf"\| `{name}\b|\| .*`{name} ", row)), "")
        assert row, name
        for parameter in command.params:
            written = parameter.opts[0] if parameter.default is not True else parameter.secondary_opts[0]
            if parameter.param_type_name == "option" and "--help" not in parameter.opts:
                assert f"`{written}" in row, f"{name} {written}"


def test_the_page_of_events_is_as_the_code_says() -> None:
    page = REFERENCE / "events.md"
    assert page.read_text() == "\n".join(catalogue.pages()), "make schemas writes it anew"


def test_every_field_of_an_event_is_explained() -> None:
    assert not re.findall(r"^.*\|  \|$", (REFERENCE / "events.md").read_text(), re.MULTILINE)


def test_the_page_of_deadlines_is_as_the_code_says() -> None:
    page = REFERENCE / "deadlines.md"
    assert page.read_text() == "\n".join(timetable.lines()), "make schemas writes it anew"


def test_the_page_of_retention_is_as_the_code_says() -> None:
    page = REFERENCE / "retention.md"
    assert page.read_text() == "\n".join(retention_table.lines()), "make schemas writes it anew"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_tells_to_type_is_a_command(document: Path) -> None:
    for words in _typed(document.read_text()):
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in COMMANDS), None)
        assert name, f"there is no `caseledger {' '.join(words)}`"
        own = words[: words.index("--")] if "--" in words else words
        given = {word.partition("=")[0] for word in own if word.startswith("--")}
        known = {option for each in COMMANDS[name].params for option in (*each.opts, *each.secondary_opts)}
        assert given <= known, f"`caseledger {' '.join(words)}` has no {given - known}"


def test_every_guarantee_names_a_test_that_exists() -> None:
    table = (ROOT / "README.md").read_text().split("\n## Guarantees\n", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"\| `([^`]+)` \|$", table, re.MULTILINE)

    assert len(named) == len(re.findall(r"^\| [A-Z]", table, re.MULTILINE))
    for test in named:
        path, _, name = test.partition("::")
        assert re.search(rf"def {name}\(" if name else "def test_", (ROOT / "tests" / path).read_text()), test


def _typed(text: str) -> Iterator[list[str]]:
    """The words of each command that stands in a block or in backticks."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in (*inline, *(line for block in blocks for line in block.splitlines())):
        if found := re.match(r"(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?caseledger ([a-z][^#|]*)", line):
            words = found[1].split()
            if words[-1] != "…":
                yield words
