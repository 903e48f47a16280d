"""What the annual reports of 2017-18 print: the year is made so that it comes to these numbers.

Sources: report 205 (allegations), 206 (independent reviewing), 207 (child protection) to the Children and
Young People Scrutiny Panel, 22 November 2018.
"""

from typing import Final

from services.domain.events.allegation import AdultRole, AllegationOutcome, Concern, Threshold
from services.domain.events.child import AgeBand, Ethnicity, Sex
from services.domain.events.looked_after import Destination
from services.domain.events.plan import AbuseCategory

# Child protection, report 207
REFERRALS: Final = 305
ENQUIRIES: Final = 94
"""Strategy discussions that decided on a section 47 enquiry."""
CONFERENCE_REQUESTS: Final = 35
CONFERENCES: Final = 52
CONFERENCES_WITH_DOMESTIC_ABUSE: Final = 20
CONFERENCES_WITHOUT_PLAN: Final = 4
CHILDREN_ON_PLANS: Final = 40
FAMILIES_ON_PLANS: Final = 20
ON_PLANS_AT_YEAR_END: Final = 19
ENDED_IN_6_TO_12_MONTHS: Final = 24
"""Percent of the plans that ended."""
CATEGORIES: Final = {AbuseCategory.EMOTIONAL: 20, AbuseCategory.NEGLECT: 18, AbuseCategory.SEXUAL: 2}
AGES: Final = {
    AgeBand.UNBORN: 1,
    AgeBand.UNDER_1: 2,
    AgeBand.FROM_1_TO_4: 10,
    AgeBand.FROM_5_TO_9: 14,
    AgeBand.FROM_10_TO_15: 15,
    AgeBand.FROM_16: 1,
}
ETHNICITIES: Final = {
    Ethnicity.WHITE_BRITISH: 38,
    Ethnicity.ANY_OTHER_WHITE: 4,
    Ethnicity.NOT_YET_OBTAINED: 1,
}
SEXES: Final = {Sex.MALE: 23, Sex.FEMALE: 19}
"""55 to 45, printed in percent; of 42, the unborn child not among them."""
CASE_AUDITS: Final = (2, 1, 2, 2, 1, 2, 1, 2, 2, 2, 1, 2)
"""By month from April; in four months there was only one."""

# Independent reviewing, report 206
REVIEWS: Final = 71
REVIEWS_IN_TIME: Final = 70
SUPERVISION_ORDER_REVIEWS: Final = 34
DISTRIBUTIONS: Final = 101
DISTRIBUTIONS_IN_TIME: Final = 86
CHAIRED_BY_IRO: Final = 79
CHAIRED_BY_IRO_LATE: Final = 2
NEWLY_ACCOMMODATED: Final = 9
LOOKED_AFTER_AT_YEAR_END: Final = 30
DESTINATIONS: Final = {
    Destination.HOME_CHILD_ARRANGEMENT_ORDER: 5,
    Destination.HOME_NO_ORDER: 4,
    Destination.SGO_TO_FAMILY: 3,
    Destination.UASC_CAO_TO_RELATIVES: 1,
    Destination.CARE_LEAVER_HOME_AT_17: 1,
    Destination.ADOPTED: 3,
}
"""17 left; 14 of them to their families."""
AWAITING_ADOPTION: Final = 1
ADVOCACY: Final = 11
"""Children who used it."""
REVIEWS_BY_MONTH: Final = (8, 7, 12, 10, 6, 9, 7, 15, 8, 6, 4, 4)
REPORTS_BY_MONTH: Final = (
    {2: 3, 0: 3, -12: 2},
    {3: 1, 2: 2},
    {27: 1, 2: 3, 1: 2, 0: 4, -11: 1},
    {6: 1, 5: 1, 3: 1, 1: 6, 0: 1},
    {2: 1, 1: 5},
    {2: 2, 1: 1, 0: 1, -3: 1, -4: 1},
    {10: 1, 3: 1, 1: 5},
    {37: 5, 3: 3, 2: 2, 0: 2},
    {5: 2, 2: 4, 1: 1, -5: 1},
    {4: 1, 2: 2},
    {22: 1, 1: 1, 0: 1, -1: 1},
    {10: 1, 2: 1, 0: 2},
)
"""By month from April: how many reports came so many days before the review (negative: after it)."""

# Allegations, report 205
ROLES: Final = {
    AdultRole.EDUCATION_SCHOOL_COLLEGE: 11,
    AdultRole.EDUCATION_NURSERY: 2,
    AdultRole.RESIDENTIAL_CARE_CHILDREN: 17,
    AdultRole.CHILD_MINDERS: 1,
    AdultRole.TRANSPORT: 1,
    AdultRole.SOCIAL_CARE: 4,
    AdultRole.HEALTH: 1,
    AdultRole.OFSTED: 2,
    AdultRole.LADO_OTHER_LA: 1,
    AdultRole.OTHER: 3,
}
CONCERNS: Final = {
    Concern.PHYSICAL: 14,
    Concern.SEXUAL: 11,
    Concern.NEGLECT: 2,
    Concern.EMOTIONAL: 4,
    Concern.CSE: 5,
    Concern.OTHER: 7,
}
THRESHOLDS: Final = {
    Threshold.LOGGED_CLOSED: 14,
    Threshold.INTERNAL_ENQUIRY_CSM: 10,
    Threshold.ADVICE: 19,
}
OUTCOMES: Final = {
    AllegationOutcome.SUBSTANTIATED: 8,
    AllegationOutcome.UNFOUNDED: 1,
    AllegationOutcome.UNSUBSTANTIATED: 1,
}

# Not printed: chosen as such a year would have it.
ALERTS: Final = 14
ALERTS_REPEATED: Final = 3
