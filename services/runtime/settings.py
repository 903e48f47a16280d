"""Read the environment once, into a frozen Struct; name every fault, and guess at no value.

A field `database_url: str` is read from `CASELEDGER_DATABASE_URL`. What a field means is said by
`Annotated[..., msgspec.Meta(description=...)]`, which `describe` hands to documentation and help texts.
"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_args, get_origin
from urllib.parse import parse_qs, urlsplit

import msgspec

from services.runtime.expectations import expected

PREFIX: Final = "CASELEDGER_"

NAMES: Final = frozenset(
    {
        "CASELEDGER_AUDITORS_ADDRESS",
        "CASELEDGER_AUTHENTICATION",
        "CASELEDGER_CLOCK",
        "CASELEDGER_CREDENTIALS_FILE",
        "CASELEDGER_DATA",
        "CASELEDGER_DATABASE_URL",
        "CASELEDGER_ENVIRONMENT",
        "CASELEDGER_HOST",
        "CASELEDGER_KEYS_DATABASE_URL",
        "CASELEDGER_KEY_ENCRYPTION_KEY",
        "CASELEDGER_KEY_ENCRYPTION_KEY_FILE",
        "CASELEDGER_KEY_ENCRYPTION_SERVICE_TOKEN_FILE",
        "CASELEDGER_KEY_ENCRYPTION_SERVICE_URL",
        "CASELEDGER_LEDGER_URL",
        "CASELEDGER_LINK_KEY_FILE",
        "CASELEDGER_LOG_FORMAT",
        "CASELEDGER_LOG_LEVEL",
        "CASELEDGER_MAILDIR",
        "CASELEDGER_MAIL_FROM",
        "CASELEDGER_NATS_URL",
        "CASELEDGER_NOTIFIER_URL",
        "CASELEDGER_OIDC_ACCOUNT_CLAIM",
        "CASELEDGER_OIDC_ALGORITHMS",
        "CASELEDGER_OIDC_AUDIENCE",
        "CASELEDGER_OIDC_ISSUER",
        "CASELEDGER_OIDC_JWKS_URL",
        "CASELEDGER_OIDC_ROLES_CLAIM",
        "CASELEDGER_OIDC_TEAMS_CLAIM",
        "CASELEDGER_PORT",
        "CASELEDGER_PROJECTOR_URL",
        "CASELEDGER_PUBLIC_URL",
        "CASELEDGER_RATE_LIMIT",
        "CASELEDGER_SIGNING_KEY",
        "CASELEDGER_SIGNING_KEY_FILE",
        "CASELEDGER_SIGNING_SERVICE_TOKEN_FILE",
        "CASELEDGER_SIGNING_SERVICE_URL",
        "CASELEDGER_SMTP_URL",
        "CASELEDGER_STREAM_LIMIT",
        "CASELEDGER_TIMESTAMP_CERTIFICATE",
        "CASELEDGER_TIMESTAMP_URL",
        "CASELEDGER_TOKEN",
        "CASELEDGER_TOKEN_FILE",
        "CASELEDGER_TLS_CERTIFICATE",
        "CASELEDGER_TLS_KEY",
        "CASELEDGER_WEBHOOK_SECRET",
        "CASELEDGER_WITNESSES",
    }
)
"""Every name of the product. One service need not use them all, and passes over those of the others."""

_EXAMPLES: Final = {
    "CASELEDGER_DATABASE_URL": ("postgresql://caseledger@host:5432/caseledger", "postgres"),
    "CASELEDGER_KEY_ENCRYPTION_SERVICE_URL": ("https://vault:8200/v1/transit/encrypt/caseledger", "http"),
    "CASELEDGER_KEYS_DATABASE_URL": ("postgresql://caseledger@host:5432/keys", "postgres"),
    "CASELEDGER_LEDGER_URL": ("http://host:8400", "https"),
    "CASELEDGER_NATS_URL": ("nats://host:4222", "tls", "ws", "wss"),
    "CASELEDGER_NOTIFIER_URL": ("http://host:8402", "https"),
    "CASELEDGER_OIDC_ISSUER": ("https://login.host/realm", "http"),
    "CASELEDGER_OIDC_JWKS_URL": ("https://login.host/realm/keys", "http"),
    "CASELEDGER_PROJECTOR_URL": ("http://host:8401", "https"),
    "CASELEDGER_PUBLIC_URL": ("https://host", "http"),
    "CASELEDGER_SIGNING_SERVICE_URL": ("https://vault:8200/v1/transit/sign/caseledger", "http"),
    "CASELEDGER_TIMESTAMP_URL": ("https://host/tsr", "http"),
    "CASELEDGER_SMTP_URL": ("smtp://host:25", "smtp+starttls", "smtps"),
}
"""For each URL one that could be, and the schemes that would do beside that one's."""

