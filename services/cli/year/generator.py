"""The sample year of a seed: the same bytes on every machine and under every Python; nobody in it is real.

It comes to what the annual reports of 2017-18 print (`figures`). Where they contradict themselves, or leave
something open, it makes these readings:

- **Reviews: 71, 96, 101, 103, 105.** 71 reviews of looked-after children and 34 of supervision orders,
  each counted by child: 105. The monthly table has 96 of them: those that a reviewing officer chaired; nine
  that the SQAS manager chaired are missing from it. Recommendations of 101 were distributed; those of the
  last four supervision order reviews were not. The 103 "from June to March" are not reproduced: with 15
  reviews in April and May, as the table has them, there are 90.
- **Out of timescale: one of 71, or two of 79.** One looked-after child's review was late, and one of a
  supervision order; the officer in post since June chaired both, among 79. Her predecessor chaired 15 in
  April and May, a locum two.
- **"Received within 3 working days".** Fits no one definition. The days before the review are reproduced,
  month by month, in calendar days; 14 of the 96 have no report, so that the details come to 82, as printed.
  What came after the review without a number of days came one day after it.
- **A report 37, 27 or 22 days before** came for an earlier date: the review was moved. Those of 37 days are
  five siblings', in November.
- **Left care: 17, or 18 by destination.** The young person who went home at 17 is one of the five who went
  home without an order; here four, and one.
- **On plans: 40 children, tables of 43.** Three plans were entered twice in the list and the second entries
  voided: the tables count entries, the categories children. Ages are those when the plan was made. The sexes
  are of 42, without the unborn child.
- **Conferences: 52.** Meetings, one for a whole family; 20 of them with domestic abuse are 38 percent, not
  the printed 37. 35 requests are children: 31 came on plans, 4 did not.
- **Domestic abuse and categories.** The families concerned are in the category of emotional abuse.
- **Ended after 6 to 12 months: 24 percent.** Of the 21 plans that ended.
- **A 28-day first review.** Twenty working days.
- **The reviewing officer** was appointed in May and in post from June; she is in post at the year's end.
- **Practice alerts.** No count is printed: fourteen, three of them repeats, none beyond the Head of Service.
- **One nursery, three investigations**, though two referrals are of the role: the third came through Ofsted.
- **Contacts and private fostering.** No count is printed: 420 contacts without a referral, 3 arrangements.

Of whoever was looked after, on a plan or under an order before April 2017, what came before is there too.
One entry in twelve of a visit is typed in late, some steps are out of timescale, now and then a review is
recorded twice.
"""

from typing import Final

from services.cli.year.alerts import practice_alerts
from services.cli.year.allegations import allegations
from services.cli.year.care import looked_after
from services.cli.year.contacts import contacts
from services.cli.year.diary import Diary, Entry
from services.cli.year.fostering import private_fostering
from services.cli.year.need import children_in_need
from services.cli.year.office import office
from services.cli.year.people import Nursery
from services.cli.year.protection import child_protection
from services.cli.year.quality import quality
from services.cli.year.reviews import plan
from services.cli.year.supervision import supervision_orders

SEED: Final = 2017


def entries(seed: int = SEED) -> list[Entry]:
    """The year in the order in which it was typed in: by `time`, save what was typed in late."""
    diary, nursery, plans = Diary(seed), Nursery(seed), plan(seed)
    office(diary)
    planned = child_protection(diary, nursery)
    lived = looked_after(diary, nursery, plans)
    supervision_orders(diary, nursery, plans)
    children_in_need(diary, nursery)
    contacts(diary, nursery)
    private_fostering(diary, nursery)
    allegations(diary)
    practice_alerts(diary, lived, planned, plans)
    quality(diary, lived, planned)
    return diary.entries()


def document(seed: int = SEED) -> bytes:
    """The year as NDJSON, one CloudEvent a line."""
    return b"".join(entry.line + b"\n" for entry in entries(seed))
