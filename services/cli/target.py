"""Which stack a command speaks to: the one that the environment names, or the one on a data directory."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from services.cli import token_file
from services.runtime import settings
from services.runtime.identity.bearer import token_in, token_of
from services.stack.errors import StackError
from services.stack.layout import DATA, OPERATOR, Layout, Target, is_held, running

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="The stack's data directory; .caseledger unless CASELEDGER_DATA says."
    ),
]


class _Data(msgspec.Struct, frozen=True):
    """The data directory that the environment names."""

    data: Path = DATA


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """A stack that the environment names."""

    ledger_url: str = ""
    projector_url: str = ""
    notifier_url: str = ""
    database_url: str = ""
    nats_url: str = ""
    smtp_url: str = ""
    maildir: str = ""


class _Token(msgspec.Struct, frozen=True, kw_only=True):
    """The token that the environment names."""

    token: str | None = None
    token_file: str | None = None


def layout_of(data: Path | None) -> Layout:
    """The data directory that was asked for, or that the environment names, or the usual one."""
    chosen = data or settings.load(_Data, os.environ).data
    return Layout(chosen.expanduser().resolve())


def find(data: Path | None, *needed: str) -> Target:
    """The stack to speak to: the URLs of the `needed` services among others, and a token.

    `--data` decides if given; otherwise CASELEDGER_LEDGER_URL and its neighbours, as `caseledger run` sets
    them; otherwise the usual data directory. The token is `--token-file`'s, or CASELEDGER_TOKEN, or that
    of CASELEDGER_TOKEN_FILE; without them the operator's in the data directory. Raises `StackError` when no
    stack is there.
    """
    named = settings.load(_Named, os.environ)
    if data is None and any((named.ledger_url, named.projector_url, named.notifier_url)):
        _refuse_missing(named, needed)
        return Target(
            ledger=named.ledger_url,
            projector=named.projector_url,
            notifier=named.notifier_url,
            database=named.database_url,
            nats=named.nats_url,
            smtp=named.smtp_url,
            maildir=named.maildir,
            token=named_token(),
        )
    layout = layout_of(data)
    if record := running(layout):
        return Target(**msgspec.structs.asdict(record.urls), token=token_for(data))
    if is_held(layout):
        raise StackError(f"The stack on {layout.data} is still starting; try again in a moment.")
    raise StackError(
        f"No stack is running on {layout.data}: start one with `caseledger up`, name its "
        f"directory with --data, or set CASELEDGER_LEDGER_URL, CASELEDGER_PROJECTOR_URL and "
        f"CASELEDGER_NOTIFIER_URL."
    )


def named_token() -> str:
    """The token that the command line or the environment names, or nothing. Raises `SettingsError`."""
    if (file := token_file.chosen()) is not None:
        return token_of(None, str(file), called=token_file.NAME)
    named = settings.load(_Token, os.environ)
    return token_of(named.token, named.token_file)


def token_for(data: Path | None) -> str:
    """The token for the stack on a data directory: the operator's of its own, unless another is named.

    Where the directory is named on the command line, the environment's token is another stack's.
    """
    own = layout_of(data).token_of(OPERATOR)
    if (data is None or token_file.chosen()) and (named := named_token()):
        return named
    try:
        return token_in(own)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise StackError(f"The token in {own} cannot be read: set CASELEDGER_TOKEN_FILE.") from error


def _refuse_missing(named: _Named, needed: tuple[str, ...]) -> None:
    for service in needed:
        if not getattr(named, f"{service}_url"):
            raise StackError(
                f"CASELEDGER_{service.upper()}_URL is not set, but another service's is: set both or neither."
            )
