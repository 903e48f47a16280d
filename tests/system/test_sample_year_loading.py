"""The first weeks of the sample year, typed in over HTTP, come to what they come to without a ledger."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from services.cli import sample_year
from services.cli.year import generator
from services.cli.year.days import OPENING
from services.domain.case import Case, walk
from services.domain.event import Recorded
from services.notifier.intake import SOURCE as NOTIFIER
from services.runtime.tls import authorities
from tests.support.product import Product
from tests.support.sample_year import record
from tests.support.tokens import BEARER

UNTIL = datetime(2017, 4, 27, 16, tzinfo=UTC)
"""An alert has been raised, answered and resolved by then."""


async def test_what_was_typed_in_is_admitted_projected_and_left_alone_by_the_ladder(tmp_path: Path) -> None:
    entries = [each for each in generator.entries() if each.typed_at <= UNTIL]
    expected = record(entries)
    async with Product(tmp_path, clock=OPENING) as product:
        days: list[int] = []
        loaded = await sample_year.load(product, entries, lambda day: days.append(day.events), until=UNTIL)
        cases = {case.case_id: case for case in await sample_year.cases(product)}
        lag = await _get(product.projector, "/v1/lag")
        looked_after = await _get(product.projector, "/v1/cases?status=LOOKED_AFTER&limit=200")
        head = await product.head()
    assert loaded == len(entries) == days[-1]
    assert (lag["positions_behind"], lag["parked"]) == (0, [])
    assert {name: case.facts for name, case in cases.items()} == {
        name: case.facts for name, case in expected.cases.items()
    }
    assert {case["case_id"] for case in looked_after["items"]} == {
        case.case_id for case in expected.cases.values() if case.status == "LOOKED_AFTER"
    }
    assert {(each.id, each.flags) for each in _own(cases.values())} == {
        (each.id, each.flags) for each in _own(expected.cases.values())
    }
    added = [each for case in cases.values() for each in walk(case.last) if each.source == NOTIFIER]
    assert {each.event.TYPE for each in added} == {"NotificationSent"}
    assert head["position"] == head["published"] == loaded + len(added)


def _own(cases: Iterable[Case]) -> list[Recorded]:
    return [each for case in cases for each in walk(case.last) if each.source != NOTIFIER]


async def _get(url: str, path: str) -> dict[str, Any]:
    async with httpx.AsyncClient(
        headers=BEARER, base_url=url, trust_env=False, verify=authorities(), timeout=30
    ) as client:
        found: dict[str, Any] = (await client.get(path)).raise_for_status().json()
        return found
