"""Read the environment once, into a frozen Struct; name every fault, and guess at no value.

A field `database_url: str` is read from `CASELEDGER_DATABASE_URL`. What a field means is said by
`Annotated[..., msgspec.Meta(description=...)]`, which `describe` hands to documentation and help texts.
"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

PREFIX: Final = "CASELEDGER_"

NAMES: Final = frozenset(
    {
        "CASELEDGER_CLOCK",
        "CASELEDGER_DATA",
        "CASELEDGER_DATABASE_URL",
        "CASELEDGER_ENVIRONMENT",
        "CASELEDGER_HOST",
        "CASELEDGER_LEDGER_URL",
        "CASELEDGER_LOG_FORMAT",
        "CASELEDGER_LOG_LEVEL",
        "CASELEDGER_MAILDIR",
        "CASELEDGER_MAIL_FROM",
        "CASELEDGER_NATS_URL",
        "CASELEDGER_NOTIFIER_URL",
        "CASELEDGER_PORT",
        "CASELEDGER_PROJECTOR_URL",
        "CASELEDGER_PUBLIC_URL",
        "CASELEDGER_SIGNING_KEY",
        "CASELEDGER_SIGNING_KEY_FILE",
        "CASELEDGER_SMTP_URL",
        "CASELEDGER_WEBHOOK_SECRET",
    }
)
"""Every name of the product. One service need not use them all, and passes over those of the others."""

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
                values[field.name] = msgspec.convert(
                    given[name], field.type, strict=False, dec_hook=_beyond_msgspec
                )
            except msgspec.ValidationError as error:
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
