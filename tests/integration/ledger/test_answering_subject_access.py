"""A subject access request: the look is recorded, the archive is what is said of it, another approves it."""

from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import json

from services.cli.sar import commands
from services.evidence import archive
from services.runtime.client import Declined, Refused
from tests.integration.ledger.ledgers import Ledger, contact

WORDS = "What a neighbour said of the child."


async def test_it_is_prepared_looked_at_and_approved_by_somebody_else(ledger: Ledger, tmp_path: Path) -> None:
    data = {"contact_id": "c-1", "summary": WORDS, "referrer": "A neighbour"}
    await ledger.post("case-1", contact(data=data))
    target, file = SimpleNamespace(ledger=str(ledger.http.base_url), token=""), tmp_path / "case-1.zip"

    with pytest.raises(Declined):
        await commands._make(target, "case-1", "no id", "records:1", frozenset(), file)
    assert not file.exists()  # what cannot be recorded is not left behind

    _, raw, _ = await commands._make(target, "case-1", "sar-1", "records:1", frozenset(), file)

    assert file.read_bytes() == raw
    members = archive.read(raw)
    assert WORDS.encode() in members["index.html"]
    assert b"A neighbour" not in raw
    said = await events(ledger, "SubjectAccessPrepared")
    assert said["archive_sha256"] == sha256(raw).hexdigest()
    assert said["withheld"] == [{"about": "referrer", "fields": 2}]
    look = await events(ledger, "RecordViewed", 2)
    assert (look["purpose"], look["case_id"]) == ("SUBJECT_ACCESS", "case-1")

    approval = {"request_id": "sar-1", "archive_sha256": said["archive_sha256"]}
    with pytest.raises(Refused) as refused:
        await commands._append(target, "case-1", "SubjectAccessApproved", {**approval, "by": "records:1"})
    assert refused.value.rule == "preparer_may_not_approve"
    await commands._append(target, "case-1", "SubjectAccessApproved", {**approval, "by": "manager:2"})
    assert (await events(ledger, "SubjectAccessApproved"))["by"] == "manager:2"


async def events(ledger: Ledger, name: str, count: int = 1) -> dict[str, Any]:
    """What the last event of a type says, of which there are so many."""
    documents = [json.decode(line) for line in await ledger.lines()]
    found = [each["data"] for each in documents if each["type"] == name]
    assert len(found) == count
    return dict(found[-1])
