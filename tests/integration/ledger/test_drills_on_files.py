"""Whatever is done to the files of a stopped Postgres is found, by its own checksums or by verifying.

A data directory, in which there is a copy of a ledger for each drill, is copied, and the copy's heap files
are changed. That copy also holds the ledger as it was "yesterday": restored from a backup.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import time
from typing import Final, NamedTuple

import asyncpg
import pytest
import pytest_asyncio

from services.cli import anchors
from services.evidence import checkpoint
from services.evidence.keys import Signer
from services.evidence.merkle import leaf_hash
from services.evidence.treehead import TreeHead
from services.ledger import sealer as sealer_module
from services.stack import databases
from services.stack.postgres import Postgres
from tests.integration.ledger import drills, ledgers
from tests.integration.ledger.drills import Prepared, found, verify
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.integration.ledger.seals import ORIGIN, SIGNER, STRANGER
from tests.support import backing, pages
from tests.support import independent_verifier as independent
from tests.support.pages import PAGE, Heap, Place
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL: Final = 10
BULK: Final = 40
ALL: Final = SMALL + BULK
TODAY: Final = ALL + 20
KEY_BYTES: Final = 8  # of `position`, the first column


class Table(NamedTuple):
    """Where a table is, within the data directory, and where its rows are in it."""

    path: str
    rows: dict[int, Place]


class Files(NamedTuple):
    """What a forger knows of one database: its tables' files, and what they hold."""

    data: Path
    tables: dict[str, Table]
    documents: list[bytes]
    leaves: list[bytes]
    notes: dict[int, str]

    def heap(self, table: str) -> Heap:
        return Heap(self.data / self.tables[table].path)

    def place(self, table: str, key: int) -> Place:
        return self.tables[table].rows[key]

    def replace(self, table: str, key: int, old: bytes, new: bytes, *, checksums: bool = True) -> None:
        heap = self.heap(table)
        heap.replace(self.place(table, key), old, new)
        heap.save(checksums=checksums)

    def delete(self, *positions: int) -> None:
        heap = self.heap("event")
        for position in positions:
            heap.delete(self.place("event", position))
        heap.save()

    def put_head_back(self, position: int) -> None:
        self.replace("head", ALL, ALL.to_bytes(8, "little"), position.to_bytes(8, "little"))


class Forgery(NamedTuple):
    """Everything of a ledger as it would be if one document had been another."""

    position: int
    document: bytes
    leaves: list[bytes]

    def write(self, files: Files, signer: Signer) -> None:
        """Put it all into the files, every checkpoint signed anew."""
        was, at = files.leaves[self.position - 1], self.position
        files.replace("event", at, files.documents[at - 1], self.document)
        files.replace("event", at, was, self.leaves[at - 1])
        files.replace("tile", 0, was, self.leaves[at - 1])
        sign_anew(files, self.leaves, signer)


def sign_anew(files: Files, leaves: list[bytes], signer: Signer) -> None:
    heap = files.heap("checkpoint")
    for size, note in files.notes.items():
        old, new = (independent.root_over(each[:size]) for each in (files.leaves, leaves))
        forged = checkpoint.sign(TreeHead(ORIGIN, size, new), [signer], 0).encode()
        heap.replace(files.place("checkpoint", size), note.encode(), forged)
        heap.replace(files.place("checkpoint", size), old, new)
    heap.save()


def change_carelessly(files: Files) -> None:
    files.replace("event", 20, b"/test", b"/tess", checksums=False)


def change_a_document(files: Files) -> None:
    files.replace("event", 20, b'"source":"/test"', b'"source":"/tess"')


def make_it_no_text(files: Files) -> None:
    files.replace("event", 20, b'"source":"/test"', b'"source":"/t\xffst"')


def change_a_column(files: Files) -> None:
    files.replace(
        "event", 5, b"\x0fcase-5", b"\x0fcase-6"
    )  # with the length that a column's value begins with


def change_a_leaf(files: Files) -> None:
    files.replace("event", 20, files.leaves[19], bytes(32))


def change_a_tile(files: Files) -> None:
    files.replace("tile", 0, files.leaves[19], bytes(32))


def delete_one(files: Files) -> None:
    files.delete(17)


