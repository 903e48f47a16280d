"""Every event that the ledger knows, by family: one that joins its family's union is known everywhere."""

from typing import get_args

from services.domain.events.alert import AlertEvent, GoodPracticeRecorded
from services.domain.events.contact import ContactEvent
from services.domain.events.correction import CorrectionEvent
from services.domain.events.office import OfficeEvent
from services.domain.events.plan import PlanEvent
from services.domain.events.shape import Event
from services.domain.events.strategy import StrategyEvent

CaseEvent = ContactEvent | StrategyEvent | PlanEvent | AlertEvent | GoodPracticeRecorded | CorrectionEvent
AnyEvent = CaseEvent | OfficeEvent

EVENT_TYPES: dict[str, type[Event]] = {event.TYPE: event for event in get_args(AnyEvent)}
CASE_EVENT_TYPES: frozenset[str] = frozenset(event.TYPE for event in get_args(CaseEvent))
OFFICE_EVENT_TYPES: frozenset[str] = frozenset(event.TYPE for event in get_args(OfficeEvent))
