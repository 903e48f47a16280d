"""Give back the exact bytes of documents that come out of COPY's text format, whatever the chunks."""

BACKSLASH = ord("\\")
DOUBLED = b"\\\\"


class Lines:
    """Undo what COPY does to a document, chunk by chunk.

    COPY's text format doubles backslashes and escapes control characters. A document is compact JSON: it has
    no raw control character, so every run of backslashes in the stream is exactly twice as long as it was.
    """

    def __init__(self) -> None:
        self._held = b""

    def undo(self, chunk: bytes) -> bytes:
        """The document bytes of `chunk`; half of a pair that the chunk's end cut is held for the next."""
        chunk = self._held + chunk
        self._held = b""
        if BACKSLASH not in chunk:
            return chunk
        if (len(chunk) - len(chunk.rstrip(b"\\"))) % 2:
            chunk, self._held = chunk[:-1], chunk[-1:]
        return chunk.replace(DOUBLED, b"\\")
