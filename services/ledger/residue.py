"""What of destroyed keys may still stand on the disk of their database, and what is to be done about it."""

from typing import Any, Final

from msgspec import Struct

from services.runtime.postgres import Statements

IN_TABLE: Final = (
    "{whose} may still stand in dead rows of keys.data_key: a ledger rewrites it within a minute, unless a "
    "transaction that began before is still open, or something reads the table, such as a backup"
)
IN_LOG: Final = (
    "{whose} may still stand in the write-ahead log: its files go within a minute, unless a replication "
    "slot, wal_keep_size or an archive_command that fails keeps them, or more than 64 are kept to be used "
    "again, which wal_recycle = off ends"
)
REFUSED: Final = (
    "{whose} may still stand in the write-ahead log, whose files a ledger may not have go: as a superuser, "
    "in the database of the keys, GRANT EXECUTE ON FUNCTION pg_switch_wal(), pg_ls_waldir() TO {owner}; "
    "GRANT pg_checkpoint TO {owner}"
)

ORPHAN: Final = (
    "wrapped keys may still stand in a file that belongs to no table: the server went down while it rewrote "
    "keys.data_key. Take that file away as docs/how-to/forget-a-person.md says"
)


class Residue(Struct, frozen=True):
    """Of how many destroyed keys: in dead rows of their table, or in Postgres' write-ahead log only.

    `orphan` says whether the server left a file that belongs to no table, which no ledger can clear away.
    `owner` is whose functions clear both; what the log takes, that role may be refused.
    """

    in_table: int
    in_log: int
    orphan: bool
    owner: str
    may_renew_log: bool

    @property
    def keys(self) -> int:
        """Of how many in all."""
        return self.in_table + self.in_log

    @property
    def told(self) -> str:
        """Where it stands, and what to do if it stays there; nothing if there is nothing."""
        found = []
        if self.in_table:
            found.append(IN_TABLE.format(whose=_whose(self.in_table)))
        if self.in_log:
            text = IN_LOG if self.may_renew_log else REFUSED
            found.append(text.format(whose=_whose(self.in_log), owner=self.owner))
        if self.orphan:
            found.append(ORPHAN)
        return "; ".join(found)


async def look(on: Any, statements: Statements) -> Residue:
    """What there is, asked on a connection or a pool; raises what asyncpg raises."""
    (row,) = await on.fetch(statements["residue"])
    return Residue(*row)


def _whose(keys: int) -> str:
    return "the wrapped key of 1 erased case" if keys == 1 else f"the wrapped keys of {keys:,} erased cases"
