"""The 47 children who were looked after in the year, as a table: when they came, were reviewed, and went.

Times are months since 1 April 2017. 38 were looked after on that day; 9 came; 17 went; 30 stayed.
"""

from typing import Final

from msgspec import Struct

from services.domain.events.looked_after import Destination, LegalStatus

CAO, HOME = Destination.HOME_CHILD_ARRANGEMENT_ORDER, Destination.HOME_NO_ORDER
SGO, UASC = Destination.SGO_TO_FAMILY, Destination.UASC_CAO_TO_RELATIVES
AT_17, ADOPTED = Destination.CARE_LEAVER_HOME_AT_17, Destination.ADOPTED
ICO, S20, PO = LegalStatus.ICO, LegalStatus.S20, LegalStatus.PO


class Life(Struct, frozen=True, kw_only=True):
    """One looked-after period.

    `came` is given for those who came in the year; of the others `before` is the last review before it.
    """

    reviews: tuple[float, ...] = ()
    came: float | None = None
    before: float = 0.0
    went: float | None = None
    to: Destination | None = None
    legal: LegalStatus = LegalStatus.FCO
    siblings: int = 0
    """Those with the same number, other than 0, are of one family."""
    awaits_adoption: bool = False
    late: bool = False
    """Whether the last review was held out of timescale."""

    alerts: tuple[int, ...] = ()
    """After which of the reviews of the year a practice alert was raised; a second one is a repeat."""

    @property
    def last_before(self) -> float:
        """The last review before the year: less than six months before the first one in it."""
        return self.before or self.reviews[0] - 5.6


_STAYED: Final = (
    Life(reviews=(0.4, 6.1)),
    Life(reviews=(0.6, 6.3), alerts=(0,)),
    Life(reviews=(0.8, 6.5), legal=S20, alerts=(1,)),
    Life(reviews=(1.5, 7.2), alerts=(0, 1)),
    Life(reviews=(1.7, 7.4)),
    *(Life(reviews=(2.6, 7.75), siblings=1) for _ in range(5)),
    Life(reviews=(2.4, 7.6), alerts=(0, 1)),
    Life(reviews=(3.3, 7.3), siblings=2),
    Life(reviews=(3.5, 7.5), siblings=2),
    Life(reviews=(3.4, 8.3), alerts=(0, 1)),
    Life(reviews=(3.6, 8.4), legal=PO, awaits_adoption=True),
    Life(reviews=(3.8, 8.6), legal=ICO),
    Life(reviews=(4.3, 9.4), alerts=(1,)),
    Life(reviews=(4.5, 9.6), legal=S20),
    Life(reviews=(5.2, 9.5)),
    Life(reviews=(5.2, 10.4)),
    Life(reviews=(5.3, 10.5), alerts=(0,)),
    Life(reviews=(5.2, 11.7), late=True),
)
_CAME: Final = (
    Life(came=0.7, reviews=(1.55, 4.2, 9.7), legal=ICO),
    Life(came=1.1, reviews=(1.9,), legal=S20, went=3.0, to=UASC),
    Life(came=2.1, reviews=(2.85, 5.6, 11.2), legal=ICO),
    Life(came=3.1, reviews=(3.85, 6.5), legal=S20),
    Life(came=4.7, reviews=(5.5, 8.2), legal=ICO),
    Life(came=5.6, reviews=(6.3, 8.9), legal=S20),
    Life(came=6.8, reviews=(7.6, 10.25), legal=ICO),
    Life(came=8.4, reviews=(9.25,), legal=S20),
    Life(came=10.6, reviews=(11.4,), legal=ICO),
)
_WENT: Final = (
    Life(before=-3.0, went=1.2, to=CAO),
    Life(before=-5.0, reviews=(0.3,), went=2.3, to=CAO),
    Life(before=-4.9, reviews=(0.5,), went=4.5, to=CAO, legal=ICO),
    Life(before=-3.2, reviews=(2.3,), went=6.2, to=CAO),
    Life(before=-1.2, reviews=(4.3,), went=8.9, to=CAO, legal=ICO),
    Life(before=-2.5, went=0.8, to=HOME, legal=S20),
    Life(before=-4.7, reviews=(0.7,), went=3.4, to=HOME, legal=S20),
    Life(before=-3.9, reviews=(1.6,), went=7.2, to=HOME, legal=S20),
    Life(before=-3.0, reviews=(2.5, 7.6), went=10.4, to=HOME, alerts=(0,)),
    Life(before=-1.0, went=2.9, to=SGO),
    Life(before=-0.4, went=5.2, to=SGO, siblings=3),
    Life(before=-1.8, reviews=(3.7, 8.4), went=9.7, to=SGO, siblings=3),
    Life(before=-0.6, went=5.1, to=AT_17, legal=S20),
    Life(before=-2.0, went=1.9, to=ADOPTED, legal=PO),
    Life(before=-0.9, went=4.9, to=ADOPTED, legal=PO, siblings=4),
    Life(before=-0.7, went=5.0, to=ADOPTED, legal=PO, siblings=4),
)


class Order(Struct, frozen=True):
    """One supervision order: when it was made, and its reviews. `beside` are not in the monthly table."""

    made: float
    before: tuple[float, ...]
    reviews: tuple[float, ...]
    beside: tuple[float, ...] = ()


_ORDERS: Final = (
    Order(-0.5, (), (0.3, 2.8, 8.3)),
    Order(-0.4, (), (0.4, 2.9, 8.4)),
    Order(0.6, (), (1.4, 3.9, 9.4)),
    Order(0.8, (), (1.6, 4.2, 9.8), beside=(9.8,)),
    Order(1.4, (), (2.2, 4.8, 10.3), beside=(2.2,)),
    Order(1.7, (), (2.5, 5.2, 10.7), beside=(10.7,)),
    Order(2.4, (), (3.2, 5.8, 11.3)),
    Order(-4.0, (-3.2, -0.5), (3.4, 5.4, 7.5), beside=(3.4, 7.5)),
    Order(-3.6, (-2.8, -0.2), (3.6, 6.4, 7.7), beside=(6.4,)),
    Order(-5.0, (-4.2, -1.5), (4.3, 6.6, 8.6), beside=(4.3, 8.6)),
    Order(-2.9, (-2.1, -0.3), (5.5, 7.3), beside=(5.5,)),
    Order(-4.0, (-3.2, -0.6), (6.3, 7.8)),
)

LIVES: Final = {
    f"{group}-{nth}": life
    for group, lives in (("stayed", _STAYED), ("came", _CAME), ("went", _WENT))
    for nth, life in enumerate(lives)
}
ORDERS: Final = {f"order-{nth}": order for nth, order in enumerate(_ORDERS)}
LATE_ORDER: Final = "order-11"
"""The first of its reviews in the year was held out of timescale."""