def delete_the_newest(files: Files) -> None:
    files.delete(ALL)
    files.put_head_back(ALL - 1)


def delete_a_tail(files: Files) -> None:
    files.delete(*range(31, ALL + 1))
    files.put_head_back(30)


def insert_one(files: Files) -> None:
    heap = files.heap("event")
    heap.rotate([files.place("event", n) for n in range(20, ALL + 1)], KEY_BYTES)
    heap.replace(files.place("event", 20), b'"id":"', b'"ix":"')
    heap.save()


def swap_two(files: Files) -> None:
    heap = files.heap("event")
    heap.rotate([files.place("event", n) for n in (20, 33)], KEY_BYTES)
    heap.save()


def backdate(files: Files) -> None:
    year = b'"recordedat":"2'
    files.replace("event", 20, year, b'"recordedat":"1')


def replace_the_tree(files: Files) -> None:
    forgery(files).write(files, SIGNER)


def sign_with_another_key(files: Files) -> None:
    forgery(files).write(files, STRANGER)


def forgery(files: Files) -> Forgery:
    document = files.documents[19].replace(b'"contact_id":"contact-0', b'"contact_id":"cOntact-0')
    assert document != files.documents[19]
    return Forgery(20, document, [*files.leaves[:19], leaf_hash(document), *files.leaves[20:]])


DRILLS: dict[Callable[[Files], None], tuple[int, str]] = {
    change_a_document: (20, "changed"),
    make_it_no_text: (20, "changed"),
    change_a_column: (5, "changed"),
    change_a_leaf: (20, "changed"),
    change_a_tile: (20, "changed"),
    delete_one: (17, "missing"),
    delete_the_newest: (ALL, "rolled back"),
    delete_a_tail: (31, "rolled back"),
    insert_one: (20, "inserted"),
    swap_two: (20, "reordered"),
    backdate: (20, "backdated"),
    sign_with_another_key: (0, "key changed"),
}


class Ground(NamedTuple):
    """The servers' addresses, and what there is to verify with."""

    copy: Postgres  # serves: yesterday's ledger, and a database for each drill
    nats_url: str
    yesterday: Prepared
    today: Prepared  # what the original signed, after the copy was made of it
    kept_at: int  # when that had been, in POSIX seconds


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(nats_server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """A data directory that was copied; then the ledger went on, and a forger changed the copy's files."""
    directory = tmp_path_factory.mktemp("files")
    await backing.empty_jetstream(nats_server)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealer_module, "SEAL_EVERY", 0.0)
        patched.setattr(sealer_module, "CHECK_EVERY", 0.05)
        original, copied = (Postgres(directory / name, fsync=False) for name in ("original", "copy"))
        async with original:
            await databases.create_if_missing(original.url)
            url = await ledgers.migrated(original.url_of(databases.NAME))
            yesterday = await drills.prepare(url, nats_server, SMALL, BULK)
            names = [drill.__name__ for drill in (change_carelessly, replace_the_tree, *DRILLS)]
            files = [await look(await drills.copy(url, name), copied.data) for name in names]
        await copy(original.data, copied.data)
        async with original, ledgers.ledger(url, nats_server, signing_key=SIGNER.written()) as ledger:
            await ledger.post("case-2", *(contact() for _ in range(TODAY - ALL)))
            await drills.sealed(ledger, TODAY)
            today = Prepared(url, await drills.checkpoints(url))
        kept_at = int(time())
        for drill, each in zip((change_carelessly, replace_the_tree, *DRILLS), files, strict=True):
            drill(each)
        async with copied:
            yield Ground(copied, nats_server, yesterday, today, kept_at)


async def look(owner_url: str, data: Path) -> Files:
    """What a forger sees of a database before it is stopped; `data` is where its copy is to be."""
    async with connection(owner_url) as owner:
        tables = {
            "event": await table(owner, "event", "position"),
            "head": await table(owner, "head", "position"),
            "tile": await table(owner, "tile", "at"),
            "checkpoint": await table(owner, "checkpoint", "size"),
        }
        rows = await owner.fetch("SELECT document, leaf FROM ledger.event ORDER BY position")
        documents, leaves = [row["document"].encode() for row in rows], [row["leaf"] for row in rows]
    return Files(data, tables, documents, leaves, await drills.checkpoints(owner_url))


