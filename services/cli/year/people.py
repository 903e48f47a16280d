"""The people of the year, all of them invented: children in their families, and who works with them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from services.cli.year.days import FIRST
from services.cli.year.diary import ALLEGATIONS, CASES, FRONT_DOOR, OFFICE, REVIEWING, By
from services.cli.year.dice import Dice
from services.domain import calendar
from services.domain.events.child import AgeBand, ChildDetailsRecorded, Disability, Ethnicity, Sex

DUTY: Final = tuple(By(f"duty:{nth}", "DUTY_SOCIAL_WORKER", FRONT_DOOR) for nth in range(1, 4))
DUTY_MANAGER: Final = By("tm:duty", "TEAM_MANAGER", FRONT_DOOR)
MANAGERS: Final = {
    "PROTECTION_TEAM": By("tm:protection", "TEAM_MANAGER", CASES),
    "PERMANENCY_TEAM": By("tm:permanency", "TEAM_MANAGER", CASES),
    "REFERRAL_ASSESSMENT_INTERVENTION": By("tm:assessment", "TEAM_MANAGER", CASES),
}
WORKERS: Final = {
    "REFERRAL_ASSESSMENT_INTERVENTION": tuple(By(f"sw:{nth}", "SOCIAL_WORKER", CASES) for nth in range(1, 7)),
    "PROTECTION_TEAM": tuple(By(f"sw:{nth}", "SOCIAL_WORKER", CASES) for nth in range(7, 12)),
    "PERMANENCY_TEAM": tuple(By(f"sw:{nth}", "SOCIAL_WORKER", CASES) for nth in range(12, 16)),
}
SERVICE_MANAGER: Final = By("sm:safeguarding", "SERVICE_MANAGER", CASES)
HEAD_OF_SERVICE: Final = By("hos:social-care", "HEAD_OF_SERVICE", CASES)
FORMER_IRO: Final = By("iro:9", "IRO", REVIEWING)
IRO: Final = By("iro:17", "IRO", REVIEWING)
IN_POST_ON: Final = date(2017, 6, 1)
"""When the reviewing officer of the year came after the former one."""
LOCUM_IRO: Final = By("iro:21", "IRO", REVIEWING)
SQAS_MANAGER: Final = By("sqas:manager", "SQAS_MANAGER", REVIEWING)
CP_CHAIR: Final = By("sqas:manager", "CP_CHAIR", REVIEWING)
LADO: Final = By("sqas:manager", "LADO", ALLEGATIONS)
ADMINISTRATOR: Final = By("sqas:admin", "SQAS_ADMINISTRATOR", OFFICE)
CLERK: Final = By("sqas:admin", "SQAS_ADMINISTRATOR", REVIEWING)

AGES: Final = {  # in days, least and most
    AgeBand.UNDER_1: (60, 330),
    AgeBand.FROM_1_TO_4: (370, 1_800),
    AgeBand.FROM_5_TO_9: (1_840, 3_600),
    AgeBand.FROM_10_TO_15: (3_680, 5_800),
    AgeBand.FROM_16: (5_850, 6_150),
}
_USUAL_AGES: Final = (
    AgeBand.UNDER_1,
    *(AgeBand.FROM_1_TO_4,) * 5,
    *(AgeBand.FROM_5_TO_9,) * 6,
    *(AgeBand.FROM_10_TO_15,) * 6,
    AgeBand.FROM_16,
)


class Child(Struct, frozen=True, kw_only=True):
    """One invented child: a case, in a family, known to a team."""

    case: str
    number: int
    family: str
    born: date
    age_band: AgeBand
    sex: Sex
    ethnicity: Ethnicity
    team: str
    worker: By
    disabilities: tuple[Disability, ...] = ()

    @property
    def manager(self) -> By:
        """The manager of the child's team."""
        return MANAGERS[self.team]

    def object_id(self, kind: str, nth: int = 1) -> str:
        """The id of an object of this child's: `plan-17-1`."""
        return f"{kind}-{self.number}-{nth}"

    def details(self) -> ChildDetailsRecorded:
        """What is recorded of the child first."""
        unborn = self.age_band is AgeBand.UNBORN
        return ChildDetailsRecorded(
            name=f"Invented Child {self.number}",
            date_of_birth=None if unborn else self.born,
            expected_birth=self.born if unborn else None,
            age_band=self.age_band,
            sex=Sex.UNKNOWN if unborn else self.sex,
            ethnicity=self.ethnicity,
            disabilities=self.disabilities,
            address=f"{self.number} Nowhere Lane, Inventedham",
            family_id=self.family,
        )


class Nursery:
    """Invents children; each gets the next number."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = Dice(seed, "children")
        self._children = 0
        self._families = 0

    def family(self) -> str:
        """The id of a new family."""
        self._families += 1
        return f"family-{self._seed}-{self._families:03d}"

    def child(  # noqa: PLR0913 -- what may be given instead of left to chance
        self,
        known_on: date = FIRST,
        *,
        team: str = "REFERRAL_ASSESSMENT_INTERVENTION",
        family: str | None = None,
        age_band: AgeBand | None = None,
        sex: Sex | None = None,
        ethnicity: Ethnicity | None = None,
    ) -> Child:
        """A child of that age on the day on which it becomes known."""
        dice = self._dice
        self._children += 1
        band = age_band or dice.pick(_USUAL_AGES)
        return Child(
            case=f"child-{self._seed}-{self._children:04d}",
            number=self._children,
            family=family or self.family(),
            born=_birthday(dice, known_on, band),
            age_band=band,
            sex=sex or dice.pick((Sex.MALE, Sex.FEMALE)),
            ethnicity=ethnicity or _ethnicity(dice),
            team=team,
            worker=dice.pick(WORKERS[team]),
            disabilities=(dice.pick(_DISABILITIES),) if dice.chance(6) else (),
        )


_DISABILITIES: Final = (Disability.LEARNING, Disability.AUTISM, Disability.BEHAVIOUR, Disability.MOBILITY)
_MINORITIES: Final = (
    Ethnicity.ANY_OTHER_WHITE,
    Ethnicity.WHITE_AND_BLACK_CARIBBEAN,
    Ethnicity.WHITE_AND_ASIAN,
    Ethnicity.TRAVELLER_OF_IRISH_HERITAGE,
    Ethnicity.WHITE_AND_BLACK_AFRICAN,
    Ethnicity.NOT_YET_OBTAINED,
)


def _ethnicity(dice: Dice) -> Ethnicity:
    return Ethnicity.WHITE_BRITISH if dice.chance(88) else dice.pick(_MINORITIES)


def _birthday(dice: Dice, known_on: date, band: AgeBand) -> date:
    if band is AgeBand.UNBORN:
        return known_on + timedelta(days=dice.between(50, 90))
    return known_on - timedelta(days=dice.between(*AGES[band]))


def is_under(child: Child, years: int, day: date) -> bool:
    """Whether the child has not reached an age on a day."""
    return day < calendar.add_months(child.born, 12 * years)


def others(workers: Sequence[By], worker: By) -> list[By]:
    """All of them but one."""
    return [each for each in workers if each != worker]
