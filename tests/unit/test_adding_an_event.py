"""A new event is a matter of the domain: services name one only where a view or a message shows it."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest

from services.domain.events import EVENT_TYPES, FactEvent

SERVICES: Final = Path(__file__).parents[2] / "services"
FACTS: Final = {kind.__name__ for kind in get_args(FactEvent)}
DONE: Final = {"ErasureDecided", "KeyDestroyed"}  # an erasure the ledger does, beside recording it
EVENTS: Final = {kind.__name__ for kind in EVENT_TYPES.values()}


def named(service: str) -> Iterator[tuple[Path, set[str]]]:
    """Every module of a service with the events that its code names."""
    for module in sorted((SERVICES / service).rglob("*.py")):
        tree = ast.parse(module.read_text())
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        yield module.relative_to(SERVICES / service), names & EVENTS


def test_what_takes_in_every_event_names_none() -> None:
    assert {module.name: found for module, found in named("ledger") if found} == {}


def test_only_its_views_tell_the_projector_of_single_events() -> None:
    assert {module.parts[0] for module, found in named("projector") if found} == {"views"}


def test_the_notifier_names_steps_of_alerts_and_of_the_office_but_no_fact() -> None:
    found = {name for _, names in named("notifier") for name in names}
    assert found
    assert not found & FACTS


@pytest.mark.parametrize("service", ["ledger", "projector", "notifier"])
def test_no_statement_names_an_event(service: str) -> None:
    statements = list((SERVICES / service).rglob("*.sql"))
    assert statements
    assert not [each.name for each in statements for name in EVENTS - DONE if f"'{name}'" in each.read_text()]


# ── The path of docs/how-to/add-an-event.md, walked

EVENT: Final = '''
class EarlyHelpOffered(Event, frozen=True, kw_only=True):
    """Early help was offered."""

    TYPE: ClassVar[str] = "EarlyHelpOffered"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


EarlyHelpEvent = EarlyHelpOffered | '''
SENTENCE: Final = "Early help was offered."
IMPORT: Final = "from services.domain.events.early_help import "
CHANGES: Final = {
    "events/early_help.py": [("\nEarlyHelpEvent = ", EVENT)],
    "rules/need.py": [
        (IMPORT, f"{IMPORT}EarlyHelpOffered, "),
        ("case ContactReceived():", "case ContactReceived() | EarlyHelpOffered():"),
    ],
    "sentences/need.py": [
        (IMPORT, f"{IMPORT}EarlyHelpOffered, "),
        (
            "    match event:\n",
            f"    match event:\n        case EarlyHelpOffered():\n            return {SENTENCE!r}\n",
        ),
    ],
}
TRIAL: Final = """
import json
from datetime import UTC, datetime
from services.domain import admission, schemas
from services.domain.calendar import england_and_wales
from services.domain.case import Case
from services.domain.event import CaseVersion, compose, write
from services.domain.posted import parse
from services.domain.events import EVENT_TYPES
from services.projector.computation import TABLES, Stored, compute

now = datetime(2017, 10, 2, 9, tzinfo=UTC)
body = json.dumps({"id": "1", "type": "EarlyHelpOffered", "data": {"on": "2017-09-29"}}).encode()
submission = parse(body, "case-1", str)
verdict = admission.admit(Case(case_id="case-1"), submission, now, england_and_wales())
document = compose(write(submission, verdict.event, verdict.flags, CaseVersion(1), now)).decode()
computed = compute("case-1", [Stored(1, '{"position":1,' + document[1:])])
rows = {table.name: records for table, records in zip(TABLES, computed.records, strict=True)}
timeline = dict(zip([table for table in TABLES if table.name == "timeline"][0].columns, rows["timeline"][0]))
schema = schemas.event(EVENT_TYPES["EarlyHelpOffered"])
print(json.dumps([timeline["sentence"], str(timeline["happened_on"]), rows["parked"], schema["$id"]]))
"""


def test_an_event_is_added_without_touching_a_service(tmp_path: Path) -> None:
    for package in ("domain", "projector", "runtime"):
        shutil.copytree(SERVICES / package, tmp_path / "services" / package)
    shutil.copy(SERVICES / "__init__.py", tmp_path / "services")
    for module, changes in CHANGES.items():
        path = tmp_path / "services" / "domain" / module
        text = path.read_text()
        for before, after in changes:
            assert before in text, f"{module} reads otherwise by now: bring this trial up to date"
            text = text.replace(before, after, 1)
        path.write_text(text)

    tried = subprocess.run(
        [sys.executable, "-c", TRIAL], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert tried.returncode == 0, tried.stderr
    sentence, happened_on, parked, schema = json.loads(tried.stdout)
    assert (sentence, happened_on, parked) == (SENTENCE, "2017-09-29", [])
    assert schema == "urn:caseledger:event:EarlyHelpOffered:1"
