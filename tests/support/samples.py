"""One valid sample of every event type, with every field that a client may give filled in."""

from typing import Any, Final

from tests.support.samples_of_casework import ALLEGATION, CHILD, FORGETTING, TEXT

_ALERT: Final = {"alert_id": "alert-1"}
_ESCALATION: Final = {**_ALERT, "trigger": "IRO_BYPASS"}
_WINDOW: Final = {"day0": "2017-10-02", "due_on": "2017-10-09", "calendar_version": "2026-01-01"}
_NOTIFICATION: Final = {
    **_ALERT,
    "notification_id": "7a3c1e52-6f0e-5d0c-9a54-0c1f3c1c8a11",
    "kind": "RUNG_TOLD",
    "attempt": 2,
    "rung": "TEAM_MANAGER",
    "holder": "manager:4",
    "channel": "EMAIL",
}

# The `data` of each type.
SAMPLES: Final[dict[str, dict[str, Any]]] = {
    **CHILD,
    **ALLEGATION,
    **FORGETTING,
    "ContactReceived": {
        "contact_id": "contact-1",
        "received_at": "2017-09-29T15:10:00Z",
        "channel": "phone",
        "source_code": "2A",
        "anonymous": False,
        "referrer": TEXT,
        "concern_categories": ["NEGLECT", "DOMESTIC_VIOLENCE"],
        "immediate_danger": False,
        "summary": TEXT,
    },
    "StrategyHeld": {
        "strategy_id": "strategy-1",
        "decision": "S47_JOINT",
        "held_at": "2017-10-01T10:00:00Z",
        "agencies": ["POLICE", "HEALTH"],
        "immediate_protection": True,
    },
    "PlanMade": {
        "plan_id": "plan-1",
        "plan_kind": "CP",
        "made_on": "2017-10-02",
        "category": "NEG",
        "previous_cp_count": 1,
        "conference_id": "conference-1",
    },
    "InformalResolutionAttempted": {
        **_ALERT,
        "with_role": "TEAM_MANAGER",
        "on": "2017-09-29",
        "note": TEXT,
    },
    "PracticeAlertRaised": {
        **_ALERT,
        "issue_code": "CARE_PLAN_DRIFT",
        "origin": "CLA_REVIEW",
        "origin_id": "review-1",
        "raised_by": "iro:17",
        "raised_by_role": "IRO",
        "issue": TEXT,
        **_WINDOW,
        "cap_on": "2017-10-30",
        "repeat_of": "alert-0",
    },
    "PracticeAlertAcknowledged": {**_ALERT, "by": "manager:4", "by_role": "TEAM_MANAGER"},
    "ResponseReceived": {
        **_ALERT,
        "rung": "TEAM_MANAGER",
        "responder": "manager:4",
        "proposes": "ACTION_PLAN",
        "text": TEXT,
    },
    "ResponseAccepted": {**_ALERT, "by": "iro:17", "review_on": "2017-11-01"},
    "ResponseRejected": {**_ALERT, "by": "iro:17", "reason": TEXT},
    "EscalatedToServiceManager": {**_ESCALATION, "from_rung": "TEAM_MANAGER", **_WINDOW},
    "EscalatedToHeadOfService": {**_ESCALATION, "skipped_rungs": ["SERVICE_MANAGER"], **_WINDOW},
    "EscalatedToDirectorOfChildrensServices": {
        **_ESCALATION,
        "skipped_rungs": ["SERVICE_MANAGER", "HEAD_OF_SERVICE"],
        **_WINDOW,
    },
    "EscalatedToLscbChair": {
        **_ESCALATION,
        "skipped_rungs": ["SERVICE_MANAGER", "HEAD_OF_SERVICE", "DIRECTOR_OF_CHILDRENS_SERVICES"],
        **_WINDOW,
    },
    "LadderExhausted": {**_ALERT, "due_on": "2017-11-06"},
    "StatutoryCapReached": {**_ALERT, "cap_on": "2017-10-30"},
    "CafcassReferralMade": {**_ALERT, "by": "iro:17", "grounds": TEXT, "concurrent": True},
    "CafcassOutcomeReceived": {**_ALERT, "outcome": "NO_FURTHER_ACTION"},
    "PracticeAlertResolved": {
        **_ALERT,
        "resolution": "ACTION_TAKEN",
        "resolved_on": "2017-10-02",
        "at_rung": "TEAM_MANAGER",
    },
    "PracticeAlertWithdrawn": {**_ALERT, "by": "iro:17", "reason": TEXT},
    "NotificationSent": _NOTIFICATION,
    "NotificationFailed": {**_NOTIFICATION, "error": "MAILBOX_UNAVAILABLE"},
    "GoodPracticeRecorded": {**_ALERT, "what": TEXT, "told": TEXT},
    "EventVoided": {"target_event_id": "event-1", "reason": TEXT, "replaced_by": "event-2"},
    "CaseRestricted": {"reason": "STAFF_RELATIVE", "allowed": ["sw:1", "iro:17"], "denied": ["sw:2"]},
    "RestrictionLifted": {},
    "BreakGlassUsed": {
        "purpose": "CHILD_AT_RISK",
        "reason": TEXT,
        "by": "sw:3",
        "until": "2017-10-02T16:30:00Z",
    },
    "ApiKeyIssued": {
        "key_id": "k7f3q2xw",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "client": "front-door",
        "roles": ["recorder"],
        "source": "/front-door",
        "types": ["ContactReceived", "StrategyHeld"],
        "expires_at": "2018-10-02T09:00:00Z",
        "replaces": "k0000000",
    },
    "ApiKeyRevoked": {"key_id": "k7f3q2xw", "from": "2018-03-01T09:00:00Z"},
    "RecordViewed": {
        "case_id": "case-1",
        "purpose": "SUPERVISION",
        "fields": ["ContactReceived.referrer", "ContactReceived.summary"],
        "versions": "1-4,7",
        "teams": ["PROTECTION_TEAM"],
    },
    "RungHolderAppointed": {
        "rung": "TEAM_MANAGER",
        "holder": "manager:4",
        "name": TEXT,
        "team": "PROTECTION_TEAM",
        "channels": [
            {"kind": "EMAIL", "address": "team.manager@example.org"},
            {"kind": "WEBHOOK", "address": "https://example.org/hook"},
        ],
        "from": "2017-09-01",
        "until": "2018-09-01",
    },
    "ClosureDaysSet": {"dates": ["2017-12-27", "2017-12-28"]},
    "PolicyAdopted": {
        "name": "THRESHOLD_DOCUMENT",
        "version": "2017",
        "from": "2017-04-01",
        "retention": [{"rule": "CONTACT_ONLY", "years": 8}],
    },
    "RungHolderStoodDown": {"rung": "TEAM_MANAGER", "holder": "manager:4", "on": "2018-03-01"},
}

# What a CloudEvent may say beside its data.
ATTRIBUTES: Final[dict[str, str]] = {
    "time": "2017-10-02T08:30:00Z",
    "actor": "iro:17",
    "actorrole": "IRO",
    "correlationid": "review-1",
    "causationid": "event-0",
}


def cloudevent(name: str, number: int = 1, source: str = "/samples") -> dict[str, Any]:
    """A sample as a complete CloudEvent, as a client posts it."""
    return {
        "specversion": "1.0",
        "id": f"sample-{number}-{name}",
        "source": source,
        "type": name,
        **ATTRIBUTES,
        "data": SAMPLES[name],
    }
