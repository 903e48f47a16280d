"""A witness's directory: its key, whom it witnesses, and the last tree that it saw of each.

    witness.key    its signing key, for its owner only
    ledgers.keys   the verifier keys of the ledgers that it witnesses, one a line
    seen/          for each ledger the last checkpoint that it cosigned, with its own cosignature
    lock           held by the process that serves

What is in `seen` was on disk before anybody was told of it. A witness that forgot would cosign a second past:
without the directory `seen` none starts.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from services.evidence import checkpoint, keys, note, treehead
from services.evidence.errors import EvidenceError
from services.evidence.keys import TIMED, Signer, Verifier
from services.evidence.note import Note
from services.evidence.treehead import TreeHead
from services.witness.errors import WitnessError

KEY: Final = "witness.key"
LEDGERS: Final = "ledgers.keys"
SEEN: Final = "seen"
LOCK: Final = "lock"


class Directory:
    """`with Directory(path) as own:` reads it and holds it, one process at a time. Raises `WitnessError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, TreeHead] = {}

    def __enter__(self) -> Self:
        self._holding = contextlib.ExitStack()
        with self._holding:
            self._holding.enter_context(_held(self._path / LOCK))
            self.signers = _signers(self._path / KEY)
            self.ledgers = _ledgers(self._path / LEDGERS)
            self._recall()
            self._holding = self._holding.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        self._holding.close()

    def last(self, origin: str) -> TreeHead | None:
        """The last tree of a ledger that was cosigned; None if it was never asked to."""
        return self._seen.get(origin)

    def keep(self, head: TreeHead, cosigned: Note) -> None:
        """Keep a checkpoint as the last of its ledger: on disk when this returns."""
        # A crash before the rename leaves the one before; nobody was told of this one.
        _write(self._path / SEEN / f"{_named(head.origin)}.note", cosigned.encode())
        self._seen[head.origin] = head

    def keep_fork(self, head: TreeHead, signed: Note) -> None:
        """Keep a checkpoint that contradicts the last one: both are signed, which proves it to anybody."""
        path = self._path / SEEN / f"{_named(head.origin)}.fork"
        if not path.exists():
            _write(path, signed.encode())

    def _recall(self) -> None:
        try:
            kept = [path for path in (self._path / SEEN).iterdir() if path.suffix == ".note"]
            for path in kept:
                signed = note.parse(path.read_bytes())
                head = treehead.parse(signed.text)
                if not checkpoint.check_signatures(signed, [each.verifier for each in self.signers]):
                    raise WitnessError(f"{path} is not signed by this witness; restore the one that it kept.")
                if path.stem != _named(head.origin):  # a copy could be of an older state
                    raise WitnessError(f"{path} has a name that this witness gives none; move it elsewhere.")
                self._seen[head.origin] = head
        except (OSError, EvidenceError) as error:
            raise WitnessError(
                f"What this witness saw last cannot be read ({_why(error)}). Restore {self._path / SEEN}; "
                "a witness that forgot is to begin anew with another key."
            ) from None


def prepare(path: Path) -> None:
    """Make the directory of a witness that has not seen anything; raises `WitnessError` if there is one."""
    if (path / KEY).exists():
        raise WitnessError(f"{path / KEY} is there already: a witness keeps its key.")
    (path / SEEN).mkdir(parents=True, exist_ok=True)


def _signers(path: Path) -> Sequence[Signer]:
    try:
        signers = [keys.read_signer(line) for line in _lines(path)]
    except (OSError, EvidenceError) as error:
        raise WitnessError(
            f"There is no key in {path} ({_why(error)}); make one: caseledger witness keygen."
        ) from None
    if not signers or any(each.verifier.algorithm not in TIMED for each in signers):
        raise WitnessError(f"{path} holds no key of a witness; make one with caseledger witness keygen.")
    return signers


def _ledgers(path: Path) -> Mapping[str, Sequence[Verifier]]:
    known: dict[str, list[Verifier]] = {}
    try:
        for line in _lines(path):
            key = keys.read_verifier(line)
            known.setdefault(key.name, []).append(key)
    except (OSError, EvidenceError) as error:
        raise WitnessError(
            f"{path} cannot be used ({_why(error)}): write the verifier keys of the ledgers to witness "
            "into it, one a line, as each ledger's GET /v1/key gives them."
        ) from None
    return known


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _named(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise WitnessError(f"{path.parent} cannot be used: {error.strerror}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise WitnessError(f"Another process serves the witness in {path.parent}.") from None
    finally:
        os.close(descriptor)
