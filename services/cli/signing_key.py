"""`caseledger signing-key`: make the keys that a ledger signs with, change them, and show the public ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.cli.terminal import fail, say
from services.cli.verdict import reason
from services.evidence import keyring, keys
from services.evidence.errors import EvidenceError
from services.evidence.keyring import Keyring
from services.evidence.keys import Algorithm, Signer, Verifier
from services.evidence.note import decode_base64
from services.stack import signing

app = typer.Typer(help="Make, change and show the keys that a ledger signs its evidence with.")

KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="What CASELEDGER_SIGNING_KEY_FILE names.")]
WithMlDsa = Annotated[
    bool,
    typer.Option("--ml-dsa-44", help="A second key beside it, of an algorithm for after quantum computers."),
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The ledger's name for ever, such as ledger.example/children.")],
    file: KeyFile,
    *,
    ml_dsa_44: WithMlDsa = False,
) -> None:
    """Make a ledger's first key, and print its verifier key, which whoever checks the evidence is given.

    The name, the ledger's origin, stands in everything that it signs: choose one that nobody else has, a name
    below a domain of yours. The file is a secret; keep a copy of it where the database's copies are not.

    For example:

        caseledger signing-key new ledger.example/children signing.key > ledger.keys
    """
    if file.exists():
        fail(f"{file} is there already; `caseledger signing-key change` makes a new key in it.")
    _write(file, _made(name, ml_dsa_44=ml_dsa_44), ())


@app.command()
def change(file: KeyFile, *, ml_dsa_44: WithMlDsa = False) -> None:
    """Make new keys of the same name; the old ones stay as former keys, without their secrets.

    Stop the ledger before, and start it after. Checkpoints that the former keys signed still count. Give the
    verifier keys that this prints to everybody who has the old ones, witnesses too.

    For example:

        caseledger signing-key change signing.key > ledger.keys
    """
    ring = _read(file)
    _write(file, _made(ring.origin, ml_dsa_44=ml_dsa_44), [*ring.verifiers, *ring.former])


@app.command()
def show(file: KeyFile) -> None:
    """Print the verifier keys, present and former, one a line: what `caseledger verify --key` reads.

    For example:

        caseledger signing-key show signing.key > ledger.keys
    """
    ring = _read(file)
    _print([*ring.verifiers, *ring.former])


@app.command()
def adopt(
    name: Annotated[str, typer.Argument(help="The ledger's name for ever, such as ledger.example/children.")],
    public: Annotated[str, typer.Argument(help="The public key that the service shows, in base64.")],
) -> None:
    """Print the verifier key of an Ed25519 key that a key service holds.

    It goes into CASELEDGER_SIGNING_KEY, beside CASELEDGER_SIGNING_SERVICE_URL, and to whoever checks the
    evidence.

    For example:

        caseledger signing-key adopt ledger.example/children "$PUBLIC"
    """
    try:
        _print([keys.read_public(name, decode_base64(public))])
    except EvidenceError as error:
        fail(f"The key cannot be used: {error}.")


def _made(name: str, *, ml_dsa_44: bool) -> list[Signer]:
    algorithms = [Algorithm.ED25519, Algorithm.ML_DSA_44] if ml_dsa_44 else [Algorithm.ED25519]
    try:
        return [signing.make(name, algorithm) for algorithm in algorithms]
    except EvidenceError as error:
        fail(f"No key was made: {error}.")


def _write(file: Path, signers: Sequence[Signer], former: Sequence[Verifier]) -> None:
    try:
        signing.write(file, signers, former)
    except OSError as error:
        fail(f"No key was made: {file} cannot be written ({reason(error)}).")
    say(f"The keys are in {file}, for its owner only. Whoever checks the evidence is given:")
    _print([*(signer.verifier for signer in signers), *former])


def _read(file: Path) -> Keyring:
    try:
        return keyring.parse(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, EvidenceError) as error:
        fail(f"The keys in {file} cannot be used: {reason(error)}.")


def _print(verifiers: Sequence[Verifier]) -> None:
    for each in verifiers:
        typer.echo(str(each))
