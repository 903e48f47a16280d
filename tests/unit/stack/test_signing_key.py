"""A stack's signing key is made once, and is nobody else's to read."""

from pathlib import Path

from services.evidence import keyring
from services.stack.signing import key_file


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    (tmp_path / "signing.key.new").write_text("half a k")  # of one who crashed
    path = key_file(tmp_path / "signing.key")
    written = path.read_text()
    assert keyring.parse(written).origin.endswith(".caseledger.invalid")
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_file(path).read_text() == written
    assert [each.name for each in tmp_path.iterdir()] == ["signing.key"]


def test_no_two_stacks_have_one_name(tmp_path: Path) -> None:
    origins = {keyring.parse(key_file(tmp_path / name).read_text()).origin for name in ("a.key", "b.key")}
    assert len(origins) == 2
