"""Problems: every error is `application/problem+json`, whoever raised it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
import pytest
import structlog
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.testing import TestClient

from services.runtime import problems, web
from services.runtime.problems import Kind, Problem
from tests.support.open_app import open_app

REFUSED = Kind("refused", "This cannot be true of the case", 422, "Read the rule.")


class Colour(StrEnum):
    RED = "RED"
    GREEN = "GREEN"


class Body(msgspec.Struct, forbid_unknown_fields=True):
    size: int
    inner: dict[str, int] = {}


@get("/items/{number:int}", responses=problems.responses(problems.NOT_FOUND, REFUSED))
async def read_item(
    number: FromPath[int],
    limit: Annotated[int, QueryParameter(ge=1, le=9)] = 3,
    stands: Annotated[int, QueryParameter(name="state")] = 0,
) -> dict[str, int]:
    if number == 0:
        raise ZeroDivisionError("a secret")
    if number == 1:
        raise Problem(REFUSED, "Not so.", rule="ladder_never_goes_down", pointer="/data/rung")
    if number == 2:
        raise Problem(problems.OVERLOADED, headers={"Retry-After": "7"})
    if number == 4:
        raise Problem(problems.UNAVAILABLE)
    return {"number": number, "limit": limit, "state": stands}


@get("/colours")
async def list_colours(
    colour: Annotated[list[Colour] | None, QueryParameter()] = None,
    name: Annotated[str, QueryParameter(pattern="^[A-Za-z0-9]{1,8}$")] = "any",
) -> list[str]:
    return [*(colour or ()), name]


@post("/items", before_request=problems.takes("application/json"), request_max_body_size=100)
async def make_item(data: JSONBody[Body]) -> int:
    return data.size


@post("/raw", request_max_body_size=100)
async def take_raw(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@pytest.fixture
def client() -> Iterator[TestClient[Any]]:
    app = open_app("probe", read_item, list_colours, make_item, take_raw)
    with TestClient(app) as client, structlog.testing.capture_logs():
        yield client


def problem_in(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    found = answer.json()
    assert answer.status_code == found["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["type"] == f"urn:caseledger:problem:{slug}"
    assert found["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert found["title"]
    assert found["detail"]
    return dict(found)


def test_a_problem_carries_its_own_members(client: TestClient[Any]) -> None:
    found = problem_in(client.get("/items/1"), 422, "refused")
    assert found["title"] == REFUSED.title
    assert found["detail"] == "Not so."
    assert (found["rule"], found["pointer"]) == ("ladder_never_goes_down", "/data/rung")


def test_a_problem_carries_its_headers(client: TestClient[Any]) -> None:
    answer = client.get("/items/2")
    problem_in(answer, 503, "overloaded")
    assert answer.headers["retry-after"] == "7"


def test_every_503_says_when_to_come_back(client: TestClient[Any]) -> None:
    answer = client.get("/items/4")
    problem_in(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"


def test_an_unexpected_error_says_nothing_of_what_it_was(client: TestClient[Any]) -> None:
    answer = client.get("/items/0")
    problem_in(answer, 500, "internal-error")
    assert "secret" not in answer.text


def test_an_unknown_address_is_a_problem(client: TestClient[Any]) -> None:
    problem_in(client.get("/nowhere"), 404, "not-found")
    problem_in(client.get("/schema"), 404, "not-found")
    problem_in(client.get("/items/abc"), 404, "not-found")


def test_another_method_is_a_problem_that_names_the_methods(client: TestClient[Any]) -> None:
    answer = client.delete("/items/3")
    problem_in(answer, 405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


LIMIT = "must be a whole number from 1 to 9"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("items/3?limit=many", LIMIT),
        ("items/3?limit=0", LIMIT),
        ("items/3?limit=10", LIMIT),
        ("items/3?state=open", "must be a whole number"),
        ("colours?colour=PINK", "must be one of RED, GREEN"),
        ("colours?name=a%20b", "must be 1 to 8 letters and digits"),
    ],
)
def test_a_query_parameter_that_does_not_fit_is_named_and_told_what_to_be(
    client: TestClient[Any], query: str, said: str
) -> None:
    found = problem_in(client.get(f"/{query}"), 400, "invalid-request")
    assert found["faults"] == [{"parameter": query.partition("?")[2].partition("=")[0], "message": said}]


def test_a_query_parameter_that_is_not_declared_is_refused_with_the_nearest(client: TestClient[Any]) -> None:
    found = problem_in(client.get("/items/3?limt=2&limit=2"), 400, "invalid-request")
    assert found["faults"] == [{"parameter": "limt", "message": "is not known here; did you mean `limit`?"}]
    (fault,) = problem_in(client.post("/raw?number=", content=b"x"), 400, "invalid-request")["faults"]
    assert fault["parameter"] == "number"
    assert "no query parameters" in fault["message"]
    assert client.get("/items/3?").status_code == client.get("/items/3?&").status_code == 200


def test_a_path_parameter_is_none_of_the_query(client: TestClient[Any]) -> None:
    problem_in(client.get("/items/3?number=4"), 400, "invalid-request")


def test_a_body_that_does_not_fit_is_pointed_at(client: TestClient[Any]) -> None:
    found = problem_in(client.post("/items", json={"size": 1, "inner": {"a": "x"}}), 400, "invalid-request")
    assert found["faults"][0]["pointer"].startswith("/inner")
    found = problem_in(client.post("/items", json={"size": 1, "sise": 2}), 400, "invalid-request")
    assert found["faults"][0]["pointer"] == ""
    assert "sise" in found["faults"][0]["message"]


def test_malformed_json_is_a_problem(client: TestClient[Any]) -> None:
    answer = client.post("/items", content=b'{"size": ', headers={"content-type": "application/json"})
    problem_in(answer, 400, "malformed-json")


def test_an_absent_body_is_a_problem(client: TestClient[Any]) -> None:
    problem_in(client.post("/items", headers={"content-type": "application/json"}), 400, "invalid-request")


def test_another_content_type_is_a_problem(client: TestClient[Any]) -> None:
    answer = client.post("/items", content=b"<size/>", headers={"content-type": "text/xml"})
    assert "application/json" in problem_in(answer, 415, "unsupported-media-type")["detail"]
    problem_in(client.post("/items", content=b"{}"), 415, "unsupported-media-type")


def test_a_content_type_may_have_parameters(client: TestClient[Any]) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/items", content=b'{"size": 4}', headers=headers).json() == 4


def test_a_body_over_the_limit_is_a_problem(client: TestClient[Any]) -> None:
    found = problem_in(client.post("/raw", content=b"x" * 101), 413, "body-too-large")
    assert found["detail"].startswith("The limit is 100 bytes.")


def test_titles_and_types_are_constant_and_differ() -> None:
    assert len({kind.type for kind in problems.GENERIC}) == len(problems.GENERIC)
    assert len({kind.title for kind in problems.GENERIC}) == len(problems.GENERIC)


def test_routes_document_their_problems_and_the_common_ones() -> None:
    document = web.openapi(open_app("probe", read_item))
    documented = document["paths"]["/items/{number}"]["get"]["responses"]
    assert set(documented) == {"200", "400", "401", "403", "404", "422", "429", "500"}
    assert set(documented["422"]["content"]) == {"application/problem+json"}
    assert "urn:caseledger:problem:refused" in documented["422"]["description"]


def test_a_callers_request_id_is_kept_if_it_is_a_uuid(client: TestClient[Any]) -> None:
    mine = "0199f3a2-0000-7000-8000-000000000001"
    assert client.get("/items/3", headers={"X-Request-ID": mine}).headers["x-request-id"] == mine
    given = client.get("/items/3", headers={"X-Request-ID": "Ann, 3 Mill Lane"}).headers["x-request-id"]
    assert str(UUID(given)) == given
