"""What `schemas/` promises, as a validator that readers of another house could have built from its files."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from msgspec import json
from referencing import Registry, Resource

SCHEMAS: Final = Path(__file__).parents[2] / "schemas"


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.decode(path.read_bytes())
    return found


def faults_of_document(document: Any) -> list[str]:
    """Why a stored document is not as `document.json` and its event's schema say."""
    return _faults("document.json", document)


def faults_of_data(name: str, data: Any, version: int = 1) -> list[str]:
    """Why an event's `data` is not as its schema says."""
    return _faults(f"events/{name}.{version}.json", data)


def _faults(path: str, instance: Any) -> list[str]:
    return sorted(f"{error.json_path}: {error.message}" for error in _validator(path).iter_errors(instance))


@cache
def _validator(path: str) -> Draft202012Validator:
    schema = read(SCHEMAS / path)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, registry=_registry(), format_checker=FormatChecker())


@cache
def _registry() -> Registry[Any]:
    events = (Resource.from_contents(read(path)) for path in sorted((SCHEMAS / "events").glob("*.json")))
    return Registry().with_resources((each.id() or "", each) for each in events)
