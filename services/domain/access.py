"""The access log of a case: a stream of its own, in which the ledger itself writes who was shown what.

No case's id has a `~`, so no client can write there and no case's stream is taken for one. It is folded to a
version and no more: however often a child's record was looked at, one more look costs the same.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from msgspec import Struct, json, structs

from services.domain.event import CaseVersion, Recorded, Submission
from services.domain.events.shape import CODE
from services.domain.events.viewing import RecordViewed

PREFIX: Final = "access~"
SOURCE: Final = "/ledger"


class Access(Struct, frozen=True):
    """The access log of one case, as far as admission needs to know it."""

    case_id: str
    version: CaseVersion = CaseVersion(0)


class Look(Struct, frozen=True, kw_only=True):
    """What somebody is about to be shown. `fields` are types with fields, `versions` those of the events.

    `on_behalf_of`: to whom a client system, `who`, is to show it. A team whose name is no code is left out:
    no case is given to it.
    """

    case_id: str
    who: str
    purpose: str
    fields: frozenset[str] = frozenset()
    versions: tuple[int, ...] = ()
    teams: frozenset[str] = frozenset()
    on_behalf_of: str | None = None


def stream_of(case_id: str) -> str:
    """The stream of a case's access log."""
    return PREFIX + case_id


def case_of(stream: str) -> str | None:
    """The case whose access log a stream is; None of any other stream."""
    return stream[len(PREFIX) :] if stream.startswith(PREFIX) else None


def fold(access: Access, record: Recorded) -> Access:
    """The access log after one more event."""
    return structs.replace(access, version=record.caseversion)


def submit(look: Look, look_id: str) -> Submission:
    """The look as it is to be appended. Raises `msgspec.ValidationError` if it could not be read back."""
    event = RecordViewed(
        case_id=look.case_id,
        purpose=look.purpose,
        fields=tuple(sorted(look.fields)),
        versions=ranges(look.versions),
        teams=tuple(sorted(team for team in look.teams if re.match(CODE, team))),
    )
    said = json.encode(event)
    return Submission(
        stream=stream_of(look.case_id),
        id=look_id,
        source=SOURCE,
        time=None,
        event=json.decode(said, type=RecordViewed),
        actor=look.who,
        onbehalfof=look.on_behalf_of,
        actorrole=None,
        correlationid=None,
        causationid=None,
        content=sha256(f"{look_id} {look.who} {look.on_behalf_of} ".encode() + said).digest(),
    )


def ranges(versions: Iterable[int]) -> str:
    """Versions in few words: `1-4,7`."""
    runs: list[list[int]] = []
    for version in sorted(set(versions)):
        if runs and runs[-1][-1] == version - 1:
            runs[-1][1:] = [version]
        else:
            runs.append([version])
    return ",".join("-".join(map(str, run)) for run in runs)
