"""The parameters of the due board, of counts and of the workload, as they are documented and checked."""

from datetime import date
from typing import Annotated, Final

from litestar.params import Parameter, QueryParameter

from services.domain.deadlines import DeadlineState
from services.domain.timescales import TIMESCALES

_KINDS: Final = sorted({name for each in TIMESCALES for name in (each.rule, each.timer)})
_LINE: Final = r"^[^\x00-\x1f\x7f]{1,120}$"

OfStates = Annotated[
    list[DeadlineState] | None,
    QueryParameter(
        name="state",
        description="Only deadlines that stand so now; may be given several times, for any of them.",
    ),
]
OfKind = Annotated[
    str | None,
    QueryParameter(
        name="kind",
        pattern=f"^({'|'.join(_KINDS)})$",
        description="Only deadlines of this rule (`ASSESS_45`), or of this timer, under any of its rules "
        "(`D-ASSESS`).",
    ),
]
OfTeam = Annotated[str | None, Parameter(pattern=_LINE, description="Only those of this team.")]
OfWorker = Annotated[str | None, Parameter(pattern=_LINE, description="Only those of this worker's account.")]
Allocated = Annotated[
    bool | None, Parameter(description="Only those that a worker has, or only those that nobody has.")
]
DueFrom = Annotated[date | None, Parameter(description="Only deadlines due on this London date or later.")]
DueBefore = Annotated[date | None, Parameter(description="Only deadlines due before this London date.")]
OfIdPrefix = Annotated[
    str | None,
    QueryParameter(
        name="q",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Only cases whose id begins so. Nothing else of a case can be searched: it is sealed.",
    ),
]