async def table(owner: asyncpg.Connection, name: str, key: str) -> Table:
    path = await owner.fetchval(f"SELECT pg_relation_filepath('ledger.{name}')")
    rows = await owner.fetch(f"SELECT {key}, ctid FROM ledger.{name}")
    return Table(path, dict(rows))


async def copy(source: Path, target: Path) -> None:
    copying = await asyncio.create_subprocess_exec("cp", "-a", source, target)  # owners included
    assert await copying.wait() == 0


async def test_a_page_is_summed_as_postgres_sums_it(ground: Ground) -> None:
    async with connection(ground.copy.url_of(databases.NAME)) as owner:
        path = await owner.fetchval("SELECT pg_relation_filepath('pg_class')")
    page = (ground.copy.data / path).read_bytes()[PAGE : 2 * PAGE]
    assert pages.checksum(page, 1) == pages.checksum_in(page)


async def test_postgres_itself_catches_who_does_not_know_of_its_checksums(ground: Ground) -> None:
    async with drills.reading(ground.copy.url_of(change_carelessly.__name__)) as owner:
        wrong = await found(owner)
    assert wrong is not None
    assert (wrong.kind, "invalid page in block" in str(wrong)) == ("changed", True)
    assert 1 <= wrong.position <= 20  # the first of that page


@pytest.mark.parametrize(("drill", "expected"), DRILLS.items(), ids=[drill.__name__ for drill in DRILLS])
async def test_it_is_found(ground: Ground, drill: Callable[[Files], None], expected: tuple[int, str]) -> None:
    async with drills.reading(ground.copy.url_of(drill.__name__)) as owner:
        wrong = await found(owner)
    assert wrong is not None
    assert (wrong.position, wrong.kind) == expected, wrong


async def test_who_has_the_disk_and_the_key_is_caught_by_a_checkpoint_that_was_kept_and_by_nothing_less(
    ground: Ground,
) -> None:
    async with drills.reading(ground.copy.url_of(replace_the_tree.__name__)) as owner:
        assert await verify(owner) == (ALL, ALL, SMALL + 1)
        wrong = await found(owner, [ground.yesterday.kept(SMALL), ground.yesterday.kept(ALL)])
    assert wrong is not None
    assert (wrong.position, wrong.until, wrong.kind) == (SMALL + 1, ALL, "changed")


async def test_yesterdays_backup_signs_nothing_and_when_nats_is_lost_too_a_kept_checkpoint_shows_it(
    ground: Ground,
) -> None:
    restored = ground.copy.url_of(databases.NAME)
    await until(lambda: time() > ground.kept_at + 2)  # a checkpoint says no more than the second
    async with ledgers.ledger(restored, ground.nats_url, signing_key=SIGNER.written()) as ledger:
        await ledger.post("case-1", contact())
        assert f"has a checkpoint of {TODAY} events, and the tree has {ALL}" in await refusal(ledger)
        assert max(await drills.checkpoints(restored)) == ALL
    async with drills.reading(restored) as owner:
        wrong = await found(owner, await anchors.announced(ground.nats_url, [SIGNER.verifier]))
    assert wrong is not None
    assert (wrong.position, wrong.kind) == (ALL + 2, "rolled back"), wrong

    await backing.empty_jetstream(ground.nats_url)
    async with ledgers.ledger(restored, ground.nats_url, signing_key=SIGNER.written()) as ledger:
        await ledger.post("case-1", *(contact() for _ in range(TODAY)))
        await drills.sealed(ledger, ALL + 1 + TODAY)

    async with drills.reading(restored) as owner:
        assert (await verify(owner, [ground.yesterday.kept(ALL)])).sealed == ALL + 1 + TODAY
        wrong = await found(owner, [ground.yesterday.kept(ALL), ground.today.kept(TODAY, ground.kept_at)])
    assert wrong is not None
    assert (wrong.position, wrong.kind) == (ALL + 1, "rolled back"), wrong


async def refusal(ledger: Ledger) -> str:
    """What `/readyz` says of the sealer once it refuses."""
    said = ""

    async def refuses() -> bool:
        nonlocal said
        said = (await ledger.ready())["checks"]["sealer"]["detail"]
        return "Nothing is sealed" in said

    await until(refuses)
    return said
