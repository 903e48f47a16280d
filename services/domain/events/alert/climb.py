"""The climb: from rung to rung, to the end of the ladder, and past the statutory cap."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.alert.terms import CalendarVersion, CapOn, Day0, DueOn, Rung, Trigger
from services.domain.events.shape import Event, ObjectId


class Escalation(Event, frozen=True, kw_only=True):
    """The alert climbed to a higher rung, and that rung's window opened."""

    TO: ClassVar[Rung]

    alert_id: ObjectId
    trigger: Trigger
    from_rung: Annotated[Rung | None, Meta(description="The rung it left. Set by the ledger.")] = None
    skipped_rungs: Annotated[tuple[Rung, ...], Meta(description="Rungs passed over. Set by the ledger.")] = ()
    day0: Day0 = None
    due_on: DueOn = None
    calendar_version: CalendarVersion = None


class EscalatedToServiceManager(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Service Manager."""

    TYPE: ClassVar[str] = "EscalatedToServiceManager"
    TO: ClassVar[Rung] = Rung.SERVICE_MANAGER


class EscalatedToHeadOfService(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Head of Service."""

    TYPE: ClassVar[str] = "EscalatedToHeadOfService"
    TO: ClassVar[Rung] = Rung.HEAD_OF_SERVICE


class EscalatedToDirectorOfChildrensServices(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Director of Children's Services."""

    TYPE: ClassVar[str] = "EscalatedToDirectorOfChildrensServices"
    TO: ClassVar[Rung] = Rung.DIRECTOR_OF_CHILDRENS_SERVICES


class EscalatedToLscbChair(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Chair of the LSCB (from 29 September 2019 the safeguarding partnership)."""

    TYPE: ClassVar[str] = "EscalatedToLscbChair"
    TO: ClassVar[Rung] = Rung.LSCB_CHAIR


class LadderExhausted(Event, frozen=True, kw_only=True):
    """The Chair's window expired without an answer: there is no higher rung."""

    TYPE: ClassVar[str] = "LadderExhausted"

    alert_id: ObjectId
    due_on: DueOn = None


class StatutoryCapReached(Event, frozen=True, kw_only=True):
    """Twenty working days went by and the alert is still open (IRO Handbook 6.2)."""

    TYPE: ClassVar[str] = "StatutoryCapReached"

    alert_id: ObjectId
    cap_on: CapOn = None


EscalationEvent = (
    EscalatedToServiceManager
    | EscalatedToHeadOfService
    | EscalatedToDirectorOfChildrensServices
    | EscalatedToLscbChair
)
