"""What is locked: with hashes, under licences that allow it, and nothing that an advisory warns of."""

import asyncio
from datetime import date
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from litestar import post
from litestar.params import JSONBody
from packaging.version import Version

from services.runtime import web
from services.stack import nats, postgres
from tests.audit import advisories
from tests.audit.advisories import Advisory, Bundled, Range, Snapshot
from tests.support.open_app import open_app

LOCKS = {name: advisories.locked(advisories.ROOT / name) for name in advisories.LOCKS}
FREE = (
    "MIT",
    "BSD",
    "Apache",
    "PSF",
    "Python Software Foundation",
    "ISC",
    "MPL",
    "Mozilla",
    "Unlicense",
    "Zlib",
)
NOT_FREE = ("AGPL", "SSPL", "Commercial", "Proprietary")
BROUGHT = {"server": Bundled("1.0", "one-package", "a test", (Advisory("NOTE-1", "It stops", (Range(),)),))}
SAID = {
    "vulns": [
        {
            "id": "GHSA-1",
            "aliases": ["CVE-1"],
            "summary": "It breaks",
            "affected": [
                {
                    "package": {"name": "One_Package", "ecosystem": "PyPI"},
                    "ranges": [
                        {"type": "GIT", "events": [{"introduced": "0"}]},
                        {
                            "type": "ECOSYSTEM",
                            "events": [{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}],
                        },
                    ],
                },
                {"package": {"name": "another", "ecosystem": "PyPI"}, "versions": ["9"]},
            ],
        },
        {"id": "GHSA-2", "withdrawn": "2025-01-01T00:00:00Z", "affected": []},
        {
            "id": "GHSA-3",
            "details": "It, too",
            "affected": [{"package": {"name": "one-package"}, "versions": ["7"]}],
        },
    ]
}


def test_no_locked_version_is_one_that_an_advisory_is_about() -> None:
    found = advisories.affected(advisories.read(), LOCKS)
    assert [each for each in found if not each.advisory.accepted] == []


def test_every_locked_package_was_asked_about_and_no_other() -> None:
    asked = advisories.read().packages
    assert advisories.unknown(advisories.read(), LOCKS) == []
    assert asked.keys() == {package for packages in LOCKS.values() for package in packages}


@pytest.mark.parametrize(("program", "stack"), [("nats-server", nats), ("postgres", postgres)])
def test_a_program_that_a_wheel_brings_along_is_the_one_that_was_asked_about(
    program: str, stack: ModuleType
) -> None:
    bundled = advisories.read().bundled[program]
    assert bundled.inside in LOCKS["requirements.txt"]
    assert stack.installed_version() == bundled.version


def test_a_locked_version_that_an_advisory_is_about_is_named() -> None:
    about = Advisory("GHSA-1", "It breaks", (Range("45.0", fixed="9999"),))
    snapshot = Snapshot(date(2026, 1, 1), "a test", {"cryptography": (about,)})
    found = list(advisories.affected(snapshot, LOCKS))
    assert {(each.where, each.package) for each in found} == {(lock, "cryptography") for lock in LOCKS}
    assert "msgspec" in advisories.unknown(snapshot, LOCKS)


def test_a_program_that_an_advisory_is_about_is_named_with_what_brings_it() -> None:
    (found,) = advisories.affected(Snapshot(date(2026, 1, 1), "a test", {}, BROUGHT), LOCKS)
    assert (found.where, found.package, found.advisory.id) == ("one-package", "server", "NOTE-1")


@pytest.mark.parametrize(
    ("given", "version", "held"),
    [
        (Range("1.0", fixed="1.5"), "1.5", False),
        (Range("1.0", fixed="1.5"), "1.4.9", True),
        (Range("1.0", fixed="1.5"), "0.9", False),
        (Range(fixed="1.10"), "1.9", True),
        (Range(last="2.0"), "2.0", True),
        (Range(last="2.0"), "2.0.1", False),
        (Range("2.0"), "10.0", True),
    ],
)
def test_a_range_holds_what_is_in_it(given: Range, version: str, held: bool) -> None:  # noqa: FBT001 - a table
    assert given.holds(Version(version)) == held


def test_a_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("# a comment\none==1.0 \\\n    --hash=sha256:00\ntwo==2.0\n")
    with pytest.raises(ValueError, match=r"two==2\.0 is not locked with a hash"):
        advisories.locked(lock)


async def test_a_database_that_speaks_osv_is_asked_about_each_package(tmp_path: Path) -> None:
    @post("/v1/query", status_code=200)
    async def query(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        return SAID if data["package"]["name"] == "one-package" else {}

    async with web.serve(open_app("osv", query), "127.0.0.1", 0) as url:
        today = date(2026, 11, 22)
        found = await asyncio.to_thread(advisories.ask, url, ["one-package", "quiet"], today, BROUGHT)
    assert (found.packages["quiet"], found.bundled) == ((), BROUGHT)
    first, third = found.packages["one-package"]
    assert (first.id, first.ranges) == ("GHSA-1 CVE-1", (Range("1.0", fixed="1.5"), Range("2.0")))
    assert (third.summary, third.ranges) == ("It, too", (Range("7", last="7"),))
    advisories.write(found, tmp_path / "kept.json")
    assert advisories.read(tmp_path / "kept.json") == found


@pytest.mark.parametrize("package", sorted(LOCKS["requirements.txt"]))
def test_what_is_installed_has_a_licence_that_lets_it(package: str) -> None:
    try:
        about = metadata(package)
    except PackageNotFoundError:
        pytest.skip("not needed on this platform")
    names = ("License-Expression", "License", "Classifier")
    lines = [line for name in names for line in about.get_all(name) or []]
    said = " ".join(line for line in lines if "::" not in line or line.startswith("License"))
    assert any(licence in said for licence in FREE), said[:200]
    assert not any(licence in said for licence in NOT_FREE), said[:200]
