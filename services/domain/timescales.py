"""Every timescale, as data: what is due when, by which document, since when.

Sources: the founding documents (by paragraph, as the annual reports of 2017-18 print them), Working Together
(WT), the Care Planning, Placement and Case Review Regulations 2010 (CPR), the Private Arrangements for
Fostering Regulations 2005, the IRO Handbook. A day from which a rule is in force stands where it is known; a
rule of the founding documents without one is taken for in force all along.
"""

from datetime import date
from typing import Final

from services.domain.timescale import Basis, Timescale, Unit

WT_2013: Final = date(2013, 4, 15)  # Working Together: 45 working days, no initial and core assessments
CPR_2010: Final = date(2011, 4, 1)  # the 2010 regulations, and the IRO Handbook
FOSTERING_2005: Final = date(2005, 7, 1)


def _rule(  # noqa: PLR0913, PLR0917 - a row of a table
    rule: str,
    timer: str,
    name: str,
    basis: Basis,
    source: str,
    limit: int,
    unit: Unit,
    starts: str,
    stops: str,
    *warn_at: int,
    since: date | None = None,
    until: date | None = None,
) -> Timescale:
    return Timescale(
        rule=rule,
        timer=timer,
        name=name,
        basis=basis,
        source=source,
        limit=limit,
        unit=unit,
        starts=starts,
        stops=stops,
        warn_at=warn_at,
        in_force_from=since,
        in_force_until=until,
    )


_S, _G, _L = Basis.STATUTE, Basis.GUIDANCE, Basis.LOCAL
_H, _D, _WD, _W, _M = Unit.HOURS, Unit.CALENDAR_DAYS, Unit.WORKING_DAYS, Unit.WEEKS, Unit.MONTHS

