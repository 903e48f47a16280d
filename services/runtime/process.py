"""A service's process, from its environment to its exit status."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from services.runtime import lifecycle, logs, settings, tls
from services.runtime.identity import settings as identity

Told = TypeVar("Told", bound=identity.Guarded)


def run(
    name: str,
    kind: type[Told],
    main: Callable[[Told, asyncio.Event], Awaitable[None]],
    *,
    check: Callable[[Told], None] | None = None,
    log_keys: Iterable[str] = (),
) -> int:
    """Read the environment, once, and serve until told to stop. Returns the exit status.

    Whom it answers is always looked at; `check` raises `SettingsError` for what else it cannot serve with.
    `log_keys` are the service's own.
    """
    try:
        chosen = settings.load(kind, os.environ)
        tls.certificate_of(chosen.tls_certificate, chosen.tls_key)
        identity.check(chosen)
        if check is not None:
            check(chosen)
    except settings.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure(name, chosen.log_format, chosen.log_level, keys=log_keys)
    return lifecycle.run(lambda stop: main(chosen, stop))
