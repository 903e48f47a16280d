"""Section 47 enquiries: whether each is completed, what it found, and whether a conference is to follow."""

from collections.abc import Iterator
from typing import ClassVar

from services.domain.events.enquiry import EnquiryOutcome, Section47Completed, Section47Started
from services.domain.state.enquiries import EnquiryState, enquiries, state_of_enquiry
from services.projector.views.lists.listed import Item, List, Told


class Enquiry(Item, frozen=True, kw_only=True):
    """One enquiry, and the strategy discussion and the referral that it came of, as far as it named them."""

    ID: ClassVar[str] = "enquiry_id"

    enquiry_id: str
    state: EnquiryState
    strategy_id: str | None
    referral_id: str | None
    outcome: EnquiryOutcome | None
    icpc_required: bool | None


def view(told: Told) -> Iterator[Enquiry]:
    """Every enquiry, also one of which only the end is known."""
    for enquiry_id, span in enquiries(told.facts).items():
        began = told.one(Section47Started, enquiry_id)
        done = told.one(Section47Completed, enquiry_id)
        yield Enquiry(
            case_id=told.case_id,
            enquiry_id=enquiry_id,
            state=state_of_enquiry(span),
            began_on=span.first,
            over_on=span.over_on,
            strategy_id=began.strategy_id if began else None,
            referral_id=began.referral_id if began else None,
            outcome=done.outcome if done else None,
            icpc_required=done.icpc_required if done else None,
        )


LIST = List("enquiries", Enquiry, EnquiryState, (Section47Started, Section47Completed), view)
