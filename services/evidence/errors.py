"""The few errors of the evidence: each says what is wrong, in words that an auditor can act on."""


class EvidenceError(Exception):
    """Something that was to prove a thing does not prove it."""


class BadProof(EvidenceError):
    """A path does not lead to the root it was to lead to, or cannot be one for these sizes."""


class BadTile(EvidenceError):
    """A tile's path or content is not that of a tile of this tree."""


class BadNote(EvidenceError):
    """The bytes are not a signed note; `args[0]` says where they stop being one."""


class BadKey(EvidenceError):
    """A written key is damaged, or of a kind that is not known here."""


class BadSignature(EvidenceError):
    """A signature is missing, or is not the one that its key makes over this text."""


class BadTreeHead(EvidenceError):
    """A text is no tree head, or not of the ledger it was taken for."""


class BadBundle(EvidenceError):
    """A bundle is not of one piece; `member` names the part that shows it, or is empty."""

    def __init__(self, member: str, what: str) -> None:
        super().__init__(f"{member}: {what}" if member else what)
        self.member = member
