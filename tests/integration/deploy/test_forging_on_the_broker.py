"""What no user of `deploy/nats/nats.conf` but the operator can do, by any request and any reply subject.

NATS asks where one may publish, and not where one asks to be answered, nor where a consumer that one makes
is to deliver. Each user here tries each request that JetStream knows, allowed or not, with every subject as
the place of the answer that could do harm; then everything must be as it was.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NoAnswer
from nats.js.api import AckPolicy, ConsumerConfig, StreamInfo

from services.ledger import announcements
from services.ledger.stream import STREAM
from services.runtime import holdings
from services.runtime.nats import PUBLISHED
from tests.integration.deploy.brokers import READERS, Deployed, as_user

STREAMS = (STREAM, announcements.STREAM)
REFUSED = (NoAnswer, NoRespondersError)
SOMEBODYS = "somebodys"
"""A consumer of another's."""

EVENT = {"stream_name": "", "config": {"name": "own", "ack_policy": "none", "deliver_policy": "all"}}
WHOLE: dict[str, Any] = {
    "subjects": ["case.>"],
    "sealed": True,
    "republish": {"src": ">", "dest": "case.a.b"},
}
ACK = "1.1.1.1.0"


class Request(NamedTuple):
    """A subject and what is sent to it."""

    subject: str
    body: Any = None


