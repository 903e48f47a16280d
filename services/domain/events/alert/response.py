"""What is answered: by the rung that was asked, by the reviewer on that, and by CAFCASS."""

from datetime import date
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.alert.terms import Proposal, Rung
from services.domain.events.shape import About, Actor, Code, Event, ObjectId, personal


class ResponseReceived(Event, frozen=True, kw_only=True):
    """A rung answered: its window stops until the reviewer accepts or rejects."""

    TYPE: ClassVar[str] = "ResponseReceived"

    alert_id: ObjectId
    rung: Rung
    responder: Actor
    proposes: Proposal | None = None
    text: Annotated[str, personal(About.CHILD, "The answer in words.")] | None = None


class ResponseAccepted(Event, frozen=True, kw_only=True):
    """The reviewer accepted the response. The responder may not accept their own."""

    TYPE: ClassVar[str] = "ResponseAccepted"

    alert_id: ObjectId
    by: Actor
    review_on: Annotated[date | None, Meta(description="When the reviewer will look at it again.")] = None


class ResponseRejected(Event, frozen=True, kw_only=True):
    """The reviewer rejected the response: the alert goes to the next rung."""

    TYPE: ClassVar[str] = "ResponseRejected"

    alert_id: ObjectId
    by: Actor
    reason: Annotated[str, personal(About.CHILD, "Why it was not enough.")] | None = None


class CafcassReferralMade(Event, frozen=True, kw_only=True):
    """The reviewer referred the matter to CAFCASS, as they may at any stage. The ladder runs on."""

    TYPE: ClassVar[str] = "CafcassReferralMade"

    alert_id: ObjectId
    by: Actor | None = None
    grounds: Annotated[str, personal(About.CHILD, "On what grounds.")] | None = None
    concurrent: Annotated[bool | None, Meta(description="Whether the ladder goes on beside it.")] = None


class CafcassOutcomeReceived(Event, frozen=True, kw_only=True):
    """CAFCASS answered."""

    TYPE: ClassVar[str] = "CafcassOutcomeReceived"

    alert_id: ObjectId
    outcome: Code
