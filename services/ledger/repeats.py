"""Recognise a request of which the ledger has some, or all, already."""

from collections.abc import Sequence

from services.ledger.request import Appended, Request, Reused, receipt_of
from services.ledger.store import Known


def answer_of_known(request: Request, found: Sequence[Known | None]) -> Appended | Reused:
    """The first receipts if all of it is there with the same content, else the ids that are in use."""
    same = [
        each is not None and each.content == said.content
        for each, said in zip(found, request.submissions, strict=True)
    ]
    if all(same):
        return Appended(tuple(receipt_of(each.document) for each in found if each is not None), fresh=False)
    return Reused(
        tuple(said.id for each, said in zip(found, request.submissions, strict=True) if each is not None)
    )
