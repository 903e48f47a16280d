"""The parameters of queries, as they are documented and checked."""

from datetime import date
from typing import Annotated, Final

from litestar.params import Parameter, QueryParameter

from services.domain.events.alert import Rung
from services.domain.events.families import EventFamily
from services.domain.state.status import CaseStatus
from services.projector.cursor import MOST
from services.projector.views.lists.entries import EntryState
from services.projector.views.notifications import NotificationState

_CASE_ID: Final = r"^[A-Za-z0-9_-]{1,64}$"
_OBJECT_ID: Final = r"^[A-Za-z0-9_.:-]{1,64}$"
_LINE: Final = r"^[^\x00-\x1f\x7f]{1,120}$"

CaseId = Annotated[str, Parameter(pattern=_CASE_ID, description="The case.")]
AlertId = Annotated[str, Parameter(pattern=_OBJECT_ID, description="The alert.")]
OfCase = Annotated[str | None, Parameter(pattern=_CASE_ID, description="Only those of this case.")]
OfAlert = Annotated[str | None, Parameter(pattern=_OBJECT_ID, description="Only those of this alert.")]
OfHolder = Annotated[str | None, Parameter(pattern=_LINE, description="Only those to this holder's account.")]
OfReader = Annotated[str | None, Parameter(pattern=_LINE, description="Only looks by this account.")]
OfStatus = Annotated[CaseStatus | None, Parameter(description="Only cases that stand there.")]
OfState = Annotated[
    NotificationState | None, QueryParameter(name="state", description="Only those of which that became.")
]
FamilyId = Annotated[str, Parameter(pattern=_OBJECT_ID, description="The family.")]
OfFamily = Annotated[
    str | None, Parameter(pattern=_OBJECT_ID, description="Only cases of children of this family.")
]
OfEventFamilies = Annotated[
    list[EventFamily] | None,
    Parameter(description="Only events about these matters; may be given several times."),
]
OfEntryState = Annotated[
    EntryState, QueryParameter(name="state", description="Those that stand, or those that were removed.")
]
GoingOn = Annotated[
    date | None,
    Parameter(description="Only those that had begun by this London date and were not over by its end."),
]
AtRung = Annotated[Rung | None, Parameter(description="Only alerts that have come to this rung.")]
Open = Annotated[
    bool | None,
    QueryParameter(name="open", description="Only alerts that are open, or only those that are not."),
]
DueBefore = Annotated[
    date | None, Parameter(description="Only alerts whose answer was due before this London date.")
]
Limit = Annotated[int, Parameter(ge=1, le=200, description="How many items at most.")]
Cursor = Annotated[
    str | None, Parameter(min_length=1, max_length=600, description="Where to go on: `next` of another page.")
]
WaitFor = Annotated[
    int,
    Parameter(
        ge=0,
        le=MOST,
        description="Answer once the read model has this position: that of a receipt, for example.",
    ),
]
