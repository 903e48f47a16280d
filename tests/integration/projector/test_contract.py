"""The projector answers nothing that its OpenAPI document does not say, and never a 500."""

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks

from services.projector import reader
from services.projector.views.lists import LISTS
from tests.integration.projector.ground import Asked, Ground
from tests.support.casework import contact, raised, told

ALIKE = {f"/v1/{each.name}" for each in LISTS[1:]}  # made as the first one is
UNSAYABLE = {"cursor", "recorded_until", "occurred_until"}
NOT_YET = 503  # what `wait_for` answers of a position that nobody has reached


async def test_every_route_answers_only_what_it_documents(
    stage: Ground, projector: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.post("case-1", contact(), raised(), told(holder="manager:4"))
    await projector.until(await stage.post("case-2", raised()))
    monkeypatch.setattr(reader, "PATIENCE", 0.0)

    tried = await asyncio.to_thread(try_everything, str(projector.http.base_url))

    assert tried >= {"/v1/cases", "/v1/cases/{case_id}/timeline", "/v1/alerts/{alert_id}", "/v1/lag"}


def try_everything(url: str) -> set[str]:
    """Every operation but those of the clock, which the runtime's own tests try."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json").exclude(path="/v1/clock")
    found: list[Any] = list(schema.get_all_operations())
    operations = [each.ok() for each in found]
    for operation in operations:
        try_out(operation.as_strategy(), 5 if operation.path in ALIKE else 25)
    return {operation.path for operation in operations}


def try_out(cases: Any, times: int) -> None:
    @settings(max_examples=times, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def call(case: schemathesis.Case[Any]) -> None:
        answer = case.call()
        assert answer.status_code < 500 or answer.status_code == NOT_YET, answer.text
        # No schema can say which texts are cursors, nor that alerts of the past are asked case by case.
        opaque = [checks.positive_data_acceptance] if UNSAYABLE & set(case.query or {}) else []
        case.validate_response(answer, excluded_checks=[checks.not_a_server_error, *opaque])

    call()
