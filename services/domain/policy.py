"""Who may do what: every action of every service, the roles that may, and what their answers may not say.

All of it is data, and nothing is allowed that is not in it. Whether a case exists for somebody, `restriction`
says.
"""

from enum import StrEnum
from typing import Final

from services.domain.events import CASE_EVENT_TYPES, EVENT_TYPES, OFFICE_EVENT_TYPES
from services.domain.events.correction import EventVoided
from services.domain.principal import Principal, Role, Roles

RECORDER, CASEWORKER, MANAGER, IRO = Role.RECORDER, Role.CASEWORKER, Role.MANAGER, Role.IRO
AUDITOR, REPORTER, OPERATOR = Role.AUDITOR, Role.REPORTER, Role.OPERATOR
NOTIFIER, PROJECTOR, LEDGER = Role.NOTIFIER, Role.PROJECTOR, Role.LEDGER

ALL: Final = frozenset(Role)
_CASEWORK: Final = frozenset({CASEWORKER, MANAGER, IRO})
_READERS: Final = _CASEWORK | {AUDITOR}
_SERVICES: Final = frozenset({NOTIFIER, PROJECTOR, LEDGER})


class Action(StrEnum):
    """What a request does. Each route of each service is exactly one."""

    PUBLIC = "public"
    POST_EVENTS = "post_events"
    POST_OFFICE = "post_office"
    READ_HISTORY = "read_history"
    READ_OFFICE = "read_office"
    REPLAY = "replay"
    UNSEAL = "unseal"
    READ_STATUS = "read_status"
    READ_LISTS = "read_lists"
    READ_CHRONOLOGY = "read_chronology"
    READ_DEADLINES = "read_deadlines"
    READ_ALERTS = "read_alerts"
    READ_NOTIFICATIONS = "read_notifications"
    READ_WORKLOAD = "read_workload"
    READ_COUNTS = "read_counts"
    READ_EVIDENCE = "read_evidence"
    READ_ACCESS_LOG = "read_access_log"
    READ_HEAD = "read_head"
    READ_CLOCK = "read_clock"
    READ_OPERATIONS = "read_operations"
    READ_DELIVERIES = "read_deliveries"
    RETRY_DELIVERY = "retry_delivery"
    MOVE_CLOCK = "move_clock"
    MANAGE_KEYS = "manage_keys"
    READ_RETENTION = "read_retention"
    ERASE = "erase"
    PREPARE_SUBJECT_ACCESS = "prepare_subject_access"


ACTIONS: Final[dict[Action, Roles]] = {
    Action.PUBLIC: ALL,
    Action.POST_EVENTS: _CASEWORK | {RECORDER, NOTIFIER, LEDGER},
    Action.POST_OFFICE: frozenset({MANAGER, OPERATOR, NOTIFIER, LEDGER}),
    Action.READ_HISTORY: _READERS | _SERVICES,
    Action.READ_OFFICE: frozenset({MANAGER, AUDITOR, OPERATOR}) | _SERVICES,
    Action.REPLAY: frozenset({AUDITOR}) | _SERVICES,
    Action.UNSEAL: _READERS,
    Action.READ_STATUS: _READERS | {NOTIFIER},
    Action.READ_LISTS: _READERS,
    Action.READ_CHRONOLOGY: _READERS,
    Action.READ_DEADLINES: _READERS | {NOTIFIER},
    Action.READ_ALERTS: _READERS | {NOTIFIER},
    Action.READ_NOTIFICATIONS: _READERS,
    Action.READ_WORKLOAD: frozenset({MANAGER, AUDITOR}),
    Action.READ_COUNTS: frozenset({MANAGER, IRO, AUDITOR, REPORTER, NOTIFIER}),
    Action.READ_EVIDENCE: _READERS | {RECORDER, OPERATOR, LEDGER},
    Action.READ_ACCESS_LOG: frozenset({AUDITOR}),
    Action.READ_HEAD: ALL - {REPORTER},
    Action.READ_CLOCK: ALL,
    Action.READ_OPERATIONS: frozenset({OPERATOR}) | _SERVICES,
    Action.READ_DELIVERIES: frozenset({AUDITOR, OPERATOR}),
    Action.RETRY_DELIVERY: frozenset({OPERATOR}),
    Action.MOVE_CLOCK: frozenset({OPERATOR, LEDGER}),
    Action.MANAGE_KEYS: frozenset({OPERATOR}),
    Action.READ_RETENTION: frozenset({MANAGER, AUDITOR, OPERATOR}),
    Action.ERASE: frozenset({OPERATOR}),
    Action.PREPARE_SUBJECT_ACCESS: frozenset({MANAGER}),
}

