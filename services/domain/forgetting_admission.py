"""Admit or refuse what belongs to forgetting: nothing held is erased, nothing early, and nothing comes back.

An erasure by retention is decided by the rules in force that day; one on another basis waits for no date.
A legal hold stops both.
"""

from datetime import date, datetime
from typing import Final, assert_never

from msgspec.structs import replace

from services.domain import calendar, retention
from services.domain.case import Case, walk
from services.domain.event import Recorded, Submission
from services.domain.events.forgetting import (
    ErasureBasis,
    ErasureDecided,
    ForgettingEvent,
    KeyDestroyed,
    LegalHoldLifted,
    LegalHoldPlaced,
    SubjectAccessApproved,
    SubjectAccessPrepared,
)
from services.domain.events.shape import Event
from services.domain.office import Office
from services.domain.personal import split
from services.domain.retention import Due, Kept, KeptReason
from services.domain.verdict import Admitted, Refused

A_SYSTEMS_WORD: Final = "a_systems_word"
"""A client system posted the approval, or said who prepared it: that two people did it is its word."""
MISSING: Final = {
    KeptReason.GOING_ON: "It goes on: close the case, its alerts and arrangements first.",
    KeptReason.BIRTH_UNKNOWN: "It is kept by the child's age: record the month of birth first.",
    KeptReason.ERASED: "Its erasure was decided before.",
}


def admit(
    case: Case, submission: Submission, event: ForgettingEvent, now: datetime, office: Office
) -> Admitted | Refused:
    """Say whether it can be done to the case. Pure, as all admission is."""
    match event:
        case LegalHoldPlaced(hold_id=hold_id):
            return _hold(case, event, hold_id)
        case LegalHoldLifted(hold_id=hold_id):
            if hold_id in retention.held_by(case.facts):
                return Admitted(event)
            return Refused("no_such_hold", f"`{hold_id}` is no hold that stands.", "/data/hold_id")
        case ErasureDecided():
            return _erase(case, event, calendar.london_date(now), office)
        case KeyDestroyed():
            if case.facts.has(KeyDestroyed) or not case.facts.has(ErasureDecided):
                return Refused("no_erasure_open", "No erasure of this case waits for its key.", "/type")
            return Admitted(event)
        case SubjectAccessPrepared():
            return Admitted(replace(event, by=event.by or submission.author))
        case SubjectAccessApproved():
            return _approve(case, submission, event)
        case _:
            assert_never(event)


def refuse_personal(case: Case, event: Event) -> Refused | None:
    """Why nothing personal comes to a case whose erasure was decided: no key would ever seal it."""
    if not case.facts.has(ErasureDecided):
        return None
    given = next(iter(split(event)[1]), None)
    if given is None:
        return None
    reason = "The case is erased: record codes and dates only, or use a case of its own."
    return Refused("erased", reason, f"/data/{given}")


def refuse_void(target: Recorded) -> Refused | None:
    """Why an event of this kind is not voided: what it says has been done."""
    match target.event:
        case ErasureDecided() | KeyDestroyed():
            return Refused("erasure_stands", "What is erased does not come back.", "/data/target_event_id")
        case LegalHoldPlaced():
            return Refused("hold_is_lifted", "Post `LegalHoldLifted` instead.", "/data/target_event_id")
        case _:
            return None


def _hold(case: Case, event: LegalHoldPlaced, hold_id: str) -> Admitted | Refused:
    if case.facts.has(ErasureDecided):
        return Refused("erased", "Its erasure was decided: nothing is left to hold.", "/type")
    if case.facts.about(LegalHoldPlaced, hold_id):
        return Refused("hold_known", "Place a new hold under an id of its own.", "/data/hold_id")
    return Admitted(event)


def _erase(case: Case, event: ErasureDecided, today: date, office: Office) -> Admitted | Refused:
    if holds := retention.held_by(case.facts):
        return Refused("legal_hold", f"`{holds[0]}` holds it: lift that first.", "/type")
    found = retention.due_on(case, office, today)
    if found == Kept(KeptReason.ERASED):
        return Refused("erasure_decided", MISSING[KeptReason.ERASED], "/type")
    if event.basis is not ErasureBasis.RETENTION:
        return Admitted(replace(event, rule=None, policy_version=None, due_on=None))
    if isinstance(found, Kept):
        return Refused("not_due", MISSING[found.reason], "/data/basis")
    if found.on > today:
        return Refused("not_due", _not_before(found), "/data/basis")
    return Admitted(replace(event, rule=found.rule, policy_version=found.policy_version, due_on=found.on))


def _not_before(found: Due) -> str:
    return f"By {found.rule} it is kept until {found.on}; earlier it needs another basis."


def _approve(case: Case, submission: Submission, event: SubjectAccessApproved) -> Admitted | Refused:
    prepared = _prepared(case, event.request_id)
    if prepared is None:
        return Refused("no_such_request", "Nothing was prepared under that id.", "/data/request_id")
    archive, by, vouched_for = prepared
    if archive.archive_sha256 != event.archive_sha256:
        return Refused("another_archive", "It is not the archive that was prepared.", "/data/archive_sha256")
    if not by.isdisjoint({event.by, submission.person}):
        at = "/data/by" if event.by in by else "/actor"
        return Refused("preparer_may_not_approve", "Somebody else is to look it through.", at)
    if _approved(case, event):
        return Refused("approved_before", "It was approved, and may be given out.", "/data/archive_sha256")
    return Admitted(event, (A_SYSTEMS_WORD,) if submission.by_system or vouched_for else ())


def _approved(case: Case, event: SubjectAccessApproved) -> bool:
    return any(
        isinstance(record.event, SubjectAccessApproved)
        and record.event.request_id == event.request_id
        and record.event.archive_sha256 == event.archive_sha256
        and record.caseversion not in case.voided
        for record in walk(case.last)
    )


def _prepared(case: Case, request_id: str) -> tuple[SubjectAccessPrepared, set[str], bool] | None:
    """What was prepared last for a request, who did, and whether a client system says so."""
    for record in walk(case.last):
        event = record.event
        if (
            isinstance(event, SubjectAccessPrepared)
            and event.request_id == request_id
            and record.caseversion not in case.voided
        ):
            return event, {who for who in (event.by, record.author) if who}, record.onbehalfof is not None
    return None
