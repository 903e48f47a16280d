"""Whatever a client sends, a service answers as its OpenAPI document says, and does not fail itself.

Schemathesis makes the requests from the document that each running service serves: valid ones, ones just
beside what is valid, and ones that are neither. They are asked of the sample year, by ids that are in it.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.cli.year.days import CLOSE
from services.projector.views.lists import LISTS
from services.stack.service import SERVICES
from tests.support.product import Product
from tests.support.tokens import TOKEN

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
]
PHASES = ["examples", "coverage", "fuzzing"]
EXAMPLES = 3  # random ones for each operation, beside those of the first two phases
ALIKE = [f"/v1/{each.name}" for each in LISTS if each.name != "plans"]  # made as that one is
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(year_of_its_own: Path) -> AsyncIterator[Product]:
    async with Product(year_of_its_own, clock=CLOSE) as product:
        yield product


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def known(product: Product) -> dict[str, str]:
    """A case of the year that has an alert and a family."""
    async with product.client(product.projector) as client:
        alert = (await client.get("/v1/alerts?limit=1")).json()["items"][0]
        case = (await client.get(f"/v1/cases/{alert['case_id']}")).json()
    return {name: str((alert | case)[name]) for name in ("case_id", "alert_id", "family_id")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reports(product: Product, known: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with what Schemathesis says of each service; what passed ends so."""
    directory = tmp_path_factory.mktemp("schemathesis")
    schemathesis = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.schemathesis_runs", directory),
        *(f"{service}={getattr(product, service)}" for service in SERVICES),
        "--",
        *("--checks", ",".join(CHECKS), "--phases", ",".join(PHASES), "--max-examples", str(EXAMPLES)),
        *(f"--exclude-path={path}" for path in ALIKE),
        *("--header", f"Authorization: Bearer {TOKEN}"),
        *("--seed", "1", "--generation-database", "none", "--no-color", "--suppress-health-check", "all"),
        cwd=directory,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),  # its tables of characters, made once
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
            "SCHEMATHESIS_KNOWN": json.dumps(known),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    failed, _ = await schemathesis.communicate()
    (directory / "failed").write_bytes(failed)
    return directory


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_answers_as_it_documents_and_never_fails(reports: Path, service: str) -> None:
    report = (reports / service).read_text()
    assert service not in (reports / "failed").read_text().split(), report
    assert "passed" in report
