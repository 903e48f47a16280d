"""Signing keys in files: made at random, written whole or not at all, for their owner's eyes only."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from services.evidence.keys import SEED_BYTES, Algorithm, Signer, Verifier
from services.stack import private
from services.stack.settings import Settings


def key_file(path: Path) -> Path:
    """The file of the key with which a stack signs its evidence, made if it is not there.

    The name in the key, which is the ledger's origin, is one that no other stack has.
    """
    if not path.exists():
        write(path, [make(f"{secrets.token_hex(4)}.caseledger.invalid", Algorithm.ED25519)])
    return path


def file_of(given: Settings, own: Path) -> str | None:
    """The file that was named; without any key, one that stays with an embedded database, in `own`."""
    if given.signing_key_file or given.signing_key or given.database_url:
        return given.signing_key_file
    return str(key_file(own))


def make(name: str, algorithm: Algorithm) -> Signer:
    """A new key; raises `BadKey` for a name that none can have."""
    return Signer(name, algorithm, secrets.token_bytes(SEED_BYTES))


def write(path: Path, signers: Sequence[Signer], former: Sequence[Verifier] = ()) -> None:
    """Put signing keys, and the verifiers of former ones, into a file that only its owner may read."""
    # A crash leaves what was there before, and nothing was signed with these.
    private.write(path, "".join(f"{line}\n" for line in [*(each.written() for each in signers), *former]))
