"""A look is on disk before it is answered; whatever else becomes of it, the answer is a problem."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest

from services.domain.access import Look
from services.ledger.batcher import Overloaded
from services.ledger.looks import Looks
from services.ledger.request import Answer, Appended, Away, Broken, MovedOn, Receipt, Refusal, Request, Reused
from services.runtime.problems import Problem

LOOK: Final = Look(case_id="case-1", who="worker:3", purpose="SUPERVISION")
RECEIPT: Final = Receipt("look-1", 7, 1, datetime(2017, 10, 2, tzinfo=UTC))


def answering(answer: Answer) -> Callable[[Sequence[Request]], None]:
    def submit(requests: Sequence[Request]) -> None:
        for request in requests:
            request.settle(answer)

    return submit


async def test_a_look_that_is_on_disk_has_a_receipt() -> None:
    assert await Looks(answering(Appended((RECEIPT,), fresh=True))).record(LOOK) == RECEIPT


async def test_each_look_is_an_event_of_its_own_in_the_log_of_its_case() -> None:
    asked: list[Request] = []

    def submit(requests: Sequence[Request]) -> None:
        asked.extend(requests)
        answering(Appended((RECEIPT,), fresh=True))(requests)

    looks = Looks(submit)
    await looks.record(LOOK)
    await looks.record(LOOK)
    first, second = (request.submissions[0] for request in asked)
    assert first.stream == second.stream == "access~case-1"
    assert first.id != second.id
    assert (first.actor, first.event) == ("worker:3", second.event)


@pytest.mark.parametrize(
    "answer",
    [
        Away(certain=True),
        Away(certain=False),
        Broken("Defect"),
        MovedOn(3),
        Refusal("only_looks", "", "/type", 0),
        Reused(("look-1",)),
    ],
    ids=repr,
)
async def test_a_look_that_is_not_surely_on_disk_is_a_problem(answer: Answer) -> None:
    with pytest.raises(Problem) as caught:
        await Looks(answering(answer)).record(LOOK)
    assert (caught.value.slug, caught.value.status) == ("look-not-recorded", 503)


async def test_a_look_that_a_full_queue_does_not_take_is_a_problem() -> None:
    def submit(_requests: Sequence[Request]) -> None:
        raise Overloaded

    with pytest.raises(Problem) as caught:
        await Looks(submit).record(LOOK)
    assert caught.value.slug == "look-not-recorded"
