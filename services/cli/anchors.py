"""What others have of a ledger, for `verify` to hold it against: the stream of checkpoints, an authority."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import nats
import nats.errors

from services.cli.verdict import Unverified, reason
from services.evidence import checkpoint, note, timestamp, treehead
from services.evidence.errors import EvidenceError
from services.evidence.keys import Verifier
from services.evidence.timestamp import Authority
from services.ledger.announcements import STREAM, Announcements
from services.ledger.verification import Kept, Wrong
from services.runtime.holdings import Held, NoStream, NotAnswered
from services.runtime.logs import named
from services.runtime.nats import bounded, inbox_of

PATIENCE: Final = 10.0  # seconds for a broker to be reached


async def announced(url: str, keys: Sequence[Verifier]) -> list[Kept]:
    """The checkpoints on the stream, each signed by a key that was given if one was.

    Read before the database is, they can only be behind it. Raises `Wrong` for one that is none, and if there
    is no stream, or nothing on it; and `Unverified` if the broker does not say.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            client = await nats.connect(
                url,
                name="caseledger verify",
                inbox_prefix=inbox_of(url),
                allow_reconnect=False,
                error_cb=_said_by_what_is_raised,
            )
        try:
            found = [_kept(each, keys) async for each in Announcements(client).every()]
        finally:
            await bounded(client.close(), PATIENCE)
    except NoStream:
        found = []
    except (nats.errors.Error, NotAnswered, OSError) as error:
        raise Unverified(
            f"the checkpoints on NATS cannot be read ({named(error)}): is it up, and is that "
            f"the URL of a user who may?"
        ) from None
    if not found:
        raise Wrong(0, "missing", f"NATS has no checkpoint on the stream {STREAM}")
    return found


def authority(path: Path) -> Authority:
    """The authority whose certificates are in a file. Raises `Unverified` if they cannot be used."""
    try:
        return timestamp.read_authority(path.read_bytes())
    except (OSError, EvidenceError) as error:
        raise Unverified(f"the certificates in {path} cannot be used: {reason(error)}") from None


async def _said_by_what_is_raised(_error: Exception) -> None:
    pass


def _kept(announced: Held, keys: Sequence[Verifier]) -> Kept:
    since = f"{announced.time:%Y-%m-%d %H:%M} UTC"
    where = f"the checkpoint on NATS ({STREAM}, message {announced.sequence}, {since})"
    try:
        signed = note.parse(announced.data)
        head = treehead.parse(signed.text)
        trusted = [key for key in keys if key.name == head.origin]
        signed_by = checkpoint.check_signatures(signed, trusted)
    except EvidenceError as error:
        raise Wrong(0, "changed", f"{where}: {error}") from None
    if keys and not checkpoint.is_vouched_for(signed_by, trusted):
        raise Wrong(
            0, "key changed", f"{where} is signed by no key that was given, or not by all of one time"
        )
    return Kept(head, where, int(announced.time.timestamp()))
