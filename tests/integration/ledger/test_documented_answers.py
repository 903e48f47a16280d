"""The ledger answers nothing that its OpenAPI document does not say, and never a 500."""

import asyncio
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks

from tests.integration.ledger.ledgers import Ledger, alert, contact


async def test_every_route_answers_only_what_it_documents(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(), alert())
    tried = await asyncio.to_thread(try_everything, str(ledger.http.base_url))
    assert tried >= {"/v1/cases/{case_id}/events", "/v1/office/events", "/v1/events", "/v1/head", "/readyz"}


def try_everything(url: str) -> set[str]:
    """Every operation but those of the clock, which the runtime's own tests try."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json").exclude(path="/v1/clock")
    found: list[Any] = list(schema.get_all_operations())
    operations = [each.ok() for each in found]
    for operation in operations:
        try_out(operation.as_strategy())
    return {operation.path for operation in operations}


def try_out(cases: Any) -> None:
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def call(case: schemathesis.Case[Any]) -> None:
        answer = case.call()
        assert answer.status_code < 500, answer.text
        # What `data` holds depends on `type`, and what can be true on the case: no schema here says either.
        uncertain = [checks.positive_data_acceptance] if case.method == "POST" else []
        case.validate_response(answer, excluded_checks=[checks.not_a_server_error, *uncertain])

    call()
