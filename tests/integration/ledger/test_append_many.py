"""`append_many` itself: what one call answers for each of its requests."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from services.runtime.postgres import load_sql
from tests.integration.ledger.ledgers import as_ledger, connection

APPEND = load_sql("services.ledger.sql")["append_many"]
NOW = datetime(2018, 3, 29, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    case_id: str
    version: int
    id: str = ""
    content: bytes = b"c"

    @property
    def document(self) -> bytes:
        return b'{"specversion":"1.0","id":"%b"}' % self.id.encode()


def event(case_id: str, version: int) -> Event:
    return Event(case_id, version, str(uuid4()))


async def append(url: str, *requests: list[Event]) -> list[asyncpg.Record]:
    numbered = [(number, each) for number, request in enumerate(requests) for each in request]
    events = [each for _, each in numbered]
    async with connection(as_ledger(url)) as role:
        rows: list[asyncpg.Record] = await role.fetch(
            APPEND,
            [number for number, _ in numbered],
            [each.case_id for each in events],
            [each.version for each in events],
            ["/test"] * len(events),
            [each.id for each in events],
            ["ContactReceived"] * len(events),
            [NOW] * len(events),
            NOW,
            [each.content for each in events],
            [each.document for each in events],
            None,
        )
    return rows


def outcomes(rows: list[asyncpg.Record]) -> list[str]:
    return [row["outcome"] for row in rows]


async def test_positions_are_dense_over_requests_and_calls(migrated: str) -> None:
    rows = await append(migrated, [event("a", 1), event("a", 2)], [event("b", 1)])
    assert [(row["request"], row["position"], row["caseversion"]) for row in rows] == [(0, 1, 1), (1, 3, 1)]
    (row,) = await append(migrated, [event("a", 3)])
    assert (row["position"], row["caseversion"]) == (4, 3)


async def test_the_document_begins_with_its_position_and_is_hashed_whole(migrated: str) -> None:
    sent = event("a", 1)
    await append(migrated, [sent])
    async with connection(migrated) as owner:
        row = await owner.fetchrow("SELECT document, leaf FROM ledger.event")
    stored = b'{"position":1,' + sent.document[1:]
    assert row["document"].encode() == stored
    assert row["leaf"] == hashlib.sha256(b"\0" + stored).digest()


async def test_a_request_sees_those_before_it_in_the_call(migrated: str) -> None:
    first, again = event("a", 1), event("a", 2)
    rows = await append(migrated, [first], [first], [again], [event("a", 2)], [event("a", 3)])
    assert outcomes(rows) == ["appended", "duplicate", "appended", "conflict", "appended"]
    assert rows[3]["caseversion"] == 2
    assert [row["position"] for row in rows] == [1, None, 2, None, 3]


async def test_a_duplicate_is_answered_with_the_documents_as_stored(migrated: str) -> None:
    pair = [event("a", 1), event("a", 2)]
    await append(migrated, pair)
    (row,) = await append(migrated, pair)
    assert row["outcome"] == "duplicate"
    assert row["stored"] == [
        f'{{"position":{at},{sent.document.decode()[1:]}' for at, sent in enumerate(pair, start=1)
    ]


async def test_what_is_neither_new_nor_wholly_known_names_the_ids_in_use(migrated: str) -> None:
    known = event("a", 1)
    await append(migrated, [known])
    rows = await append(
        migrated,
        [replace(known, content=b"other")],
        [replace(known, case_id="b")],
        [known, event("a", 2)],
        [fresh := event("c", 1), replace(fresh, version=2)],
    )
    assert outcomes(rows) == ["reused"] * 4
    assert [row["reused"] for row in rows] == [[known.id], [known.id], [known.id], [fresh.id]]


async def test_one_bad_request_fails_none_of_its_neighbours(migrated: str) -> None:
    rows = await append(migrated, [event("a", 1)], [event("b", 7)], [event("c", 1)])
    assert outcomes(rows) == ["appended", "conflict", "appended"]
    assert rows[1]["caseversion"] == 0
    assert [rows[0]["position"], rows[2]["position"]] == [1, 2]


@pytest.mark.parametrize("versions", [(1, 3), (2, 1), (1, 1)])
async def test_versions_that_do_not_follow_one_another_are_a_conflict(
    migrated: str, versions: tuple[int, int]
) -> None:
    (row,) = await append(migrated, [event("a", version) for version in versions])
    assert row["outcome"] == "conflict"
    async with connection(migrated) as owner:
        assert await owner.fetchval("SELECT position FROM ledger.head") == 0


async def test_a_ledger_without_its_head_says_so(migrated: str) -> None:
    async with connection(migrated) as owner:
        await owner.execute("ALTER TABLE ledger.head DISABLE TRIGGER ALL; DELETE FROM ledger.head")
    with pytest.raises(asyncpg.NoDataFoundError):
        await append(migrated, [event("a", 1)])
