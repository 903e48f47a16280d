"""Quality: audits of child protection cases, complaints, and what the panel considered."""

from datetime import date
from typing import Final

from services.cli.year.care import Lived
from services.cli.year.days import at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.figures import CASE_AUDITS
from services.cli.year.people import CLERK, SQAS_MANAGER
from services.cli.year.protection import Planned
from services.domain.events.quality import (
    AuditGrade,
    CaseAuditCompleted,
    ComplaintReceived,
    ComplaintResolved,
    ComplaintStage,
    Panel,
    PanelConsidered,
)

_GRADES: Final = (AuditGrade.GOOD, AuditGrade.GOOD, AuditGrade.REQUIRES_IMPROVEMENT, AuditGrade.OUTSTANDING)
_COMPLAINTS: Final = 6
_CONSIDERED: Final = 8


def quality(diary: Diary, lived: list[Lived], planned: list[Planned]) -> None:
    """Write down what was looked at, and what was complained of."""
    dice = Dice(diary.seed, "quality")
    for number, audits in enumerate(CASE_AUDITS):
        on = working(month(number + 0.7))
        for each in dice.shuffled([each for each in planned if each.is_on_plan(on)])[:audits]:
            audited = CaseAuditCompleted(grade=dice.pick(_GRADES), themes=("CORE_GROUP", "CHILDS_VOICE"))
            diary.note(each.child.case, audited, at(on, 15), SQAS_MANAGER)
    _complaints(diary, dice, planned)
    for taken in dice.shuffled(lived)[:_CONSIDERED]:
        considered = PanelConsidered(panel=Panel.ARC_CLA, decision="An invented decision.")
        diary.note(taken.child.case, considered, at(later(taken.came, -2), 14), SQAS_MANAGER)


def _complaints(diary: Diary, dice: Dice, planned: list[Planned]) -> None:
    for nth, each in enumerate(dice.shuffled(planned)[:_COMPLAINTS]):
        complaint = each.child.object_id("complaint")
        on: date = later(max(each.start, working(month(0.1))), dice.between(10, 60))
        stage = ComplaintStage.FORMAL if nth == 0 else ComplaintStage.MANAGER
        came = ComplaintReceived(complaint_id=complaint, stage=stage, text="An invented complaint.")
        diary.note(each.child.case, came, at(on, 13), CLERK)
        settled = ComplaintResolved(complaint_id=complaint, stage=stage, text="An invented apology.")
        diary.note(each.child.case, settled, at(later(on, dice.between(5, 15)), 13), CLERK)
