"""The families with an initial conference in the year or before it, as a table: twenty on plans, four not."""

from typing import Final

from msgspec import Struct

from services.domain.events.plan import AbuseCategory

EMO, NEG, SAB = AbuseCategory.EMOTIONAL, AbuseCategory.NEGLECT, AbuseCategory.SEXUAL


class Family(Struct, frozen=True):
    """How it went: months since April 2017 of the initial conference and of each review of the plan.

    `over` says that the last review discharged the children. A family without reviews and without a
    category had a conference that made no plan.
    """

    children: int
    category: AbuseCategory | None
    initial: float
    reviews: tuple[float, ...] = ()
    over: bool = False
    abuse: bool = False
    """Whether domestic abuse was a factor."""


FAMILIES: Final = (
    Family(2, EMO, -12.0, (-9.1, -3.6, 1.9), over=True),
    Family(2, EMO, -10.0, (-7.1, -1.6, 3.9, 9.5), over=True),
    Family(1, EMO, -5.0, (-2.1, 3.4, 8.9), over=True),
    Family(2, NEG, -2.0, (0.8, 6.4)),
    Family(2, NEG, -2.6, (0.3, 5.8), over=True),
    Family(2, EMO, 1.15, (3.6, 8.9), abuse=True),
    Family(3, EMO, 1.1, (3.9,), over=True, abuse=True),
    Family(1, NEG, 1.3, (4.0, 9.4), over=True),
    Family(2, EMO, 1.6, (4.4, 8.6), over=True, abuse=True),
    Family(2, NEG, 2.1, (4.9, 10.0)),
    Family(3, NEG, 2.6, (5.4,), over=True),
    Family(2, EMO, 3.2, (5.9, 10.9), abuse=True),
    Family(1, EMO, 3.9, (6.7, 11.3), abuse=True),
    Family(2, EMO, 4.5, (7.2, 11.5), abuse=True),
    Family(2, SAB, 5.3, (8.1,), over=True),
    Family(3, EMO, 5.9, (8.7, 11.6), abuse=True),
    Family(3, NEG, 6.6, (9.3,), over=True),
    Family(2, NEG, 6.9, (9.6, 11.7)),
    Family(2, NEG, 8.3, (10.9,)),
    Family(1, NEG, 9.2, (11.8,)),
    Family(1, None, 2.2),
    Family(1, None, 5.1),
    Family(1, None, 9.7),
    Family(1, None, 10.8),
)
