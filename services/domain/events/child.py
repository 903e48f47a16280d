"""The child: who they are, as far as statistics and letters need it."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import About, BirthMonth, Event, ObjectId, OnDate, personal


class AgeBand(StrEnum):
    """Age in the bands of the child protection report of 2017-18."""

    UNBORN = "UNBORN"
    UNDER_1 = "UNDER_1"
    FROM_1_TO_4 = "1_TO_4"
    FROM_5_TO_9 = "5_TO_9"
    FROM_10_TO_15 = "10_TO_15"
    FROM_16 = "16_PLUS"


class Sex(StrEnum):
    """Sex as the children in need census codes it since 2024-25: male, female, unknown."""

    MALE = "M"
    FEMALE = "F"
    UNKNOWN = "U"


class Ethnicity(StrEnum):
    """Ethnicity, as the Department for Education's returns code it."""

    WHITE_BRITISH = "WBRI"
    WHITE_IRISH = "WIRI"
    TRAVELLER_OF_IRISH_HERITAGE = "WIRT"
    ANY_OTHER_WHITE = "WOTH"
    GYPSY_OR_ROMA = "WROM"
    WHITE_AND_BLACK_CARIBBEAN = "MWBC"
    WHITE_AND_BLACK_AFRICAN = "MWBA"
    WHITE_AND_ASIAN = "MWAS"
    ANY_OTHER_MIXED = "MOTH"
    INDIAN = "AIND"
    PAKISTANI = "APKN"
    BANGLADESHI = "ABAN"
    ANY_OTHER_ASIAN = "AOTH"
    BLACK_CARIBBEAN = "BCRB"
    BLACK_AFRICAN = "BAFR"
    ANY_OTHER_BLACK = "BOTH"
    CHINESE = "CHNE"
    ANY_OTHER = "OOTH"
    REFUSED = "REFU"
    NOT_YET_OBTAINED = "NOBT"


class Disability(StrEnum):
    """Disability, as the children in need census codes it."""

    NONE = "NONE"
    MOBILITY = "MOB"
    HAND_FUNCTION = "HAND"
    PERSONAL_CARE = "PC"
    INCONTINENCE = "INC"
    COMMUNICATION = "COMM"
    LEARNING = "LD"
    HEARING = "HEAR"
    VISION = "VIS"
    BEHAVIOUR = "BEH"
    CONSCIOUSNESS = "CON"
    AUTISM = "AUT"
    OTHER = "DDA"


class ChildDetails(Event, frozen=True, kw_only=True):
    """What is known of the child."""

    name: Annotated[str, personal(About.CHILD, "The child's name.", most=200)] | None = None
    date_of_birth: (
        Annotated[
            date,
            Meta(
                description="The child's date of birth.",
                extra={"personal": "child"},
                extra_json_schema={"x-personal": "child"},
            ),
        ]
        | None
    ) = None
    birth_month: BirthMonth = None
    expected_birth: (
        Annotated[
            date,
            Meta(
                description="The expected date of birth of an unborn child.",
                extra={"personal": "child"},
                extra_json_schema={"x-personal": "child"},
            ),
        ]
        | None
    ) = None
    age_band: AgeBand | None = None
    sex: Sex | None = None
    ethnicity: Ethnicity | None = None
    disabilities: tuple[Disability, ...] = ()
    upn: Annotated[str, personal(About.CHILD, "Unique pupil number.", most=20)] | None = None
    address: Annotated[str, personal(About.FAMILY, "Where the child lives.", most=1_000)] | None = None
    family_id: Annotated[
        ObjectId | None, Meta(description="The same in the cases of all children of one family.")
    ] = None


class ChildDetailsRecorded(ChildDetails, frozen=True, kw_only=True):
    """What is known of the child was recorded."""

    TYPE: ClassVar[str] = "ChildDetailsRecorded"


class ChildDetailsCorrected(ChildDetails, frozen=True, kw_only=True):
    """What was recorded of the child was corrected: what it names replaces what was said before."""

    TYPE: ClassVar[str] = "ChildDetailsCorrected"


class ChildDied(Event, frozen=True, kw_only=True):
    """The child died. The day stands in clear: for how long the record is kept depends on it."""

    TYPE: ClassVar[str] = "ChildDied"
    PAST: ClassVar[tuple[str, ...]] = ("died_on",)

    died_on: OnDate = None


ChildEvent = ChildDetailsRecorded | ChildDetailsCorrected | ChildDied
