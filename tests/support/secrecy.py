"""What a stack must keep to itself, and where it could have said it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

PRIVATE = ("passwords.json", "signing.key", "key-encryption.key", "run/stack.json", "tokens/*")
"""Files below a data directory that only their owner may read."""


def secrets_of(data: Path) -> set[str]:
    """Every password, token and key of the stack on a data directory."""
    words: dict[str, dict[str, str]] = msgspec.json.decode((data / "passwords.json").read_bytes())
    found = {word for users in words.values() for word in users.values()}
    found |= {file.read_text().strip() for file in (data / "tokens").iterdir()}
    found |= {line.rpartition("+")[2] for line in (data / "signing.key").read_text().split()}
    return found | {(data / "key-encryption.key").read_text().split()[1]}


def open_to_others(data: Path) -> list[Path]:
    """The private files that somebody else may read."""
    files = [file for pattern in PRIVATE for file in data.glob(pattern)]
    assert len(files) > len(PRIVATE)
    return [file for file in files if file.stat().st_mode & 0o077]


def command_lines() -> Iterator[tuple[str, str]]:
    """What the list of processes shows to everybody."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield f"process {process.name}", (process / "cmdline").read_text(errors="replace")
        except OSError:
            continue  # it has ended meanwhile


def said(data: Path) -> Iterator[tuple[str, str]]:
    """What the stack has written to its logs."""
    for file in (data / "logs").iterdir():
        yield str(file), file.read_text(errors="replace")


def told(secrets: set[str], *places: tuple[str, str]) -> list[str]:
    """The places that hold a secret."""
    return [where for where, text in places if any(secret in text for secret in secrets)]