_BASES: Final = frozenset(
    {
        "CASELEDGER_LEDGER_URL",
        "CASELEDGER_NOTIFIER_URL",
        "CASELEDGER_PROJECTOR_URL",
        "CASELEDGER_PUBLIC_URL",
    }
)
"""URLs that a path is put after: a slash at their end would stand twice."""

T = TypeVar("T", bound=msgspec.Struct)


class SettingsError(Exception):
    """The environment cannot be used. `faults` says, a line each, what to correct."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Setting(NamedTuple):
    """One name a service reads: for help texts and the reference."""

    name: str
    required: bool
    default: str
    description: str


def load(cls: type[T], environ: Mapping[str, str]) -> T:
    """Make a `cls` from the names in `environ`; an empty value counts as absent.

    Text becomes what the field's annotation says: `int`, `float`, `bool` (`true`, `1`, `false`, `0`),
    `Literal`, `datetime`, `Path`, an optional of these. Raises `SettingsError` with every fault at once: a
    required name that is missing, a value that does not fit, a `CASELEDGER_` name that the product does not
    know.
    """
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    faults = list(_unknown_names(given, NAMES | {setting.name for setting in describe(cls)}))
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        name = _name_of(field.name)
        if name in given:
            try:
                values[field.name] = _read(name, given[name], field.type)
            except ValueError as error:
                faults.append(f"{name} cannot be used: {error}.")
        elif field.required:
            faults.append(f"{name} is missing: set it{_purpose(field.type)}.")
    if faults:
        raise SettingsError(faults)
    return cls(**values)


def describe(cls: type[msgspec.Struct]) -> list[Setting]:
    """Say what `load(cls, …)` reads, in the order of the fields."""
    return [
        Setting(_name_of(f.name), f.required, _default_text(f), _description(f.type))
        for f in msgspec.structs.fields(cls)
    ]


def reason_of(error: Exception) -> str:
    """Why a file cannot be used, without what it holds."""
    if isinstance(error, OSError):
        return f"the file cannot be read ({error.strerror})"
    return "it is no text" if isinstance(error, UnicodeDecodeError) else str(error)


def _read(name: str, text: str, annotation: Any) -> Any:
    """One value; raises `ValueError`, whose message never quotes it: it may hold a password."""
    if name in _EXAMPLES:
        _refuse_broken(text, *_EXAMPLES[name])
    if name in _BASES:
        return text.rstrip("/")
    if choices := list(_choices(annotation)):
        if text not in choices:
            raise ValueError(f"it must be one of {', '.join(choices)}")
        return text
    try:
        return msgspec.convert(text, annotation, strict=False, dec_hook=_beyond_msgspec)
    except msgspec.ValidationError:
        if words := expected(annotation):
            raise ValueError(f"it must be {words}") from None
        raise


def _refuse_broken(url: str, example: str, *schemes: str) -> None:
    """A URL without a scheme or a host would be waited for until somebody looks."""
    ways = (urlsplit(example).scheme, *schemes)
    if not _can_be_reached(url, ways):
        raise ValueError(f"write it as {example}, with {', '.join(ways[:-1])} or {ways[-1]} before the host")


def _can_be_reached(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        if "," not in parts.netloc:  # Postgres may have several hosts, each with a port
            _ = parts.port
    except ValueError:
        return False
    # A socket's directory is in the query.
    return parts.scheme in schemes and bool(parts.hostname or "host" in parse_qs(parts.query))


def _choices(annotation: Any) -> Iterator[str]:
    """The values of a `Literal`, optional or not."""
    if get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    else:
        for inner in get_args(annotation):
            if get_origin(inner) is not None:
                yield from _choices(inner)


def _name_of(field: str) -> str:
    return PREFIX + field.upper()


def _beyond_msgspec(kind: type, text: Any) -> Any:
    """What msgspec does not convert by itself."""
    if kind is Path:
        return Path(text)
    raise NotImplementedError


def _unknown_names(given: Mapping[str, str], known: frozenset[str]) -> Iterator[str]:
    for name in sorted(given.keys() - known):
        nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
        yield f"{name} is not a name of this product; did you mean {nearest}?"


def _description(annotation: Any) -> str:
    for meta in getattr(annotation, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""


def _purpose(annotation: Any) -> str:
    description = _description(annotation)
    return f" ({description.rstrip('.')})" if description else ""


def _default_text(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT or field.default is None:
        return ""
    return str(field.default)
