"""`python -m tests.audit`: hold what is locked against the advisories that are kept; `--refresh` asks anew.

Ends with 1 if a locked version is one that an advisory is about which is not accepted, with its reason, or if
nobody was asked about a locked package. A snapshot that is older than a month is said, and fails nothing: the
check is to work without a network.
"""

import argparse
import sys
from datetime import UTC, datetime

import httpx

from tests.audit import advisories
from tests.audit.advisories import Found

FEW = 5
OSV = "https://api.osv.dev"


def main() -> int:
    """Read the command line, check, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="ask OSV about every locked package first")
    parser.add_argument("--url", default=OSV, help="a database that speaks OSV's API")
    options = parser.parse_args()
    locks = {name: advisories.locked(advisories.ROOT / name) for name in advisories.LOCKS}
    today = datetime.now(UTC).date()
    if options.refresh:
        asked = {package for packages in locks.values() for package in packages}
        try:
            advisories.write(advisories.ask(options.url, asked, today, advisories.read().bundled))
        except httpx.HTTPError as error:
            _say(f"{options.url} could not be asked ({type(error).__name__}); nothing was changed.")
            return 2
    snapshot = advisories.read()
    if (age := (today - snapshot.taken).days) > advisories.OLDEST:
        _say(f"WARNING: the advisories are {age} days old ({snapshot.source}): `make audit ARGS=--refresh`")
    if new := advisories.unknown(snapshot, locks):
        _say(f"Nobody was asked about {_some(new)}: `make audit ARGS=--refresh`")
    found = list(advisories.affected(snapshot, locks))
    for each in found:
        _say(_line(each))
    programs = [each.advisories for each in snapshot.bundled.values()]
    known = sum(map(len, [*snapshot.packages.values(), *programs]))
    held = sum(map(len, locks.values())) + len(programs)
    accepted = sum(bool(each.advisory.accepted) for each in found)
    left = len(found) - accepted
    _say(f"{held} versions against {known} advisories: {left} affected, {accepted} accepted.")
    return 1 if left or new else 0


def _line(found: Found) -> str:
    about = f"{found.where}: {found.package} {found.version}: {found.advisory.id}: {found.advisory.summary}"
    return f"{about} (accepted: {found.advisory.accepted})" if found.advisory.accepted else about


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= FEW else f"{len(names)} of the packages"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


sys.exit(main())
