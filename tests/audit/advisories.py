"""Known advisories about what is locked, kept in a file with its date: no network is needed to look."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import httpx
from msgspec import Meta, Struct, json, to_builtins
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = ("deploy/requirements.txt", "requirements.txt", "requirements-dev.txt")
KEPT: Final = ROOT / "deploy" / "advisories.json"
OLDEST: Final = 30
"""Days after which a snapshot is to be taken anew."""


class Range(Struct, frozen=True):
    """Versions from `introduced` on, before `fixed`, or up to `last`; all later ones if it has neither."""

    introduced: str = "0"
    fixed: str | None = None
    last: str | None = None

    def holds(self, version: Version) -> bool:
        """Whether a version is among them."""
        if version < Version(self.introduced):
            return False
        if self.fixed is not None:
            return version < Version(self.fixed)
        return self.last is None or version <= Version(self.last)


class Advisory(Struct, frozen=True, omit_defaults=True):
    """One advisory about one package; `accepted` says why its being about what is locked is borne with."""

    id: str
    summary: str
    ranges: tuple[Range, ...]
    accepted: str = ""


class Bundled(Struct, frozen=True):
    """A program that a locked package, `inside`, brings along, and that a database of packages knows not."""

    version: str
    inside: str
    source: Annotated[str, Meta(min_length=1)]
    advisories: tuple[Advisory, ...]


class Snapshot(Struct, frozen=True):
    """What was known on a day; every package that was asked about is there, with none perhaps."""

    taken: date
    source: Annotated[str, Meta(min_length=1)]
    packages: dict[str, tuple[Advisory, ...]]
    bundled: dict[str, Bundled] = {}


class Found(NamedTuple):
    """What is locked, and an advisory about it; `where` names the lock file, or the package it comes in."""

    where: str
    package: str
    version: str
    advisory: Advisory


def locked(path: Path) -> dict[str, str]:
    """The versions in a lock file, by package. Raises `ValueError` for a line without a hash."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", _uncommented(path.read_text())):
        requirement = entry.partition("\\")[0].partition(";")[0].strip()
        name, pinned, version = requirement.partition("==")
        if not pinned or "--hash=sha256:" not in entry:
            raise ValueError(f"{path.name}: {requirement} is not locked with a hash")
        found[canonicalize_name(name)] = version.strip()
    return found


def _uncommented(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line and not line.lstrip().startswith("#"))


def read(path: Path = KEPT) -> Snapshot:
    """The snapshot that is kept."""
    return json.decode(path.read_bytes(), type=Snapshot)


def affected(snapshot: Snapshot, locks: Mapping[str, Mapping[str, str]]) -> Iterator[Found]:
    """Every locked version that an advisory of the snapshot is about, and every bundled one."""
    for lock, packages in locks.items():
        for package, version in packages.items():
            yield from _about(lock, package, version, snapshot.packages.get(package, ()))
    for program, bundled in snapshot.bundled.items():
        yield from _about(bundled.inside, program, bundled.version, bundled.advisories)


def _about(where: str, package: str, version: str, known: Iterable[Advisory]) -> Iterator[Found]:
    for advisory in known:
        if any(each.holds(Version(version)) for each in advisory.ranges):
            yield Found(where, package, version, advisory)


def unknown(snapshot: Snapshot, locks: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The locked packages that the snapshot was not asked about."""
    return sorted({package for packages in locks.values() for package in packages} - snapshot.packages.keys())


def ask(url: str, packages: Iterable[str], today: date, bundled: Mapping[str, Bundled]) -> Snapshot:
    """What a database that speaks OSV's API says about each package. Raises `httpx.HTTPError`.

    What is `bundled` is no package of its, and stays as it is.
    """
    found = {}
    with httpx.Client(base_url=url, timeout=30) as client:
        for package in sorted(packages):
            asked = {"package": {"name": package, "ecosystem": "PyPI"}}
            answer = client.post("/v1/query", json=asked).raise_for_status().json()
            found[package] = tuple(_advisories(package, answer.get("vulns", [])))
    return Snapshot(today, url, found, dict(bundled))


def write(snapshot: Snapshot, path: Path = KEPT) -> None:
    """Keep a snapshot."""
    path.write_bytes(json.format(json.encode(to_builtins(snapshot)), indent=1) + b"\n")


def _advisories(package: str, said: Iterable[Mapping[str, Any]]) -> Iterator[Advisory]:
    for each in said:
        if "withdrawn" in each:
            continue
        ranges = tuple(
            found
            for about in each.get("affected", [])
            if canonicalize_name(about.get("package", {}).get("name", "")) == package
            for found in _ranges(about)
        )
        summary = each.get("summary") or each.get("details", "")[:200]
        yield Advisory(" ".join([each["id"], *each.get("aliases", [])]), summary, ranges)


def _ranges(about: Mapping[str, Any]) -> Iterator[Range]:
    """The ranges of versions; where there are none, each version that is named."""
    ranges = [each for each in about.get("ranges", []) if each.get("type") == "ECOSYSTEM"]
    for each in ranges:
        since = "0"
        for event in each.get("events", []):
            since = event.get("introduced", since)
            if "fixed" in event or "last_affected" in event:
                yield Range(since, event.get("fixed"), event.get("last_affected"))
                since = ""
        if since:
            yield Range(since)
    if not ranges:
        yield from (Range(version, last=version) for version in about.get("versions", []))
