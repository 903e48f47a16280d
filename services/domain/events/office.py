"""The office: who holds which rung and how they are reached, when it is closed, and its policies."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, Struct, field

from services.domain.events.forgetting import RetentionRule
from services.domain.events.shape import LINE, TEXT, About, Actor, Code, Event, personal


class OfficeRole(StrEnum):
    """The five rungs of the ladder, those who may raise an alert, and who is told of broken glass."""

    TEAM_MANAGER = "TEAM_MANAGER"
    SERVICE_MANAGER = "SERVICE_MANAGER"
    HEAD_OF_SERVICE = "HEAD_OF_SERVICE"
    DIRECTOR_OF_CHILDRENS_SERVICES = "DIRECTOR_OF_CHILDRENS_SERVICES"
    LSCB_CHAIR = "LSCB_CHAIR"
    IRO = "IRO"
    CP_CHAIR = "CP_CHAIR"
    SQAS_MANAGER = "SQAS_MANAGER"
    DATA_PROTECTION_LEAD = "DATA_PROTECTION_LEAD"


class ChannelKind(StrEnum):
    """How a message travels."""

    EMAIL = "EMAIL"
    WEBHOOK = "WEBHOOK"


class Channel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to reach a holder."""

    kind: ChannelKind
    address: Annotated[
        str,
        Meta(pattern=TEXT, max_length=320, description="An office e-mail address, or an https address."),
    ]


class RungHolderAppointed(Event, frozen=True, kw_only=True):
    """Somebody holds a rung (or may raise alerts) from a day on, until the day before `until`."""

    TYPE: ClassVar[str] = "RungHolderAppointed"

    rung: OfficeRole
    holder: Actor
    name: Annotated[str, personal(About.WORKER, "The holder's name.", most=200)] | None = None
    team: (
        Annotated[
            Code,
            Meta(description="The team that they hold, such as `PROTECTION_TEAM`; without it, all teams."),
        ]
        | None
    ) = None
    channels: Annotated[
        tuple[Channel, ...], Meta(max_length=8, description="How the holder is reached: in clear.")
    ] = ()
    from_: Annotated[date | None, Meta(description="First London date, if not that of the event's time.")] = (
        field(default=None, name="from")
    )
    until: Annotated[date | None, Meta(description="First London date on which it no longer holds.")] = None


class RungHolderStoodDown(Event, frozen=True, kw_only=True):
    """Somebody holds a rung no longer."""

    TYPE: ClassVar[str] = "RungHolderStoodDown"

    rung: OfficeRole
    holder: Actor
    on: Annotated[
        date | None,
        Meta(
            description="First London date on which they no longer hold it, if not that of the event's time."
        ),
    ] = None


class ClosureDaysSet(Event, frozen=True, kw_only=True):
    """The authority's own closure days, beside bank holidays: these and no others from now on."""

    TYPE: ClassVar[str] = "ClosureDaysSet"

    dates: Annotated[
        tuple[date, ...],
        Meta(max_length=1_000, description="Every London date on which the authority is closed."),
    ]


class RetentionTerm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many years the authority keeps what a rule keeps; counted from what the rule counts from."""

    rule: RetentionRule
    years: Annotated[int, Meta(ge=1, le=200)]


class PolicyAdopted(Event, frozen=True, kw_only=True):
    """The authority adopted a version of a policy, from a day on."""

    TYPE: ClassVar[str] = "PolicyAdopted"

    name: Annotated[Code, Meta(description="The policy, such as `THRESHOLD_DOCUMENT`.")]
    version: Annotated[str, Meta(pattern=LINE, max_length=64, description="As the policy calls itself.")]
    from_: Annotated[date | None, Meta(description="First London date, if not that of the event's time.")] = (
        field(default=None, name="from")
    )
    retention: Annotated[
        tuple[RetentionTerm, ...],
        Meta(
            max_length=32,
            description="Of the policy `RETENTION`: where its years are not those of the rules.",
        ),
    ] = ()


OfficeEvent = RungHolderAppointed | RungHolderStoodDown | ClosureDaysSet | PolicyAdopted
