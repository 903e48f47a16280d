"""How long a case is kept, as data: which rule, by which document, counted from what, in force since when.

Where neither law nor guidance says, the number is local policy, and says so: an authority sets its own by
adopting the policy `RETENTION`. Sources, looked up in November 2026: the Care Planning, Placement and Case
Review (England) Regulations 2010 (CPR), the Disclosure of Adoption Information (Post-Commencement Adoptions)
Regulations 2005, Keeping Children Safe in Education (KCSIE), and the published schedules of authorities
(North Somerset, Blackpool and Devon) for what no document settles.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from services.domain.events.forgetting import RetentionRule
from services.domain.timescale import Basis

VERSION: Final = "2026-11"  # of this table: an erasure names it


class Counted(StrEnum):
    """From what the years of a rule are counted."""

    BIRTH = "BIRTH"
    """The last day of the month in which the child was born: the day itself is sealed."""
    DEATH = "DEATH"
    ORDER = "ORDER"
    """The adoption order."""
    REFERRAL = "REFERRAL"
    """The last referral of an allegation."""
    LAST = "LAST"
    """The last that is known to have happened in the case."""


class Retention(Struct, frozen=True, kw_only=True):
    """One rule; each `until` is the first day on which it is so no longer.

    In force are days of asking; `starts_from` and `starts_until` bound the day from which it counts.
    """

    rule: RetentionRule
    name: str
    years: int
    counted: Counted
    basis: Basis
    source: str
    in_force_from: date | None = None
    in_force_until: date | None = None
    starts_from: date | None = None
    starts_until: date | None = None

    def holds(self, asked: date, start: date) -> bool:
        """Whether what is counted from `start` is kept by it, if one asks on `asked`."""
        return _within(asked, self.in_force_from, self.in_force_until) and _within(
            start, self.starts_from, self.starts_until
        )


def _within(day: date, first: date | None, until: date | None) -> bool:
    return (first is None or first <= day) and (until is None or day < until)


_S, _G, _L = Basis.STATUTE, Basis.GUIDANCE, Basis.LOCAL
CPR_2010: Final = date(2011, 4, 1)
ADOPTION_2005: Final = date(2005, 12, 30)
SCHEDULES: Final = "no law settles it; authorities' schedules say"

RETENTIONS: Final = (
    Retention(
        rule=RetentionRule.ADOPTION,
        name="Adopted child",
        years=100,
        counted=Counted.ORDER,
        basis=_S,
        source="Disclosure of Adoption Information Regulations 2005, r.6",
        starts_from=ADOPTION_2005,
    ),
    Retention(
        rule=RetentionRule.ADOPTION,
        name="Adopted child, order before 30 December 2005",
        years=100,
        counted=Counted.ORDER,
        basis=_L,
        source="kept as later ones are, for no law that was found asks for longer",
        starts_until=ADOPTION_2005,
    ),
    Retention(
        rule=RetentionRule.LOOKED_AFTER,
        name="Looked-after child",
        years=75,
        counted=Counted.BIRTH,
        basis=_S,
        source="CPR r.50(1)(a): until the seventy-fifth anniversary of birth",
        in_force_from=CPR_2010,
    ),
    Retention(
        rule=RetentionRule.LOOKED_AFTER_DIED,
        name="Looked-after child who died before 18",
        years=15,
        counted=Counted.DEATH,
        basis=_S,
        source="CPR r.50(1)(b): for fifteen years beginning with the date of death",
        in_force_from=CPR_2010,
    ),
    Retention(
        rule=RetentionRule.CHILD_PROTECTION,
        name="Child protection, a strategy discussion or more",
        years=35,
        counted=Counted.LAST,
        basis=_L,
        source=f"{SCHEDULES} 35 years after the case was closed or last contact",
    ),
    Retention(
        rule=RetentionRule.CHILD_IN_NEED,
        name="Referral, assessment, child in need",
        years=30,
        counted=Counted.BIRTH,
        basis=_L,
        source=f"{SCHEDULES} age 21 to 30; the longest of them",
    ),
    Retention(
        rule=RetentionRule.PRIVATE_FOSTERING,
        name="Private fostering",
        years=30,
        counted=Counted.BIRTH,
        basis=_L,
        source="the Private Arrangements for Fostering Regulations 2005 do not say; as for a child in need",
    ),
    Retention(
        rule=RetentionRule.EARLY_HELP,
        name="Early help",
        years=30,
        counted=Counted.BIRTH,
        basis=_L,
        source="no law settles it; as for a child in need",
    ),
    Retention(
        rule=RetentionRule.CONTACT_ONLY,
        name="Contact without action",
        years=6,
        counted=Counted.LAST,
        basis=_L,
        source=f"{SCHEDULES} 6 years from last contact, after the Limitation Act 1980",
    ),
    Retention(
        rule=RetentionRule.ALLEGATION,
        name="Allegation against an adult, 10 years",
        years=10,
        counted=Counted.REFERRAL,
        basis=_G,
        source="KCSIE part four: until normal pension age, or 10 years if that is longer",
    ),
    Retention(
        rule=RetentionRule.ALLEGATION_PENSION_AGE,
        name="Allegation against an adult, pension age",
        years=52,
        counted=Counted.REFERRAL,
        basis=_G,
        source="KCSIE part four; with the adult's age unknown: 68, for one who was 16",
    ),
    Retention(
        rule=RetentionRule.OTHER,
        name="Anything else",
        years=30,
        counted=Counted.BIRTH,
        basis=_L,
        source="as for a child in need",
    ),
)

# The years by which a looked-after child was kept before the regulations of 2010 are taken to be theirs.
BEFORE_2010: Final = tuple(
    Retention(
        rule=each.rule,
        name=f"{each.name}, asked before April 2011",
        years=each.years,
        counted=each.counted,
        basis=_L,
        source="as the regulations of 2010 say",
        in_force_until=CPR_2010,
    )
    for each in RETENTIONS
    if each.in_force_from == CPR_2010
)
ALL_RETENTIONS: Final = (*RETENTIONS, *BEFORE_2010)
COUNTED_BY_RULE: Final = {each.rule: each.counted for each in RETENTIONS}
