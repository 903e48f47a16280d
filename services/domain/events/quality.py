"""Quality: complaints, case audits, and what panels considered."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import About, Code, Event, ObjectId, OnDate, personal


class ComplaintStage(StrEnum):
    """With whom a complaint is: the worker or their manager, then the complaints team, then formally."""

    WORKER = "WORKER"
    MANAGER = "MANAGER"
    FORMAL = "FORMAL"


class AuditGrade(StrEnum):
    """Ofsted's four grades."""

    INADEQUATE = "INAD"
    REQUIRES_IMPROVEMENT = "RI"
    GOOD = "GOOD"
    OUTSTANDING = "OUT"


class Panel(StrEnum):
    """Which panel: for children at risk of becoming looked after and looked-after children, or another."""

    ARC_CLA = "ARC_CLA"
    OTHER = "OTHER"


class ComplaintReceived(Event, frozen=True, kw_only=True):
    """Somebody complained."""

    TYPE: ClassVar[str] = "ComplaintReceived"
    OBJECT: ClassVar[str | None] = "complaint_id"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    complaint_id: ObjectId
    stage: ComplaintStage | None = None
    on: OnDate = None
    text: Annotated[str, personal(About.FAMILY, "The complaint in words.")] | None = None


class ComplaintResolved(Event, frozen=True, kw_only=True):
    """A complaint was settled."""

    TYPE: ClassVar[str] = "ComplaintResolved"
    OBJECT: ClassVar[str | None] = "complaint_id"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    complaint_id: ObjectId
    stage: ComplaintStage | None = None
    on: OnDate = None
    text: Annotated[str, personal(About.FAMILY, "How it was settled.")] | None = None


class CaseAuditCompleted(Event, frozen=True, kw_only=True):
    """The case was audited; two child protection cases a month are to be."""

    TYPE: ClassVar[str] = "CaseAuditCompleted"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    grade: AuditGrade | None = None
    themes: Annotated[tuple[Code, ...], Meta(description="What the audit was about, or found.")] = ()
    on: OnDate = None


class PanelConsidered(Event, frozen=True, kw_only=True):
    """A panel considered the case."""

    TYPE: ClassVar[str] = "PanelConsidered"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    panel: Panel
    on: OnDate = None
    decision: Annotated[str, personal(About.CHILD, "What it decided.")] | None = None


QualityEvent = ComplaintReceived | ComplaintResolved | CaseAuditCompleted | PanelConsidered
