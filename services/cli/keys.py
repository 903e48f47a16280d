"""`caseledger keys`: who may ask the services, and what for."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from msgspec import to_builtins

from services.cli.office_keys import Keys, Made, issuer
from services.cli.target import DataOption, find
from services.cli.terminal import in_words, print_json, print_table, say
from services.domain.office import ApiKey
from services.domain.principal import GRANTABLE, Role
from services.runtime.client import LedgerClient
from services.runtime.clock import ClockSettingError, instant_from, text
from services.stack import clocks, credentials
from services.stack.layout import OPERATOR, Layout

PATIENCE: Final = 5.0  # seconds
SPAN: Final = re.compile(r"(\d+)([dh])")
GRANTED: Final = ", ".join(role for role in Role if role in GRANTABLE)

app = typer.Typer(help="The keys with which systems ask the services.", no_args_is_help=True)

T = TypeVar("T")


def _granted(roles: list[str]) -> list[str]:
    """What was typed, of roles that a key can have."""
    if unknown := next((role for role in roles if role not in GRANTABLE), None):
        raise typer.BadParameter(f"{unknown!r} is no role that a key can have: choose of {GRANTED}")
    return roles


def _when(written: str | None) -> str | None:
    """What was typed, if it is a span or an instant."""
    if written is not None and not SPAN.fullmatch(written):
        try:
            instant_from(written)
        except ClockSettingError as error:
            raise typer.BadParameter(f"{error} Or a span from now on, such as 365d.") from None
    return written


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]
KeyId = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `keys list` shows it.")]
Expires = Annotated[
    str | None,
    typer.Option(
        metavar="WHEN",
        callback=_when,
        help="Until when it counts: an RFC 3339 instant, or a span such as 365d.",
    ),
]


@app.command()
def create(  # noqa: PLR0913, PLR0917 - its options
    client: Annotated[str, typer.Argument(help="Whose key it is: the name under which its events stand.")],
    role: Annotated[
        list[str], typer.Option(metavar="ROLE", callback=_granted, help=f"Again for each: {GRANTED}.")
    ],
    source: Annotated[
        str | None, typer.Option(metavar="URI", help="The only `source` that its events may carry.")
    ] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="A type that it may post; else any.")
    ] = None,
    expires: Expires = None,
    data: DataOption = None,
    *,
    beside: Annotated[
        bool, typer.Option("--beside", help="Although the client has a key that counts; this is flagged.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a key for a client system, and print its token. It is shown this once, and kept nowhere.

    Who makes it is on record. One for a client that has one already has to be meant: --beside.

    For example:

        caseledger keys create front-door --role recorder --source /front-door
        caseledger keys create returns --role reporter --expires 365d
    """

    async def work(keys: Keys) -> Made:
        if not beside:
            await keys.refuse_beside(client)
        bound = {"roles": role, "source": source, "types": type_ or None}
        return await keys.issue(client, **bound, expires_at=_instant(expires, keys.now))

    _show(_with_keys(data, work), as_json=as_json)


@app.command("list")
def list_(data: DataOption = None, *, as_json: AsJson = False) -> None:
    """List the keys that were issued, by whom, those that count no more too. Their tokens nobody knows.

    The services' own keys, and those of the file of credentials, are not among them.

    For example:

        caseledger keys list
    """

    async def work(keys: Keys) -> list[tuple[ApiKey, bool]]:
        return [(key, key.valid_on(keys.now)) for key in (await keys.office()).keys.values()]

    found = _with_keys(data, work)
    if as_json:
        print_json(
            [{**to_builtins(key), "roles": sorted(key.roles), "counts": counts} for key, counts in found]
        )
        return
    columns = ["key", "client", "roles", "source", "types", "issued", "by", "counts", "until"]
    print_table(columns, [_row(key, counts=counts) for key, counts in found])


