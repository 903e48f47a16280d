"""The key of personal data: a stack makes one for its own database, once, and none for somebody else's."""

from pathlib import Path

import pytest

from services.ledger import wrapping
from services.stack import keeping
from services.stack.errors import StackError
from services.stack.layout import Layout
from services.stack.settings import Settings
from services.stack.stack import Stack


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = keeping.key_file(tmp_path / "key-encryption.key")
    made = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(made.splitlines()) == 1
    wrapping.parse(made)
    assert keeping.key_file(file).read_text() == made
    assert keeping.make() != keeping.make()


async def test_a_stack_on_a_database_of_yours_wants_a_key_of_yours_before_it_starts_anything(
    tmp_path: Path,
) -> None:
    settings = Settings(database_url="postgresql://postgres@127.0.0.1:1/caseledger")
    with pytest.raises(StackError, match="CASELEDGER_KEY_ENCRYPTION_KEY_FILE"):
        await Stack(Layout(tmp_path / "data"), settings, ports={}).__aenter__()
    assert not (tmp_path / "data").exists()