# fmt: off
_NEED: Final = (
    _rule("REFERRAL_DECISION", "D-REFERRAL-DECISION", "Decision on a contact", _G, "WT", 1, _WD,
          "ContactReceived", "ContactTriaged, ReferralAccepted", 0, since=WT_2013),
    _rule("ASSESS_45", "D-ASSESS", "Single assessment, 45 working days", _G, "WT; 002 says 45 days", 45, _WD,
          "ReferralAccepted", "AssessmentAuthorised", 10, 20, 40, since=WT_2013),
    _rule("ASSESS_40", "D-ASSESS", "Single assessment, Rutland's forty days", _L, "000, unit not said",
          40, _WD, "ReferralAccepted", "AssessmentAuthorised", 35),
    _rule("POLICE_PROTECTION", "D-POLICE-PROTECTION", "Police protection", _S, "Children Act 1989, s46(6)",
          72, _H, "ProtectiveActionTaken", "its end", 48),
)
_PROTECTION: Final = (
    _rule("ICPC", "D-ICPC", "Initial child protection conference", _G, "WT; 004 CP 8", 15, _WD,
          "StrategyHeld with an enquiry", "ConferenceHeld (initial), or none required", 10, since=WT_2013),
    _rule("RCPC_FIRST", "D-RCPC-1", "First review conference", _G, "WT; 000", 3, _M,
          "ConferenceHeld (initial)", "ConferenceHeld (review)", 2),
    _rule("RCPC_LATER", "D-RCPC", "Later review conference", _G, "WT; 000, 002", 6, _M,
          "ConferenceHeld (review)", "ConferenceHeld (review)", 5),
    _rule("CORE_GROUP_FIRST", "D-CORE-1", "First core group", _G, "WT", 10, _WD,
          "PlanMade (child protection)", "CoreGroupHeld", 7, since=WT_2013),
    _rule("CORE_GROUP_LATER", "D-CORE", "Later core group", _L, "local practice; 000 has no number", 6, _W,
          "CoreGroupHeld", "CoreGroupHeld", 5),
    _rule("CP_PLAN_TYPICAL", "D-CP-LENGTH", "Usual length of a child protection plan", _L, "004 3.6", 12, _M,
          "PlanMade (child protection)", "PlanEnded", 6),
    _rule("CP_PLAN_LONG_STAY", "D-CP-LONG-STAY", "Two years on a child protection plan", _L, "004 CP 11",
          24, _M, "PlanMade (child protection)", "PlanEnded", 18),
    _rule("REPORT_ICPC_AGENCY", "D-REPORT-ICPC", "Agency report for an initial conference", _L,
          "004 CP 3: 2 days", -2, _D, "the day it is held, or scheduled for", "AgencyReportReceived"),
    _rule("REPORT_RCPC_AGENCY", "D-REPORT-RCPC", "Agency report for a review conference", _L,
          "004 CP 3: 3 days", -3, _D, "the day it is held, or scheduled for", "AgencyReportReceived"),
    _rule("REPORT_ICPC_WORKER", "D-REPORT-ICPC-SW", "Social worker's report for an initial conference", _L,
          "004 CP 3", -1, _WD, "the day it is held, or scheduled for", "AgencyReportReceived (SOCIAL_CARE)"),
)
_CHILD_IN_NEED: Final = (
    _rule("CIN_CORE_GROUP", "D-CIN-CORE", "Child in need core group", _L, "003", 6, _W,
          "PlanMade (child in need), CoreGroupHeld", "CoreGroupHeld", 5),
    _rule("CIN_REVIEW_FIRST", "D-CIN-REVIEW-1", "First child in need review", _L, "003", 12, _W,
          "PlanMade (child in need)", "CinReviewHeld", 10),
    _rule("CIN_REVIEW_LATER", "D-CIN-REVIEW", "Later child in need review", _L, "003", 6, _M,
          "CinReviewHeld", "CinReviewHeld", 5),
    _rule("CIN_VISIT", "D-CIN-VISIT", "Child in need seen", _L, "003", 20, _WD,
          "PlanMade (child in need), ChildSeen", "ChildSeen", 15),
    _rule("FAMILY_NETWORK_MEETING", "D-FNM", "Family network meeting", _L, "003: 10 days", 10, _D,
          "PlanMade (child in need)", "FamilyNetworkMeetingHeld", 7),
)
_LOOKED_AFTER: Final = (
    _rule("IRO_APPOINTED", "D-IRO-APPOINT", "Reviewing officer appointed", _G, "IRO Handbook", 5, _WD,
          "ChildBecameLookedAfter", "IroAppointed", 4, since=CPR_2010),
    _rule("CLA_REVIEW_FIRST_20_WD", "D-CLA-REVIEW-1", "First review, 20 working days", _S, "CPR r.33; 7.17",
          20, _WD, "ChildBecameLookedAfter", "ReviewMeetingHeld", 10, since=CPR_2010),
    _rule("CLA_REVIEW_FIRST_28_DAYS", "D-CLA-REVIEW-1", "First review, the checklist's 28 days", _L,
          "004 appendix A", 28, _D, "ChildBecameLookedAfter", "ReviewMeetingHeld"),
    _rule("CLA_REVIEW_SECOND", "D-CLA-REVIEW-2", "Second review", _S, "CPR r.33; 7.17", 3, _M,
          "ReviewMeetingHeld (first)", "ReviewMeetingHeld", 2, since=CPR_2010),
    _rule("CLA_REVIEW_LATER", "D-CLA-REVIEW", "Later review", _S, "CPR r.33; 7.17", 6, _M,
          "ReviewMeetingHeld", "ReviewMeetingHeld", 5, since=CPR_2010),
    _rule("SO_REVIEW_FIRST", "D-SO-REVIEW-1", "First review of a supervision order", _L, "7.3", 20, _WD,
          "the order", "SupervisionOrderReviewHeld", 10),
    _rule("SO_REVIEW_SECOND", "D-SO-REVIEW-2", "Second review of a supervision order", _L, "7.3", 3, _M,
          "SupervisionOrderReviewHeld (first)", "SupervisionOrderReviewHeld", 2),
    _rule("SO_REVIEW_LATER", "D-SO-REVIEW", "Later review of a supervision order", _L, "7.3", 6, _M,
          "SupervisionOrderReviewHeld", "SupervisionOrderReviewHeld", 5),
    _rule("SW_REPORT", "D-SWREPORT", "Social worker's report for a review", _L, "6.9", -3, _WD,
          "the day the review is held, or scheduled for", "ReviewReportReceived (IRO)"),
    _rule("CARE_PLAN_DISTRIBUTED", "D-CAREPLAN-DIST", "Care plan before a review", _L, "6.13", -10, _WD,
          "the day the review is held, or scheduled for", "CarePlanDistributed"),
    _rule("REVIEW_RECOMMENDATIONS", "D-REVIEW-REC", "Recommendations of a review", _L, "6.3", 10, _WD,
          "ReviewMeetingHeld", "ReviewRecommendationsDistributed", 7),
    _rule("CHECKLIST", "D-CHECKLIST", "Checklist of a review", _L, "004 appendix A", 2, _WD,
          "ReviewMeetingHeld", "IroChecklistSubmitted"),
    _rule("CARE_PLAN_UPDATED", "D-CAREPLAN", "Care plan updated", _L, "6.13", 12, _M,
          "PlanMade (care), PlanRevised", "PlanRevised", 11),
    _rule("CLA_VISIT_FIRST", "D-CLA-VISIT-1", "First visit to a placement", _S, "CPR r.28", 1, _W,
          "PlacementStarted", "ChildSeen", since=CPR_2010),
    _rule("CLA_VISIT_LATER", "D-CLA-VISIT", "Later visit to a placement", _S, "CPR r.28", 6, _W,
          "ChildSeen", "ChildSeen", 5, since=CPR_2010),
    _rule("CLA_VISIT_PERMANENT", "D-CLA-VISIT-PERMANENT", "Visit to a permanent placement after a year", _S,
          "CPR r.28", 3, _M, "ChildSeen", "ChildSeen", 2, since=CPR_2010),
)
_HEALTH_EDUCATION: Final = (
    _rule("IHA", "D-IHA", "Initial health assessment", _S, "CPR r.7", 20, _WD,
          "ChildBecameLookedAfter", "HealthAssessmentCompleted", 10, since=CPR_2010),
    _rule("RHA_UNDER_5", "D-RHA-UNDER-5", "Review health assessment, under 5", _S, "CPR r.7", 6, _M,
          "HealthAssessmentCompleted", "HealthAssessmentCompleted", 5, since=CPR_2010),
    _rule("RHA_FROM_5", "D-RHA", "Review health assessment, from 5", _S, "CPR r.7", 12, _M,
          "HealthAssessmentCompleted", "HealthAssessmentCompleted", 11, since=CPR_2010),
    _rule("DENTAL", "D-DENTAL", "Dental check", _L, "004 appendix A", 12, _M,
          "ChildBecameLookedAfter, DentalCheckRecorded", "DentalCheckRecorded", 11),
    _rule("EYE", "D-EYE", "Eye check", _L, "004 appendix A", 24, _M,
          "ChildBecameLookedAfter, EyeCheckRecorded", "EyeCheckRecorded", 22),
    _rule("PEP_INITIATED_10_WD", "D-PEP-1", "Personal education plan initiated", _L, "local practice",
          10, _WD, "ChildBecameLookedAfter", "PepReviewed, PlanMade (education)"),
    _rule("PEP_COMPLETED_20_WD", "D-PEP-1", "Personal education plan completed", _L, "local practice",
          20, _WD, "ChildBecameLookedAfter", "PepReviewed, PlanMade (education)", 15),
    _rule("PEP_6_MONTHS", "D-PEP", "Education plan reviewed, 6 months", _S, "9.8, 10.9", 6, _M,
          "PepReviewed", "PepReviewed", 5),
    _rule("PEP_3_A_YEAR", "D-PEP", "Education plan reviewed, Rutland's three a year", _L, "9.8", 4, _M,
          "PepReviewed", "PepReviewed", 3),
    _rule("PATHWAY_PLAN", "D-PATHWAY", "Pathway plan", _S, "9.5", 3, _M,
          "the sixteenth birthday", "PathwayPlanMade, PlanMade (pathway)", 2),
)
_FOSTERING_AND_ALLEGATIONS: Final = (
    _rule("PF_FIRST_VISIT", "D-PF-VISIT-1", "First visit, private fostering", _S,
          "Fostering Regulations 2005, r.4; 000: a week", 7, _WD,
          "PrivateFosteringNotified", "PrivateFosteringVisitMade", 5, since=FOSTERING_2005),
    _rule("PF_FIRST_VISIT_WEEK", "D-PF-VISIT-1", "First visit, private fostering, within a week", _L, "000",
          1, _W, "PrivateFosteringNotified", "PrivateFosteringVisitMade"),
    _rule("PF_VISIT_FIRST_YEAR", "D-PF-VISIT-YEAR-1", "Visit in the first year of private fostering", _S,
          "Fostering Regulations 2005, r.8; 000", 6, _W,
          "PrivateFosteringVisitMade", "PrivateFosteringVisitMade", 5, since=FOSTERING_2005),
    _rule("PF_VISIT_LATER", "D-PF-VISIT", "Later visit, private fostering", _S,
          "Fostering Regulations 2005, r.8; 000", 12, _W,
          "PrivateFosteringVisitMade", "PrivateFosteringVisitMade", 11, since=FOSTERING_2005),
    _rule("LADO_REFER", "D-LADO-REFER", "Allegation passed on by the employer", _G, "WT", 1, _WD,
          "the employer's knowledge of it", "LadoReferralReceived"),
    _rule("LADO_DECIDE", "D-LADO-DECIDE", "Threshold decided", _G, "WT", 1, _WD,
          "LadoReferralReceived", "LadoThresholdDecided"),
    _rule("LADO_MEETING", "D-LADO-CSM", "Complex strategy meeting", _L, "local practice", 5, _WD,
          "LadoThresholdDecided (enquiry)", "ComplexStrategyMeetingHeld", 4),
    _rule("LADO_CONCLUDE", "D-LADO-CONCLUDE", "Allegation concluded", _G, "WT", 3, _M,
          "LadoReferralReceived", "LadoOutcomeRecorded, or logged or advised", 1, 2),
)
_LADDER: Final = (
    _rule("RESPONSE", "R", "Response of a rung to a practice alert", _L, "004 10.1", 5, _WD,
          "PracticeAlertRaised, EscalatedTo…", "ResponseReceived, PracticeAlertResolved", 3),
    _rule("CAP", "CAP", "Practice alert resolved within 20 working days", _G, "IRO Handbook 6.2", 20, _WD,
          "PracticeAlertRaised", "PracticeAlertResolved", 15, since=CPR_2010),
)

# What the founding documents ask for without a number, or of something that no event of a case begins.
NOT_TIMED: Final = {
    "T20": "a review is complete when the child has been seen: `ReviewCompleted`, flag `child_not_met`",
    "T28": "care proceedings, 26 weeks: no event tells of the issue or of the final order",
    "T37": "what private fostering is: more than 27 days, under 16, or 18 if disabled",
    "T38": "children three months away from home: services may be offered",
    "T39": "two audits a month of child protection cases: of the office, not of a case",
    "T40": "quarterly and monthly reports: of the office, not of a case",
    "T41": "allegations are passed on without delay: no number",
    "T42": "children over 11 are invited to their conference: `child_invited`",
    "T43": "core groups meet regularly: no number, see CORE_GROUP_LATER",
    "T44": "children on a child protection plan are visited regularly: no number",
}
# fmt: on

TIMESCALES: Final = (
    *_NEED,
    *_PROTECTION,
    *_CHILD_IN_NEED,
    *_LOOKED_AFTER,
    *_HEALTH_EDUCATION,
    *_FOSTERING_AND_ALLEGATIONS,
    *_LADDER,
)

LADDER_RULES: Final = tuple(
    each.rule for each in _LADDER
)  # of practice alerts, which have their own messages
