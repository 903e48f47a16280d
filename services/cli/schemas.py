"""Write `schemas/` from the events and the services, and tell when the two have drifted apart.

A released schema is frozen: once its digest stands in `released.json`, the event changes by a new version.
"""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec import json

from services.cli.terminal import say
from services.domain import schemas
from services.domain.events import EVENT_TYPES

API_VERSION: Final = "1"  # that of the addresses, /v1
RELEASED: Final = "released.json"
EVENTS: Final = "events"

Files = dict[str, bytes]
"""What `schemas/` holds: the content of each file by its path in there."""

Directory = Annotated[
    Path,
    typer.Option("--directory", metavar="DIR", help="Where the schemas are.", file_okay=False),
]
SCHEMAS: Final = Path("schemas")

app = typer.Typer(
    name="schemas",
    help="JSON Schemas of events, OpenAPI of the services, AsyncAPI of the stream: write, check, release.",
    no_args_is_help=True,
)


@app.command()
def write(directory: Directory = SCHEMAS) -> None:
    """Write every schema anew. Refuses to change one that is released.

    For example:

        caseledger schemas write
    """
    made = generate()
    if changed := list(_changed_releases(directory, made)):
        _fail(changed)
    for path, content in made.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
    for path in _left_over(directory, made):
        (directory / path).unlink()
    say(f"Wrote {len(made)} files to {directory}.")


@app.command()
def check(directory: Directory = SCHEMAS) -> None:
    """Compare the files with what would be written; exit 1 and list what differs.

    For example:

        caseledger schemas check
    """
    say(f"{len(_checked(directory))} schemas are as the code says.")


@app.command()
def release(directory: Directory = SCHEMAS) -> None:
    """Freeze the schemas of all events as they are now; done once for each release.

    For example:

        caseledger schemas release
    """
    made = _checked(directory)
    released = _released(directory)
    for path, content in made.items():
        if path.startswith(f"{EVENTS}/"):
            released.setdefault(path, _digest(content))
    (directory / RELEASED).write_bytes(_readable(released))
    say(f"{len(released)} schemas are frozen. Commit {directory / RELEASED} with the release.")


def _checked(directory: Path) -> Files:
    """What would be written, and is there."""
    made = generate()
    if faults := [*_changed_releases(directory, made), *_differences(directory, made)]:
        _fail(faults)
    return made


def generate() -> Files:
    """Make everything that is generated. The same code makes the same bytes."""
    from services.ledger.asyncapi import asyncapi  # noqa: PLC0415 - slow to import for the other commands

    made = {f"{EVENTS}/{kind.TYPE}.{kind.VERSION}.json": schemas.event(kind) for kind in EVENT_TYPES.values()}
    made["document.json"] = schemas.document()
    made["asyncapi.json"] = asyncapi()
    made |= {f"openapi/{service}.json": document for service, document in _openapi().items()}
    return {path: _readable(document) for path, document in sorted(made.items())}


@cache
def _openapi() -> dict[str, dict[str, Any]]:
    from services.ledger import api as ledger  # noqa: PLC0415 - the services are slow to import, as above
    from services.ledger import erasure_api, evidence_api, reading  # noqa: PLC0415
    from services.notifier import api as notifier  # noqa: PLC0415
    from services.projector import api as projector  # noqa: PLC0415
    from services.runtime import web  # noqa: PLC0415
    from services.runtime.identity.authentication import OFF  # noqa: PLC0415

    unused: Any = None  # what the routes would serve with: a document needs the routes only
    routes = {
        "ledger": [
            *ledger.routes(unused),
            *reading.routes(unused),
            *evidence_api.routes(unused),
            *erasure_api.routes(unused, unused),
        ],
        "projector": projector.routes(unused, unused, unused),
        "notifier": notifier.routes(unused, unused, unused, unused, unused),
    }
    documents = {
        service: web.openapi(web.create_app(service, routes=its_own, authentication=OFF))
        for service, its_own in routes.items()
    }
    for document in documents.values():
        document["info"]["version"] = API_VERSION  # rather than the release's, which is no change of the API
    return documents


def _readable(document: object) -> bytes:
    return json.format(json.encode(document, order="sorted")) + b"\n"


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _released(directory: Path) -> dict[str, str]:
    path = directory / RELEASED
    return json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}


def _changed_releases(directory: Path, made: Files) -> Iterator[str]:
    for path, digest in _released(directory).items():
        kept = directory / path
        now = made.get(path)
        if now is not None and _digest(now) != digest:
            yield f"{path} is released and would change: raise the event's VERSION, add an upcaster"
        elif not kept.exists():
            yield f"{path} is released and missing: restore it"
        elif _digest(kept.read_bytes()) != digest:
            yield f"{path} is released and was changed: restore it"


def _differences(directory: Path, made: Files) -> Iterator[str]:
    for path, content in made.items():
        kept = directory / path
        if not kept.exists():
            yield f"{path} is missing: run `caseledger schemas write`"
        elif kept.read_bytes() != content:
            yield f"{path} differs: run `caseledger schemas write`"
    for path in _left_over(directory, made):
        yield f"{path} is of no event or service: run `caseledger schemas write`"


def _left_over(directory: Path, made: Files) -> list[str]:
    kept = {path.relative_to(directory).as_posix() for path in directory.rglob("*.json")}
    return sorted(kept - made.keys() - _released(directory).keys() - {RELEASED})


def _fail(faults: list[str]) -> None:
    for fault in faults:
        say(fault)
    raise typer.Exit(1)