@app.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[
        str, typer.Option(metavar="SPAN", help="How long the old key counts beside the new one.")
    ] = "7d",
    expires: Expires = None,
    data: DataOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a new key with the same roles and bounds, print its token, and let the old one end later.

    Put the new token where the client has the old one, before the overlap is over. If this is interrupted,
    both keys count: revoke the one that is not used.

    For example:

        caseledger keys rotate 3f9a0c1d2e --overlap 24h
    """

    async def work(keys: Keys) -> Made:
        old = await keys.valid(key_id)
        until = keys.now + _span(overlap)
        lasting = old.ends - old.issued_at if old.ends else None
        same = {"roles": sorted(old.roles), "source": old.source, "types": sorted(old.types or ()) or None}
        ends = _instant(expires, keys.now) or (keys.now + lasting if lasting else None)
        made = await keys.issue(old.client, **same, expires_at=ends, replaces=key_id)
        # A crash here leaves both: the client is not shut out, and the operator is told that it may be so.
        await keys.revoke(key_id, until)
        say(f"The key {key_id} counts until {in_words(until)}.")
        return made

    _show(_with_keys(data, work), as_json=as_json)


@app.command()
def revoke(
    key_id: KeyId,
    at: Annotated[
        str | None,
        typer.Option("--from", metavar="WHEN", callback=_when, help="From when on, if not at once."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Let a key count no more: at once at the ledger, within a moment at the other services.

    For example:

        caseledger keys revoke 3f9a0c1d2e
    """

    async def work(keys: Keys) -> str:
        if not (await keys.known(key_id)).valid_on(keys.now):
            return " already: nothing was changed"
        await keys.revoke(key_id, _instant(at, keys.now))
        return f" from {at} on" if at else ""

    say(f"The key {key_id} counts no more{_with_keys(data, work)}.")


@app.command()
def prepare(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where `credentials` and `tokens` are put; made if need be.")
    ],
) -> None:
    """Make what services need for a first start: their own keys, and a first operator's.

    `DIR/credentials`, which has no secrets, is what CASELEDGER_CREDENTIALS_FILE of every service names; the
    files in `DIR/tokens` are for the projector, the notifier and the operator, each with its own. What is
    there already is kept. A stack of `caseledger up` makes its own.

    For example:

        caseledger keys prepare /etc/caseledger
    """
    layout = Layout(directory)
    first = {OPERATOR: frozenset({Role.OPERATOR})}
    credentials.provide(layout, roles={**credentials.OF_SERVICES, **first})
    say(f"{layout.credentials} says whom to let in; the tokens are in {layout.tokens}.")


def _with_keys(data: Path | None, work: Callable[[Keys], Awaitable[T]]) -> T:
    target = find(data, "ledger")

    async def do() -> T:
        now = await clocks.latest(target) or datetime.now(UTC)
        async with LedgerClient(
            target.ledger, source="/keys", token=target.token, patience=PATIENCE
        ) as ledger:
            return await work(Keys(ledger, now))

    return asyncio.run(do())


def _show(made: Made, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    typer.echo(made.token)
    say(f"This is the token of the key {made.key_id}, of {made.client}. It is shown this once.")


def _row(key: ApiKey, *, counts: bool) -> list[str]:
    types = ", ".join(sorted(key.types)) if key.types else "any"
    until = text(key.ends) if key.ends else ""
    roles = ", ".join(sorted(key.roles))
    bound = [roles, key.source or "any", types]
    return [
        key.key_id,
        key.client,
        *bound,
        text(key.issued_at),
        issuer(key),
        "yes" if counts else "no",
        until,
    ]


def _instant(when: str | None, now: datetime) -> datetime | None:
    if when is None:
        return None
    return now + _span(when) if SPAN.fullmatch(when) else instant_from(when)


def _span(written: str) -> timedelta:
    if not (found := SPAN.fullmatch(written)):
        raise typer.BadParameter(f"{written!r} is no span such as 7d or 24h")
    number = int(found[1])
    return timedelta(days=number) if found[2] == "d" else timedelta(hours=number)
