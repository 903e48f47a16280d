"""Every event that the ledger knows, by family: one that joins its family's union is known everywhere."""

from typing import TYPE_CHECKING, get_args

from services.domain.events.access import AccessEvent
from services.domain.events.alert import AlertEvent, GoodPracticeRecorded
from services.domain.events.allegation import AllegationEvent
from services.domain.events.assessment import AssessmentEvent
from services.domain.events.care_planning import CarePlanningEvent
from services.domain.events.checklist import ChecklistEvent
from services.domain.events.child import ChildEvent
from services.domain.events.chronology import ChronologyEvent
from services.domain.events.conference import ConferenceEvent
from services.domain.events.contact import ContactEvent
from services.domain.events.correction import CorrectionEvent
from services.domain.events.early_help import EarlyHelpEvent
from services.domain.events.enquiry import EnquiryEvent
from services.domain.events.forgetting import ForgettingEvent
from services.domain.events.health_education import HealthEducationEvent
from services.domain.events.looked_after import LookedAfterEvent
from services.domain.events.office import OfficeEvent as SettingEvent
from services.domain.events.placement import PlacementEvent
from services.domain.events.plan import PlanEvent
from services.domain.events.private_fostering import PrivateFosteringEvent
from services.domain.events.quality import QualityEvent
from services.domain.events.referral import ReferralEvent
from services.domain.events.restriction import RestrictionEvent
from services.domain.events.review import ReviewEvent
from services.domain.events.shape import Event
from services.domain.events.strategy import StrategyEvent
from services.domain.events.viewing import ViewingEvent

if TYPE_CHECKING:
    from typing_extensions import TypeIs

NeedEvent = (
    ContactEvent
    | EarlyHelpEvent
    | ReferralEvent
    | AssessmentEvent
    | ChildEvent
    | QualityEvent
    | ChronologyEvent
)
ProtectionEvent = StrategyEvent | EnquiryEvent | ConferenceEvent | PlanEvent
CareEvent = (
    LookedAfterEvent
    | PlacementEvent
    | ReviewEvent
    | ChecklistEvent
    | CarePlanningEvent
    | HealthEducationEvent
    | PrivateFosteringEvent
)
ChildrensEvent = NeedEvent | ProtectionEvent | CareEvent  # facts of a child's case
FactEvent = ChildrensEvent | AllegationEvent  # what is folded as a fact, whatever was recorded before it
CaseEvent = (
    FactEvent | ForgettingEvent | AlertEvent | GoodPracticeRecorded | CorrectionEvent | RestrictionEvent
)
OfficeEvent = SettingEvent | AccessEvent
AnyEvent = CaseEvent | OfficeEvent | ViewingEvent

EVENT_TYPES: dict[str, type[Event]] = {event.TYPE: event for event in get_args(AnyEvent)}
FACT_TYPES: frozenset[str] = frozenset(event.TYPE for event in get_args(FactEvent))
# Of what belongs to forgetting, too, a case keeps each as a fact.
KEPT_AS_FACTS: frozenset[str] = FACT_TYPES | {event.TYPE for event in get_args(ForgettingEvent)}
CASE_EVENT_TYPES: frozenset[str] = frozenset(event.TYPE for event in get_args(CaseEvent))
OFFICE_EVENT_TYPES: frozenset[str] = frozenset(event.TYPE for event in get_args(OfficeEvent))
ACCESS_EVENT_TYPES: frozenset[str] = frozenset({ViewingEvent.TYPE})  # only the ledger itself records them


def is_fact(event: AnyEvent) -> "TypeIs[FactEvent]":
    """Whether it is folded as a fact: by its name, since `isinstance` asks each type of the union in turn."""
    return event.TYPE in FACT_TYPES
