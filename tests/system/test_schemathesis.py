"""Whatever a client sends, a service answers as its OpenAPI document says, and does not fail itself.

Schemathesis makes the requests from the document that each running service serves: valid ones, ones just
beside what is valid, and ones that are neither.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.projector.views.lists import LISTS
from tests.support.load import Writer, alert, appointments, contact, plan, strategy
from tests.support.product import Product
from tests.support.tokens import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
]
PHASES = ["examples", "coverage", "fuzzing"]
EXAMPLES = 5  # random ones for each operation, beside those of the first two phases
ALIKE = [f"/v1/{each.name}" for each in LISTS if each.name != "plans"]  # made as that one is, and empty here
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with Product(tmp_path_factory.mktemp("schemathesis")) as product:
        async with Writer(product.ledger) as writer:
            await writer.post("office", *appointments())
            await writer.post("case-1", contact(), strategy(), plan(), alert("alert-1"))
        await product.settle()
        yield product


@pytest.mark.parametrize("service", ["projector", "notifier", "ledger"])
async def test_a_service_answers_as_it_documents_and_never_fails(
    product: Product, service: str, tmp_path: Path
) -> None:
    schemathesis = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{getattr(product, service)}/openapi.json"),
        *("--checks", ",".join(CHECKS), "--phases", ",".join(PHASES), "--max-examples", str(EXAMPLES)),
        *(f"--exclude-path={path}" for path in ALIKE),
        *("--header", f"Authorization: Bearer {TOKEN}"),
        *("--seed", "1", "--generation-database", "none", "--no-color", "--suppress-health-check", "all"),
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    report, _ = await schemathesis.communicate()

    assert schemathesis.returncode == 0, report.decode()
    assert b"passed" in report
