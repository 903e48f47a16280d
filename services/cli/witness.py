"""`caseledger witness`: cosign the checkpoints of somebody else's ledger, on a machine of one's own."""

import enum
import os
from pathlib import Path
from typing import Annotated

import typer

from services.cli.terminal import fail, say
from services.cli.verdict import reason
from services.evidence.errors import BadKey
from services.evidence.keys import Algorithm
from services.runtime import lifecycle, logs, settings
from services.runtime.tls import certificate_of
from services.stack import signing
from services.witness import directory
from services.witness.errors import WitnessError
from services.witness.settings import Settings

app = typer.Typer(help="Run a witness: it cosigns a ledger's checkpoints, and refuses one that did not grow.")

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The witness's own directory.")]


class Kind(enum.StrEnum):
    """How a witness signs."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"


ALGORITHMS = {Kind.ED25519: Algorithm.COSIGNATURE, Kind.ML_DSA_44: Algorithm.ML_DSA_44}


@app.command()
def keygen(
    name: Annotated[str, typer.Argument(help="The witness's name, such as witness.example/w1.")],
    *,
    data: Data = Path("witness"),
    algorithm: Annotated[Kind, typer.Option(help="What it signs with.")] = Kind.ED25519,
) -> None:
    """Make a witness's directory and its key, and print its verifier key.

    The verifier key goes to whoever runs the ledger (CASELEDGER_WITNESSES) and to whoever checks checkpoints.
    The keys of the ledgers to witness go into `ledgers.keys` in the directory, one a line.

    For example:

        caseledger witness keygen witness.example/w1 --data witness
        curl https://ledger.example/v1/key >> witness/ledgers.keys
        caseledger witness serve --data witness
    """
    try:
        signer = signing.make(name, ALGORITHMS[algorithm])
        directory.prepare(data)
        signing.write(data / directory.KEY, [signer])
    except (BadKey, WitnessError) as error:
        fail(f"No key was made: {error}")
    except OSError as error:
        fail(f"No key was made: {data} cannot be written ({reason(error)}).")
    typer.echo(str(signer.verifier))


@app.command()
def serve(
    *,
    data: Data = Path("witness"),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8410,
) -> None:
    """Run the witness in the foreground until SIGTERM: POST /add-checkpoint, as C2SP tlog-witness has it.

    It keeps the last checkpoint that it cosigned of each ledger on disk before it answers, and refuses one
    whose tree is smaller, or does not begin with that one's. It needs no database and no broker. Never put
    its directory back to an older state: a witness that forgot is to begin anew, with another key. With
    CASELEDGER_TLS_CERTIFICATE and CASELEDGER_TLS_KEY it speaks TLS, as the services do.

    For example:

        caseledger witness serve --data witness --host 0.0.0.0
    """
    from services.witness import service  # noqa: PLC0415 - a web framework, slow to import for other commands

    logs.configure(service.SERVICE, None, keys=service.LOG_KEYS)
    given = settings.load(Settings, os.environ)
    certificate = certificate_of(given.tls_certificate, given.tls_key)
    try:
        with directory.Directory(data) as found:
            for each in found.signers:
                say(f"{each.verifier}")
    except WitnessError as error:
        fail(str(error))
    status = lifecycle.run(lambda stop: service.main(data, host, port, stop, certificate))
    raise typer.Exit(status)
