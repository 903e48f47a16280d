"""The book of an import: what was refused is kept, and so is every file of refusals that came before."""

from pathlib import Path

from services.cli.backlog.book import Book
from services.cli.backlog.lines import Unusable


def test_no_file_of_refusals_that_somebody_may_have_mended_is_ever_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "backlog.refused.ndjson"
    for text in (b"first", b"second", b"third"):
        with Book(path) as book:
            book.set_aside(1, Unusable("no event", text))
    kept = [path.with_name(f"{path.name}.old-{nth}") for nth in (1, 2)]
    assert [b"first" in kept[0].read_bytes(), b"second" in kept[1].read_bytes()] == [True, True]
    assert b"third" in path.read_bytes()
    assert sorted(tmp_path.iterdir()) == sorted([path, *kept])
