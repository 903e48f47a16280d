"""`caseledger schemas`: what is written, what counts as drift, and that a released schema stays."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from msgspec import json
from typer.testing import CliRunner, Result

from services.cli import schemas
from services.domain.events import EVENT_TYPES
from services.domain.events.contact import ContactReceived
from tests.support.contract import SCHEMAS, read

CONTACT = "events/ContactReceived.1.json"


def run(command: str, directory: Path) -> Result:
    return CliRunner().invoke(schemas.app, [command, "--directory", str(directory)])


@pytest.fixture(scope="module")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("written") / "schemas"
    assert run("write", directory).exit_code == 0
    return directory


@pytest.fixture(scope="module")
def released_once(written_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = copytree(written_once, tmp_path_factory.mktemp("released") / "schemas")
    assert run("release", directory).exit_code == 0
    return directory


@pytest.fixture
def written(written_once: Path, tmp_path: Path) -> Path:
    return copytree(written_once, tmp_path / "schemas")


@pytest.fixture
def released(released_once: Path, tmp_path: Path) -> Path:
    return copytree(released_once, tmp_path / "schemas")


def _contact_says(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(ContactReceived, "__doc__", words)


def test_the_schemas_of_this_repository_are_as_the_code_says() -> None:
    checked = run("check", SCHEMAS)
    assert checked.exit_code == 0, checked.stderr


def test_what_was_written_has_not_drifted(written: Path) -> None:
    assert run("check", written).exit_code == 0


def test_the_same_code_writes_the_same_bytes() -> None:
    made = schemas.generate()
    assert made == schemas.generate()
    for path, content in made.items():
        assert content.endswith(b"}\n"), path
        assert content == json.format(json.encode(json.decode(content), order="sorted")) + b"\n"


def test_there_is_a_schema_of_each_event_the_document_the_stream_and_each_service(written: Path) -> None:
    paths = {path.relative_to(written).as_posix() for path in written.rglob("*.json")}
    assert len([path for path in paths if path.startswith("events/")]) == len(EVENT_TYPES)
    assert paths >= {"document.json", "asyncapi.json", CONTACT}
    assert paths >= {f"openapi/{service}.json" for service in ("ledger", "projector", "notifier")}


def test_drift_is_listed_file_by_file(written: Path) -> None:
    (written / CONTACT).write_text("{}\n")
    (written / "document.json").unlink()
    (written / "events" / "TeaMade.1.json").write_text("{}\n")
    checked = run("check", written)
    assert checked.exit_code == 1
    assert checked.stderr.splitlines() == [
        "document.json is missing: run `caseledger schemas write`",
        f"{CONTACT} differs: run `caseledger schemas write`",
        "events/TeaMade.1.json is of no event or service: run `caseledger schemas write`",
    ]
    assert run("write", written).exit_code == 0
    assert run("check", written).exit_code == 0


def test_a_released_schema_may_not_change(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (released / CONTACT).read_bytes()
    _contact_says(monkeypatch, "Something else.")
    for command in ("check", "write", "release"):
        refused = run(command, released)
        assert refused.exit_code == 1
        assert f"{CONTACT} is released and would change: raise the event's VERSION" in refused.stderr
    assert (released / CONTACT).read_bytes() == before


def test_an_event_that_was_not_released_yet_may_change(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _contact_says(monkeypatch, "Something else.")
    assert run("check", written).exit_code == 1
    assert run("write", written).exit_code == 0
    assert read(written / CONTACT)["description"] == "Something else."


def test_a_new_version_stands_beside_the_released_one(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _contact_says(monkeypatch, "Something else.")
    monkeypatch.setattr(ContactReceived, "VERSION", 2)
    assert run("write", released).exit_code == 0
    assert run("check", released).exit_code == 0
    assert (released / CONTACT).exists()
    assert read(released / "events" / "ContactReceived.2.json")["description"] == "Something else."
    assert run("release", released).exit_code == 0
    assert len(read(released / "released.json")) == len(EVENT_TYPES) + 1


@pytest.mark.parametrize("tamper", [Path.unlink, lambda path: path.write_text("{}\n")])
def test_a_released_schema_of_an_old_version_stays_where_it_is(
    released: Path, monkeypatch: pytest.MonkeyPatch, tamper: Any
) -> None:
    monkeypatch.setattr(ContactReceived, "VERSION", 2)
    assert run("write", released).exit_code == 0
    tamper(released / CONTACT)
    checked = run("check", released)
    assert checked.exit_code == 1
    assert f"{CONTACT} is released and" in checked.stderr
    assert "restore it" in checked.stderr


def test_the_stream_names_a_message_of_every_event_and_files_that_are_there(written: Path) -> None:
    document = read(written / "asyncapi.json")
    assert document["asyncapi"] == "3.0.0"
    messages = document["components"]["messages"]
    assert len(messages) == len(EVENT_TYPES)
    assert document["channels"]["events"]["messages"].keys() == messages.keys()
    for reference in _references(document):
        file, _, pointer = reference.partition("#")
        found: Any = read(written / file) if file else document
        for part in pointer.strip("/").split("/") if pointer else []:
            found = found[part]
        assert found


def test_every_service_says_which_version_of_its_api_it_serves(written: Path) -> None:
    for service in ("ledger", "projector", "notifier"):
        document = read(written / "openapi" / f"{service}.json")
        assert document["info"]["version"] == "1"
        assert "/readyz" in document["paths"]


def _references(document: Any) -> list[str]:
    if isinstance(document, list):
        return [reference for each in document for reference in _references(each)]
    if not isinstance(document, dict):
        return []
    own = [document["$ref"]] if "$ref" in document else []
    return own + [reference for each in document.values() for reference in _references(each)]
