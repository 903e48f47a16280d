"""Root's private directories are opened to one account, and stay closed to the rest."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from services.stack.reach import open_tree, open_way

ONE, ANOTHER = 61_234, 61_235  # nobody's accounts: only root may become them

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def may_read(uid: int, file: Path) -> bool:
    read = subprocess.run(
        ["cat", str(file)], user=uid, group=uid, extra_groups=[], check=False, capture_output=True
    )
    return read.returncode == 0


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "private" / "below" / "file"
    file.parent.mkdir(parents=True)
    file.write_text("read me")
    file.parents[1].chmod(0o700)
    return file


def test_the_account_passes_through_and_nobody_else_does(secret: Path) -> None:
    assert not may_read(ONE, secret)
    for _ in range(2):
        open_way(secret, ONE)
    assert may_read(ONE, secret)
    assert not may_read(ANOTHER, secret)
    open_way(secret, ANOTHER)
    assert may_read(ONE, secret)
    assert may_read(ANOTHER, secret)


def test_passing_through_is_not_listing(secret: Path) -> None:
    open_way(secret, ONE)
    listing = ["ls", str(secret.parents[1])]
    assert subprocess.run(
        listing, user=ONE, group=ONE, extra_groups=[], check=False, capture_output=True
    ).returncode


def test_programs_that_a_strict_umask_hid_become_readable_and_stay_programs(tmp_path: Path) -> None:
    tree = tmp_path / "programs"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin" / "server").write_text("#!/bin/sh\n")
    (tree / "bin" / "server").chmod(0o700)
    (tree / "notes").write_text("text")
    (tree / "notes").chmod(0o600)
    for folder in (tree, tree / "bin"):
        folder.chmod(0o700)
    open_tree(tree)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tree, *tree.rglob("*"))}
    assert modes == {"programs": 0o755, "bin": 0o755, "server": 0o755, "notes": 0o644}
