"""What a crash around an escalation or a message leaves: each rung climbed once, nobody left untold.

One product lives through all of it, its clock going on from test to test.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from services.stack.errors import StackError
from tests.support.audit import Audited, audit
from tests.support.load import Writer, alert, appointments, resolved
from tests.support.product import OPENING, Link, Product
from tests.support.proxy import Proxy, Trap
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TO_LEDGER = ("notifier", "ledger")
TO_MAIL = ("notifier", "mail")

Fault = Callable[[Proxy, bytes], Trap]


class Weeks:
    """A new alert is raised at the beginning of each, so that its window expires in the next."""

    def __init__(self) -> None:
        self.now = OPENING

    def next(self) -> datetime:
        self.now += timedelta(days=14)
        return self.now


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    return Weeks()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    directory = tmp_path_factory.mktemp("crash-of-the-notifier")
    async with Product(directory, through=[TO_LEDGER, TO_MAIL]) as product:
        async with Writer(product.ledger) as writer:
            await writer.post("office", *appointments())
        yield product


@pytest_asyncio.fixture(loop_scope="module")
async def client(product: Product) -> AsyncIterator[Writer]:
    async with Writer(product.ledger) as writer:
        yield writer


async def raise_alert(client: Writer) -> str:
    """An alert on a case of its own; gives the case."""
    case_id = f"case-{uuid4().hex[:8]}"
    await client.post(case_id, alert())
    return case_id


async def close(client: Writer, audited: Audited, case_id: str) -> None:
    """So that it does not climb on through the tests that follow."""
    (raised,) = audited.of(case_id, "PracticeAlertRaised")
    await client.post(case_id, resolved(raised.data["alert_id"]))


def outcomes(audited: Audited, case_id: str, kind: str = "RUNG_TOLD") -> list[tuple[str, str]]:
    """How each attempt to tell of the alert ended."""
    told = audited.of(case_id, "NotificationSent", "NotificationFailed")
    return [(each.type, each.data.get("error", "")) for each in told if each.data["kind"] == kind]


def copies(audited: Audited, case_id: str) -> list[int]:
    """How often each message about the alert lies in the maildir."""
    ids = {each.data["notification_id"]: None for each in audited.of(case_id, "NotificationSent")}
    return [audited.mails[each] for each in ids]


SENT = ("NotificationSent", "")
NOT_SENT = ("NotificationFailed", "SMTP_UNREACHABLE")


@pytest.mark.parametrize(
    "fault", [Proxy.keep_from_server, Proxy.keep_answer], ids=["before the append", "after the append"]
)
async def test_a_notifier_that_crashes_around_an_escalation_climbs_once(
    product: Product, client: Writer, weeks: Weeks, fault: Fault
) -> None:
    await product.advance(weeks.next())
    case_id = await raise_alert(client)
    trap = fault(product.proxies[TO_LEDGER], b"EscalatedTo")
    advancing = asyncio.create_task(product.advance(weeks.now + timedelta(days=8)))
    await trap.sprung.wait()
    await product.kill("notifier")
    with pytest.raises(StackError, match="does not answer"):
        await advancing
    assert await climbed(product, case_id) == (fault is Proxy.keep_answer)

    await product.start("notifier")
    await product.advance(weeks.now + timedelta(days=8))

    audited = await audit(product, client.acknowledged)
    (climb,) = audited.of(case_id, "EscalatedToServiceManager")
    assert not climb.flags  # the clock stood still meanwhile
    assert outcomes(audited, case_id) == [SENT, SENT]  # the Team Manager, then the Service Manager
    assert set(copies(audited, case_id)) == {1}
    await close(client, audited, case_id)


async def climbed(product: Product, case_id: str) -> int:
    """How many escalations of a case are in the ledger now."""
    async with product.connection() as connection:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM ledger.event WHERE case_id = $1 AND type LIKE 'Escalated%'", case_id
            )
        )


@pytest.mark.parametrize("fault", [Proxy.cut_before_effect, Proxy.cut_before_answer, Proxy.halve_answer])
async def test_an_escalation_whose_connection_was_lost_is_appended_once(
    product: Product, client: Writer, weeks: Weeks, fault: Fault
) -> None:
    await product.advance(weeks.next())
    case_id = await raise_alert(client)
    trap = fault(product.proxies[TO_LEDGER], b"EscalatedTo")

    await product.advance(weeks.now + timedelta(days=8))

    assert trap.sprung.is_set()
    audited = await audit(product, client.acknowledged)
    assert len(audited.of(case_id, "EscalatedToServiceManager")) == 1
    await close(client, audited, case_id)


END_OF_MESSAGE = b"\r\n.\r\n"


@pytest.mark.parametrize(
    ("where", "fault", "copied"),
    [
        ((TO_MAIL, END_OF_MESSAGE), Proxy.keep_from_server, 1),
        ((TO_MAIL, END_OF_MESSAGE), Proxy.keep_answer, 2),
        ((TO_LEDGER, b"NotificationSent"), Proxy.keep_from_server, 2),
        ((TO_LEDGER, b"NotificationSent"), Proxy.keep_answer, 1),
    ],
    ids=["before it is sent", "once it is sent", "before it is noted", "once it is noted"],
)
async def test_a_notifier_that_crashes_while_it_sends_sends_again_what_was_not_noted(
    product: Product, client: Writer, weeks: Weeks, *, where: tuple[Link, bytes], fault: Fault, copied: int
) -> None:
    await product.advance(weeks.next())
    link, mark = where
    trap = fault(product.proxies[link], mark)
    case_id = await raise_alert(client)
    await trap.sprung.wait()

    await product.kill("notifier")
    await product.start("notifier")

    audited = await audit(product, client.acknowledged)
    assert outcomes(audited, case_id) == [SENT]
    assert copies(audited, case_id) == [copied]
    await close(client, audited, case_id)


@pytest.mark.parametrize(("fault", "copied"), [(Proxy.cut_before_effect, 1), (Proxy.cut_before_answer, 2)])
async def test_a_message_whose_connection_was_lost_is_sent_again_a_little_later(
    product: Product, client: Writer, weeks: Weeks, fault: Fault, copied: int
) -> None:
    await product.advance(weeks.next())
    trap = fault(product.proxies[TO_MAIL], END_OF_MESSAGE)
    case_id = await raise_alert(client)
    await trap.sprung.wait()

    await product.advance(weeks.now + timedelta(hours=1))

    audited = await audit(product, client.acknowledged)
    assert outcomes(audited, case_id) == [NOT_SENT, SENT]
    assert copies(audited, case_id) == [copied]
    await close(client, audited, case_id)


async def test_a_mail_server_that_is_away_is_waited_for(
    product: Product, client: Writer, weeks: Weeks
) -> None:
    await product.advance(weeks.next())
    await product.kill("mail")
    case_id = await raise_alert(client)
    await product.advance(weeks.now + timedelta(minutes=10))
    await product.start("mail")

    await product.advance(weeks.now + timedelta(hours=3))

    audited = await audit(product, client.acknowledged)
    *failed, sent = outcomes(audited, case_id)
    assert (set(failed), sent) == ({NOT_SENT}, SENT)
    assert copies(audited, case_id) == [1]
    await close(client, audited, case_id)


FAIL = """
CREATE FUNCTION notifier.fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full';
END
$$;
CREATE TRIGGER fail BEFORE UPDATE ON notifier.{table} EXECUTE FUNCTION notifier.fail();
"""
RECOVER = "DROP FUNCTION notifier.fail CASCADE"


@pytest.mark.parametrize("table", ["checkpoint", "window", "delivery"])
async def test_a_notifier_whose_database_fails_says_so_and_goes_on_once_it_does_not(
    product: Product, client: Writer, weeks: Weeks, table: str
) -> None:
    await product.advance(weeks.next())
    async with product.connection() as owner:
        await owner.execute(FAIL.format(table=table))
        case_id = await raise_alert(client)

        async def is_in_trouble() -> bool:
            role = (await product.readiness("notifier"))["checks"]["role"]
            return not role["ok"] and "DiskFullError" in role["detail"]

        await until(is_in_trouble)
        await owner.execute(RECOVER)

    audited = await audit(product, client.acknowledged)
    assert outcomes(audited, case_id) == [SENT]
    assert copies(audited, case_id) == [1]
    await close(client, audited, case_id)


async def test_a_notifier_that_is_told_to_stop_with_messages_to_send_ends_well_and_sends_each_once(
    product: Product, client: Writer, weeks: Weeks
) -> None:
    await product.advance(weeks.next())
    before = len(product.inbox.arrived())
    cases = [f"of-many-{nth}" for nth in range(12)]
    for case_id in cases:
        await client.post(case_id, *(alert() for _ in range(10)))
    await product.inbox.wait_for(before + 1)

    async with asyncio.timeout(10):
        assert await product.stop("notifier") == 0
    assert len(product.inbox.arrived()) < before + 120
    await product.start("notifier")

    audited = await audit(product, client.acknowledged)
    for case_id in cases:
        assert outcomes(audited, case_id) == [SENT] * 10
        assert copies(audited, case_id) == [1] * 10