# What is said here of a type goes before what is said below of all events of a case, or of the office.
_STEPS: Final = frozenset({NOTIFIER, IRO})
POSTED: Final[dict[str, Roles]] = {
    "EscalatedToServiceManager": _STEPS,
    "EscalatedToHeadOfService": _STEPS,
    "EscalatedToDirectorOfChildrensServices": _STEPS,
    "EscalatedToLscbChair": _STEPS,
    "LadderExhausted": frozenset({NOTIFIER}),
    "StatutoryCapReached": frozenset({NOTIFIER}),
    "NotificationSent": frozenset({NOTIFIER}),
    "NotificationFailed": frozenset({NOTIFIER}),
    "PracticeAlertRaised": frozenset({RECORDER, IRO}),
    "PracticeAlertWithdrawn": frozenset({RECORDER, IRO}),
    "PracticeAlertResolved": frozenset({RECORDER, IRO}),
    "ResponseAccepted": frozenset({RECORDER, IRO}),
    "ResponseRejected": frozenset({RECORDER, IRO}),
    "CafcassReferralMade": frozenset({RECORDER, IRO}),
    "CafcassOutcomeReceived": frozenset({RECORDER, IRO}),
    "CaseRestricted": frozenset({MANAGER}),
    "RestrictionLifted": frozenset({MANAGER}),
    "BreakGlassUsed": _CASEWORK,
    "ApiKeyIssued": frozenset({OPERATOR}),
    "ApiKeyRevoked": frozenset({OPERATOR}),
    "LegalHoldPlaced": frozenset({MANAGER, OPERATOR}),
    "LegalHoldLifted": frozenset({MANAGER, OPERATOR}),
    "SubjectAccessPrepared": frozenset({MANAGER}),
    "SubjectAccessApproved": frozenset({MANAGER}),
    "ErasureDecided": frozenset({LEDGER}),
    "KeyDestroyed": frozenset({LEDGER}),
    "RecordViewed": frozenset({LEDGER}),
}
_OF_A_CASE: Final = _CASEWORK | {RECORDER}
_OF_THE_OFFICE: Final = frozenset({MANAGER, OPERATOR})
NOBODY: Final[Roles] = frozenset()

# Members of answers that only some may be given; one that is not here says nothing of a person or a case.
FIELDS: Final[dict[str, Roles]] = {
    "case_id": ALL - {REPORTER},
    "family_id": _READERS,
    "alert_id": ALL - {REPORTER, RECORDER},
    "alerts": _READERS | {NOTIFIER},
    "sentence": _READERS,
    "actor": ALL - {REPORTER, RECORDER},
    "onbehalfof": ALL - {REPORTER, RECORDER},
    "worker": _READERS | {NOTIFIER},
    "iro": _READERS,
    "chair": _READERS,
    "holder": _READERS | {NOTIFIER, OPERATOR},
    "raised_by": _READERS | {NOTIFIER},
    "answered_by": _READERS | {NOTIFIER},
    "workers": frozenset({MANAGER, AUDITOR}),
    "who": frozenset({AUDITOR}),
}


def may(principal: Principal, action: Action) -> bool:
    """Whether one of the principal's roles may do this; what is public needs none."""
    return action is Action.PUBLIC or bool(principal.roles & ACTIONS[action])


def posters(event_type: str) -> Roles:
    """The roles that may post events of a type."""
    if event_type in POSTED:
        return POSTED[event_type]
    if event_type == EventVoided.TYPE:
        return _OF_A_CASE | _OF_THE_OFFICE  # whatever stream it is in
    if event_type in CASE_EVENT_TYPES:
        return _OF_A_CASE
    return _OF_THE_OFFICE if event_type in OFFICE_EVENT_TYPES else NOBODY


def may_post(principal: Principal, event_type: str) -> bool:
    """Whether the principal's roles, and the types to which its key is bound, let it post this."""
    bound = principal.types is not None and event_type not in principal.types
    return event_type in EVENT_TYPES and not bound and bool(principal.roles & posters(event_type))


def denied_fields(principal: Principal) -> frozenset[str]:
    """The members that no answer to the principal may carry, at any depth."""
    return frozenset(name for name, roles in FIELDS.items() if not principal.roles & roles)
