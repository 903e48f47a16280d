"""Undoing COPY's escapes: exact for any documents and any chunks."""

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.lines import Lines

DOCUMENTS = st.lists(st.text(alphabet='\\\\\\\\"ntb{}:é😀 x', max_size=40), max_size=20)


def copied(documents: list[str]) -> bytes:
    """What COPY's text format makes of documents that hold no control character."""
    return "".join(f"{document.replace(chr(92), chr(92) * 2)}\n" for document in documents).encode()


@given(DOCUMENTS, st.data())
def test_documents_come_out_as_they_went_in_whatever_the_chunks(
    documents: list[str], data: st.DataObject
) -> None:
    wire = copied(documents)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=30)))
    lines = Lines()
    chunks = [wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert b"".join(map(lines.undo, chunks)) == "".join(f"{document}\n" for document in documents).encode()


@given(st.integers(0, 9))
def test_a_run_of_backslashes_is_halved_byte_by_byte(count: int) -> None:
    lines = Lines()
    assert b"".join(lines.undo(b"\\") for _ in range(count * 2)) == b"\\" * count
