"""The office: who holds which rung, who reviews, and the policies in force.

The reviewing officer of the year is appointed in May 2017 and takes up her post on 1 June (the report has
both months); she is in post at the end of the year (it has her leave in March, and in June).
"""

from datetime import date
from typing import Final

from services.cli.year.days import at
from services.cli.year.diary import Diary
from services.cli.year.people import ADMINISTRATOR, FORMER_IRO, IN_POST_ON, IRO
from services.domain.events.office import (
    Channel,
    ChannelKind,
    OfficeRole,
    PolicyAdopted,
    RungHolderAppointed,
    RungHolderStoodDown,
)
from services.domain.office import OFFICE

_HELD: Final = {
    OfficeRole.TEAM_MANAGER: ("tm:permanency", "team.manager@council.example"),
    OfficeRole.SERVICE_MANAGER: ("sm:safeguarding", "service.manager@council.example"),
    OfficeRole.HEAD_OF_SERVICE: ("hos:social-care", "head.of.service@council.example"),
    OfficeRole.DIRECTOR_OF_CHILDRENS_SERVICES: ("dcs:people", "director@council.example"),
    OfficeRole.LSCB_CHAIR: ("chair:lscb", "chair@lscb.example"),
    OfficeRole.SQAS_MANAGER: ("sqas:manager", "sqas.manager@council.example"),
    OfficeRole.CP_CHAIR: ("sqas:manager", "sqas.manager@council.example"),
    OfficeRole.IRO: (FORMER_IRO.actor, "iro.9@council.example"),
}
_SINCE: Final = date(2016, 4, 1)
_TYPED_ON: Final = date(2017, 3, 27)
_APPOINTED_ON: Final = date(2017, 5, 15)


def office(diary: Diary) -> None:
    """Everything on the office's stream."""
    for minute, (role, (holder, address)) in enumerate(_HELD.items()):
        appointed = _appointed(role, holder, address, _SINCE)
        diary.note(OFFICE, appointed, at(_TYPED_ON, 9, minute), ADMINISTRATOR)
    threshold = PolicyAdopted(name="THRESHOLD_DOCUMENT", version="2016", from_=_SINCE)
    diary.note(OFFICE, threshold, at(_TYPED_ON, 9, 30), ADMINISTRATOR)
    new = _appointed(OfficeRole.IRO, IRO.actor, "iro.17@council.example", IN_POST_ON)
    diary.note(OFFICE, new, at(_APPOINTED_ON, 10), ADMINISTRATOR)
    gone = RungHolderStoodDown(rung=OfficeRole.IRO, holder=FORMER_IRO.actor)
    diary.note(OFFICE, gone, at(IN_POST_ON, 9), ADMINISTRATOR)


def _appointed(role: OfficeRole, holder: str, address: str, since: date) -> RungHolderAppointed:
    return RungHolderAppointed(
        rung=role,
        holder=holder,
        name=f"Invented {role.value.replace('_', ' ').title()}",
        channels=(Channel(kind=ChannelKind.EMAIL, address=address),),
        from_=since,
    )
