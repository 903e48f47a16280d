"""Practice alerts in each of their states, and every step that somebody may try to take of one."""

import pytest

from services.domain.events.alert import (
    Escalation,
    PracticeAlertRaised,
)
from tests.support.casework import (
    Story,
    accepted,
    acknowledged,
    bypassed,
    cafcass_outcome,
    cafcass_referral,
    cap_reached,
    escalated,
    exhausted,
    given,
    not_told,
    raised,
    rejected,
    resolved,
    responded,
    told,
    withdrawn,
)

STEPS = [
    acknowledged(),
    responded(),
    accepted(),
    rejected(),
    escalated(),
    exhausted(),
    cap_reached(),
    resolved(),
    withdrawn(),
]
STEPS_THAT_MOVE = STEPS[2:]
EVERYTHING = [*STEPS, cafcass_referral(), cafcass_outcome(), told(), not_told()]

AT_TEAM_MANAGER = given(raised())
AWAITING_IRO = given(raised(), responded())
REJECTED = given(raised(), responded(), rejected())
ACCEPTED = given(raised(), responded(), accepted())
AT_CHAIR = given(raised(), bypassed("LSCB_CHAIR"))
EXHAUSTED = AT_CHAIR.when(exhausted().at("2017-10-10")).then()
RESOLVED = given(raised(), resolved())
WITHDRAWN = given(raised(), withdrawn())
OPEN = {
    "at the Team Manager": AT_TEAM_MANAGER,
    "awaiting the IRO": AWAITING_IRO,
    "rejected": REJECTED,
    "accepted": ACCEPTED,
    "at the Chair": AT_CHAIR,
    "exhausted": EXHAUSTED,
}
CLOSED = {"resolved": RESOLVED, "withdrawn": WITHDRAWN}

every_open_state = pytest.mark.parametrize("story", OPEN.values(), ids=OPEN)
every_closed_state = pytest.mark.parametrize("story", CLOSED.values(), ids=CLOSED)


def escalation(story: Story) -> Escalation:
    event = story.records[-1].event
    assert isinstance(event, Escalation)
    return event


def raising(story: Story) -> PracticeAlertRaised:
    event = story.records[-1].event
    assert isinstance(event, PracticeAlertRaised)
    return event
