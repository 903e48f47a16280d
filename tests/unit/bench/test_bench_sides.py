"""What the benchmark rests on: sides that take turns, budgets that can be missed, events that are valid."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import islice

import pytest

from services.domain.admission import admit
from services.domain.calendar import england_and_wales
from services.domain.case import Case, fold
from services.domain.event import CaseVersion, to_the_millisecond, write
from services.domain.posted import parse
from services.domain.verdict import Admitted
from tests.bench import events
from tests.bench.duel import alternate
from tests.bench.report import Line
from tests.bench.wire import Connection


async def test_neither_side_of_a_ratio_always_goes_first() -> None:
    order: list[str] = []

    def side(name: str, rate: float) -> Callable[[], Awaitable[float]]:
        async def measure() -> float:
            order.append(name)
            return rate

        return measure

    duel = await alternate(side("ours", 3.0), side("theirs", 2.0), 3)
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert (duel.ratio, duel.our_rate, duel.their_rate) == (1.5, 3.0, 2.0)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (Line(row=1, what="", value=0.6, at_least=0.6), "pass"),
        (Line(row=1, what="", value=0.59, at_least=0.6), "miss"),
        (Line(row=1, what="", value=251.0, at_most=250.0), "miss"),
        (Line(row=1, what="", value=0, at_most=0), "pass"),
        (Line(row=1, what="", value=1.0), "reported"),
        (Line(row=1, what="", at_least=1.0), "not measured"),
    ],
)
def test_a_budget_is_met_missed_or_not_measured(line: Line, verdict: str) -> None:
    assert line.verdict == verdict


@pytest.mark.parametrize("size", [1, 5, 10, 100])
def test_every_event_that_is_posted_is_admitted_without_a_flag(size: int) -> None:
    now, days = to_the_millisecond(datetime.now(UTC)), england_and_wales()
    cases: dict[str, Case] = {}
    ids = set()
    for case_id, batch in islice(events.posts("label", 0, size, cases=3), 300 // size):
        for _, body in batch:
            submission = parse(body.encode(), case_id, str)
            case = cases.get(case_id) or Case(case_id=case_id)
            verdict = admit(case, submission, now, days)
            assert verdict == Admitted(submission.event)
            ids.add(submission.id)
            recorded = write(submission, submission.event, (), CaseVersion(case.version + 1), now)
            cases[case_id] = fold(case, recorded)
    assert len(ids) == 300
    assert max(case.version for case in cases.values()) == max(events.EVENTS_A_CASE, size)


def test_every_alert_is_raised_on_a_case_of_its_own() -> None:
    bodies = list(islice(events.alerts("label", 0), 50))
    assert len({parse(body.encode(), body.split('"')[3], str).stream for body in bodies}) == 50


async def test_an_answer_may_arrive_in_any_pieces() -> None:
    whole = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for end in range(1, len(whole)):
            await reader.readexactly(1)
            for piece in (whole[:end], whole[end:]):
                writer.write(piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        connection = await Connection.open(f"http://{host}:{port}")
        for _ in range(1, len(whole)):
            assert await connection.ask(b"?") == (201, b"hello")
        with pytest.raises(ConnectionError):
            await connection.ask(b"?")
        connection.close()
