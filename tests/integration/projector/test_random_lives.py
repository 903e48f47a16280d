"""Random lives of children, told to a real ledger: what is live, rebuilt and asked of the past is one."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from services.projector.rebuild import rebuild
from services.runtime.client import Declined
from services.runtime.clock import text
from tests.integration.projector.ground import Asked, Ground
from tests.integration.projector.test_looking_back import ask
from tests.support.casework import Post, acknowledged, instant, raised, resolved, responded, voided
from tests.support.lives import facts

T = TypeVar("T")

BEGIN = instant("2018-04-01T09:00:00Z")
ALERTING = st.sampled_from([raised(), acknowledged(), responded(), resolved()])


SMALL = settings(
    max_examples=5,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # each step asks real services
)


async def test_what_is_live_is_what_is_rebuilt_and_what_is_answered_of_the_past(
    stage: Ground, projector: Asked
) -> None:
    loop = asyncio.get_running_loop()
    numbers, hours = count(1), count()

    class Life(Living):
        def __init__(self) -> None:
            super().__init__(stage, projector, f"case-{next(numbers)}", hours, loop)

    await asyncio.to_thread(run_state_machine_as_test, Life, settings=SMALL)
    live = await stage.rows()

    made = await rebuild(stage.settings().database_url, stage.ledger_url, lambda _done, _whole: None)

    assert await stage.rows(generation=made.number) == live
    assert live["case_status"]


class Living(RuleBasedStateMachine):
    """One child. Whatever is admitted is looked at at once, and looked back at in the end."""

    def __init__(
        self,
        stage: Ground,
        projector: Asked,
        case_id: str,
        hours: "count[int]",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__()
        self._stage = stage
        self._projector = projector
        self._case_id = case_id
        self._hours = hours
        self._loop = loop
        self._admitted: list[str] = []
        self._answered: dict[str, list[Any]] = {}

    @rule(fact=facts())
    def something_happens(self, fact: Post) -> None:
        self._tell(fact)

    @rule(step=ALERTING)
    def an_alert_is_raised_or_dealt_with(self, step: Post) -> None:
        self._tell(step)

    @precondition(lambda self: self._admitted)
    @rule(data=st.data())
    def something_turns_out_to_be_wrong(self, data: st.DataObject) -> None:
        self._tell(voided(data.draw(st.sampled_from(self._admitted))))

    def teardown(self) -> None:
        """Of every moment at which something was recorded, the answers are those that were given then."""
        for moment, answers in self._answered.items():
            assert self._wait(ask(self._projector, self._case_id, recorded_until=moment)) == answers

    def _tell(self, post: Post) -> None:
        moment = BEGIN + timedelta(hours=7 * next(self._hours))
        self._wait(self._go_to(moment))
        event_id = f"{self._case_id}-{len(self._answered)}"
        try:
            position = self._wait(self._stage.post(self._case_id, post.saying(id=event_id)))
        except Declined:
            return
        self._admitted.append(event_id)
        self._answered[text(moment)] = self._wait(ask(self._projector, self._case_id, wait_for=position))

    async def _go_to(self, moment: datetime) -> None:
        http: httpx.AsyncClient = self._projector.http
        for url in (self._stage.ledger_url, str(http.base_url)):
            (await http.put(f"{url}/v1/clock", json={"now": text(moment)})).raise_for_status()

    def _wait(self, something: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(_awaited(something), self._loop).result(timeout=60)


async def _awaited(something: Awaitable[T]) -> T:
    return await something
