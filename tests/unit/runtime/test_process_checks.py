"""A service's process starts only with settings that it could serve with."""

import asyncio
import os

import pytest

from services.runtime import process
from services.runtime.identity.settings import Guarded


async def serve_nobody(_chosen: Guarded, _stop: asyncio.Event) -> None:
    """Be a service that has ended as soon as it begins."""


def test_whom_a_service_answers_is_looked_at_whatever_else_it_looks_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("CASELEDGER_")]:
        monkeypatch.delenv(name)
    looked_at: list[Guarded] = []
    assert process.run("example", Guarded, serve_nobody, check=looked_at.append) == 2
    assert "CASELEDGER_CREDENTIALS_FILE is missing" in capsys.readouterr().err
