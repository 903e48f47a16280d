"""Two ledgers, two projectors and two notifiers at once: one order, one read model, one message."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from services.cli.year.days import CLOSE
from services.runtime.tls import authorities
from tests.support.audit import Audited, audit, take_as_sound
from tests.support.load import Writer, alert, complete, contact, resolved, writing
from tests.support.product import Product
from tests.support.tokens import BEARER

MONDAY = datetime(2018, 4, 9, 8, tzinfo=UTC)
"""The first one after the year that no bank holiday is near to."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(year_of_its_own: Path) -> AsyncIterator[Product]:
    async with Product(year_of_its_own, teams=2, clock=CLOSE) as product:
        await take_as_sound(product)
        yield product


async def test_two_ledgers_take_events_of_the_same_cases_in_one_order(product: Product) -> None:
    first, second = product.teams
    cases = [f"shared-{uuid4().hex[:8]}" for _ in range(3)]
    async with (
        writing(first.ledger, cases=cases) as one,
        writing(second.ledger, cases=cases) as other,
    ):
        await one.more(60)
        await other.more(60)
    await audit(product, [*one.acknowledged, *other.acknowledged])


async def test_an_event_sent_to_both_ledgers_at_once_is_appended_once(product: Product) -> None:
    first, second = product.teams
    async with Writer(first.ledger) as one, Writer(second.ledger) as other:
        for nth in range(20):
            event = complete(contact())
            case_id = f"sent-twice-{nth}"
            (mine,), (yours,) = await asyncio.gather(one.post(case_id, event), other.post(case_id, event))
            assert mine.receipt == yours.receipt
            assert {mine.status, yours.status} == {200, 201}
        await audit(product, one.acknowledged)


async def test_one_publishes_projects_and_notifies_and_the_other_takes_over(product: Product) -> None:
    _, second = product.teams
    async with writing(second.ledger) as load:
        await load.more(24)
        await product.kill("ledger", "projector", "notifier")
        await load.more(40)
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=60
        ) as client:
            # Whoever led is gone: the others publish, and project.
            last = max(each.receipt.position for each in load.acknowledged)
            reached = await client.get(f"{second.projector}/v1/cases", params={"wait_for": last})
            assert reached.status_code == 200
        await product.start("ledger", "projector", "notifier")
        await load.more(24)
    await audit(product, load.acknowledged)


async def test_two_notifiers_climb_each_rung_once_and_send_each_message_once(product: Product) -> None:
    await product.advance(MONDAY)
    async with Writer(product.ledger) as writer:
        cases = [f"watched-by-two-{nth}" for nth in range(6)]
        for case_id in cases:
            await writer.post(case_id, alert())
        await product.advance(MONDAY + timedelta(days=16))

        audited = await audit(product, writer.acknowledged)
    for case_id in cases:
        climbed = audited.of(case_id, "EscalatedToServiceManager", "EscalatedToHeadOfService")
        assert [climb.recordedat for climb in climbed] == ["2018-04-16T23:00:00Z", "2018-04-23T23:00:00Z"]
        ids = [each.data["notification_id"] for each in audited.of(case_id, "NotificationSent")]
        assert len(set(ids)) == len(ids)
        assert [audited.mails[each] for each in ids] == [1] * len(ids)
    await resolve(product, audited, cases)


async def resolve(product: Product, audited: Audited, cases: list[str]) -> None:
    """So that they do not climb on through what follows."""
    async with Writer(product.ledger) as writer:
        for case_id in cases:
            (raised,) = audited.of(case_id, "PracticeAlertRaised")
            await writer.post(case_id, resolved(raised.data["alert_id"]))


async def test_a_notifier_that_dies_half_way_up_leaves_the_other_to_go_on(product: Product) -> None:
    first, second = product.teams
    opening = MONDAY + timedelta(days=35)
    await product.advance(opening)
    async with Writer(second.ledger) as writer:
        cases = [f"taken-over-{nth}" for nth in range(4)]
        for case_id in cases:
            await writer.post(case_id, alert())
        await product.advance(opening + timedelta(days=7, hours=12))
        await product.kill("notifier")
        product.teams = [second]
        await product.advance(opening + timedelta(days=9))
        product.teams = [first, second]
        await product.start("notifier")

        audited = await audit(product, writer.acknowledged)
    for case_id in cases:
        (climb,) = audited.of(case_id, "EscalatedToServiceManager")
        assert not climb.flags


async def test_after_all_of_it_everything_is_there_and_shown_as_what_it_comes_to(product: Product) -> None:
    await audit(product, whole=True)