def requests(stream: str) -> Iterator[Request]:
    """Every request about a stream and its consumers that a server knows, and what is said to consumers."""
    for call, body in {
        "INFO": {"subjects_filter": ">"},
        "CREATE": {"name": stream} | WHOLE,
        "UPDATE": {"name": stream} | WHOLE,
        "DELETE": None,
        "PURGE": None,
        "MSG.DELETE": {"seq": 1},
        "MSG.GET": {"seq": 1},
        "SNAPSHOT": {"deliver_subject": "case.case-1.Forged"},
        "RESTORE": {"config": {"name": stream}},
        "LEADER.STEPDOWN": None,
        "PEER.REMOVE": {"peer": "caseledger"},
    }.items():
        yield Request(f"$JS.API.STREAM.{call}.{stream}", body)
    yield Request(f"$JS.API.STREAM.CREATE.{stream}-2", {"name": f"{stream}-2", "mirror": {"name": stream}})
    for body in ({"seq": 1}, {"seq": 1, "batch": 9}, {"last_by_subj": ">"}, {"multi_last": [">"]}):
        yield Request(f"$JS.API.DIRECT.GET.{stream}", body)
    yield Request(f"$JS.API.DIRECT.GET.{stream}.case.case-1.ContactReceived")
    for name in ("own", SOMEBODYS):
        making = {"stream_name": stream, "config": {"name": name, "durable_name": name}}
        yield Request(f"$JS.API.CONSUMER.CREATE.{stream}.{name}", making)
        yield Request(f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{name}", making)
        yield Request(f"$JS.API.CONSUMER.INFO.{stream}.{name}")
        yield Request(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", {"batch": 2, "no_wait": True})
        yield Request(f"$JS.API.CONSUMER.PAUSE.{stream}.{name}", {"pause_until": "2099-01-01T00:00:00Z"})
        yield Request(f"$JS.API.CONSUMER.RESET.{stream}.{name}", {"seq": 1})
        yield Request(f"$JS.API.CONSUMER.LEADER.STEPDOWN.{stream}.{name}")
        yield Request(f"$JS.API.CONSUMER.DELETE.{stream}.{name}")
        yield Request(f"$JS.ACK.{stream}.{name}.{ACK}", None)
        yield Request(f"$JS.ACK.CASES.{stream}.{name}.{ACK}", None)
        yield Request(f"$JS.FC.{stream}.{name}.1")
    yield Request(f"$JS.API.CONSUMER.CREATE.{stream}", {"stream_name": stream, "config": {}})


def everything() -> Iterator[Request]:
    for stream in STREAMS:
        yield from requests(stream)
        for place in PLACES:
            push = {"deliver_subject": place, "ack_policy": "none"}
            yield Request(
                f"$JS.API.CONSUMER.CREATE.{stream}.push",
                {"stream_name": stream, "config": {"name": "push"} | push},
            )
    for call in ("INFO", "STREAM.NAMES", "STREAM.LIST", "ACCOUNT.PURGE.CASES", "META.LEADER.STEPDOWN"):
        yield Request(f"$JS.API.{call}")
    for call in ("USER.INFO", "ACCOUNT.CASES.CONNZ", "ACCOUNT.PING.CONNZ", "SERVER.PING", "SERVER.PING.JSZ"):
        yield Request(f"$SYS.REQ.{call}")


PLACES = (
    "case.case-1.Forged",
    "ledger.checkpoint",
    *(f"$JS.API.STREAM.{call}.{stream}" for stream in STREAMS for call in ("DELETE", "PURGE", "UPDATE")),
    f"$JS.API.CONSUMER.DELETE.{STREAM}.{SOMEBODYS}",
    f"$JS.ACK.{STREAM}.{SOMEBODYS}.{ACK}",
    *(f"_INBOX_{user}.answer" for user in (*READERS, "ledger")),
    PUBLISHED,
)


class Found(NamedTuple):
    """What there is: of each stream its settings and its messages, and how far somebody's consumer is."""

    streams: list[tuple[Any, int, int, int]]
    consumer: tuple[int, int, int]


async def found(operator: Client) -> Found:
    jetstream = operator.jetstream()
    kept = [await jetstream.stream_info(each) for each in STREAMS]
    assert [each.config.name for each in await jetstream.streams_info()] == sorted(STREAMS)
    consumer = await jetstream.consumer_info(STREAM, SOMEBODYS)
    delivered = consumer.delivered.consumer_seq if consumer.delivered else 0
    return Found(
        [_shape(each) for each in kept],
        (delivered, consumer.num_ack_pending or 0, consumer.num_pending or 0),
    )


def _shape(info: StreamInfo) -> tuple[Any, int, int, int]:
    state = info.state
    return info.config, state.first_seq, state.last_seq, state.consumer_count


@asynccontextmanager
async def somebodys_consumer(broker: Deployed) -> AsyncIterator[Client]:
    """An operator, and a consumer of which one message is delivered, and not yet acknowledged."""
    async with as_user("operator", broker) as operator:
        config = ConsumerConfig(name=SOMEBODYS, durable_name=SOMEBODYS, ack_policy=AckPolicy.EXPLICIT)
        jetstream = operator.jetstream()
        await jetstream.add_consumer(STREAM, config)
        pull = await jetstream.pull_subscribe_bind(SOMEBODYS, stream=STREAM)
        await pull.fetch(1)
        yield operator


async def try_everything(client: Client) -> None:
    for subject, body in everything():
        content = b"" if body is None else json.dumps(body).encode()
        here = subject.replace("$JS.API.", "cases.")  # as the account itself calls it
        for place in PLACES:
            await client.publish(subject, content, reply=place)
            await client.publish(here, content, reply=place)
            # The server says where a message went to whomever the message names.
            await client.publish(here, content, headers={"Nats-Trace-Dest": place})
    for subject in PLACES:
        await client.publish(subject, b'{"position": 3}')
    await client.flush()
    # Answered after all that was asked before.
    with pytest.raises(REFUSED):
        await client.request("$JS.API.INFO", b"", timeout=0.1)


@pytest.mark.parametrize("user", READERS)
async def test_no_reader_adds_takes_away_or_changes_anything_by_any_request_and_any_reply_subject(
    broker: Deployed, user: str
) -> None:
    async with somebodys_consumer(broker) as operator, as_user(user, broker) as client:
        before = await found(operator)
        await try_everything(client)
        assert await found(operator) == before


async def test_the_ledger_adds_to_its_streams_and_cannot_take_away_or_change_anything(
    broker: Deployed,
) -> None:
    async with somebodys_consumer(broker) as operator, as_user("ledger", broker) as client:
        before = await found(operator)
        await try_everything(client)
        for headers in ({"Nats-Rollup": "all"}, {"Nats-Rollup": "sub"}, {"Nats-TTL": "1s"}):
            await client.publish("case.case-1.ContactReceived", b"{}", headers=headers)
        await client.flush()
        after = await found(operator)
        assert [each[:2] for each in after.streams] == [each[:2] for each in before.streams]
        assert [each[3] for each in after.streams] == [each[3] for each in before.streams]
        assert after.consumer[:2] == before.consumer[:2]
        kept = await holdings.held(operator, STREAM, 1, 2)
        assert [each.data for each in kept] == [b'{"position":1}', b'{"position":2}']


@pytest.mark.parametrize("user", [*READERS, "ledger"])
async def test_nobody_hears_what_another_is_answered_nor_has_answers_put_into_anothers_inbox(
    broker: Deployed, user: str
) -> None:
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    others = sorted({*READERS, "ledger"} - {user})
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(as_user(user, broker))
        for subject in (">", "_INBOX.>", "_R_.>", "case.>", "$JS.>", "cases.>"):
            await client.subscribe(subject, cb=hear)
        victims = {other: await stack.enter_async_context(as_user(other, broker)) for other in others}
        for other, victim in victims.items():
            await client.subscribe(f"_INBOX_{other}.>", cb=hear)
            await victim.subscribe(f"_INBOX_{other}.answer", cb=hear)
            await victim.flush()
        await try_everything(client)
        for other, victim in victims.items():
            assert await _asks(other, victim)
        await client.flush()
    assert heard == []


async def _asks(user: str, client: Client) -> Any:
    """Something that the user may ask, and is answered."""
    if user == "ledger":
        return await client.jetstream().stream_info(STREAM)
    return await holdings.last(client, announcements.STREAM if user == "auditor" else STREAM)


@pytest.mark.parametrize("user", READERS)
async def test_a_reader_reads_its_own_stream_and_nothing_of_the_other(broker: Deployed, user: str) -> None:
    own, other = reversed(STREAMS) if user == "auditor" else STREAMS
    async with as_user(user, broker) as client:
        assert await holdings.last(client, own)
        for call in ("STREAM.INFO", "STREAM.MSG.GET", "DIRECT.GET", "CONSUMER.CREATE"):
            for stream in {other} if call == "DIRECT.GET" else STREAMS:
                with pytest.raises(REFUSED):
                    await client.request(f"$JS.API.{call}.{stream}", b'{"seq":1}', timeout=0.05)
