"""The key with which a stack on this machine signs its evidence: made once, kept beside its data."""

import os
import secrets
from pathlib import Path

from services.evidence.keys import Algorithm, Signer


def key_file(path: Path) -> Path:
    """The file of the signing key, made if it is not there; only its owner may read it.

    The name in the key, which is the ledger's origin, is one that no other stack has.
    """
    if not path.exists():
        origin = f"{secrets.token_hex(4)}.caseledger.invalid"
        signer = Signer(origin, Algorithm.ED25519, secrets.token_bytes(32))
        # A crash before the rename leaves no key, and nothing was signed with this one.
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{signer.written()}\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    return path
