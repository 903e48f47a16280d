"""What went wrong in answering, made a problem: what a route raised, what the framework refused, all else."""

from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    SerializationException,
)
from litestar.params import KwargDefinition
from litestar.types import ExceptionHandlersMap
from litestar.typing import FieldDefinition

from services.runtime.expectations import Limits, expected
from services.runtime.limits import client_of
from services.runtime.problems import (
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    MALFORMED_JSON,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REQUEST_FAILED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    Fault,
    Problem,
    answer,
    too_large,
)

if TYPE_CHECKING:
    from services.runtime.requests import Application

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

INTERNAL: Final = 500
_BY_STATUS: Final = {kind.status: kind for kind in (UNSUPPORTED_MEDIA_TYPE, UNAVAILABLE)}

AnyRequest = Request[Any, Any, Any]


def handlers() -> ExceptionHandlersMap:
    """Make the exception handlers of an application: nothing else may answer an error."""
    return {
        Problem: _on_problem,
        NotFoundException: _on_no_route,
        MethodNotAllowedException: _on_no_route,
        HTTPException: _on_framework_error,
        Exception: _on_unexpected,
    }


def _on_problem(_request: AnyRequest, problem: Problem) -> Response[bytes]:
    return answer(problem)


def _on_no_route(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What leads nowhere passes no gate, which counts all the others."""
    application = cast("Application", request.app)
    try:
        application.buckets.check(client_of(request.scope))
    except Problem as refused:
        return answer(refused)
    return answer(_problem_of(error, request))


def _on_framework_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    if error.status_code >= INTERNAL:
        log.error("request.failed", exc_info=error)
    if error.status_code == BODY_TOO_LARGE.status:
        return answer(too_large(request.route_handler.resolve_request_max_body_size() or 0))
    return answer(_problem_of(error, request))


def _on_unexpected(_request: AnyRequest, error: Exception) -> Response[bytes]:
    log.error("request.failed", exc_info=error)
    return answer(Problem(INTERNAL_ERROR))


def _problem_of(error: HTTPException, request: AnyRequest) -> Problem:
    match error:
        case NotFoundException():
            problem = Problem(NOT_FOUND)
        case MethodNotAllowedException():
            problem = Problem(METHOD_NOT_ALLOWED, headers={"Allow": (error.headers or {}).get("allow", "")})
        case HTTPException(status_code=400, __cause__=SerializationException()):
            problem = Problem(MALFORMED_JSON)
        case HTTPException(status_code=400):
            problem = Problem(INVALID_REQUEST, faults=_faults_of(error, request))
        case HTTPException(status_code=status) if status in _BY_STATUS:
            problem = Problem(_BY_STATUS[status])
        case HTTPException(status_code=status) if status >= INTERNAL:
            problem = Problem(INTERNAL_ERROR)
        case _:
            problem = Problem(msgspec.structs.replace(REQUEST_FAILED, status=error.status_code))
    return problem


def _faults_of(error: HTTPException, request: AnyRequest) -> list[Fault]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [_fault(each, request) for each in extra] or [Fault(message=error.detail)]


def _fault(found: dict[str, Any], request: AnyRequest) -> Fault:
    fault = Fault(message=str(found.get("message", "")))
    key = str(found.get("key", ""))
    if found.get("source") == "body" or key.partition(".")[0] == "data":
        # Litestar calls the whole body `data`, and a member of it by its path.
        fault["pointer"] = "".join(f"/{part}" for part in key.split(".") if part not in {"", "data"})
    elif key:
        declared = request.route_handler.parsed_fn_signature.parameters.get(key)
        fault["parameter"] = getattr(declared and declared.kwarg_definition, "name", None) or key
        # msgspec's own words name neither the values that would do, nor what a pattern means.
        if declared and fault["message"].startswith(("Expected `", "Invalid ")):
            fault["message"] = _in_words(declared) or fault["message"]
    return fault


def _in_words(declared: FieldDefinition) -> str | None:
    """What a parameter must be. The function that handles it may call it otherwise than a request does."""
    limits = declared.kwarg_definition
    if not isinstance(limits, KwargDefinition):
        limits = KwargDefinition()
    least = limits.min_length if limits.ge is None else limits.ge
    most = limits.max_length if limits.le is None else limits.le
    words = expected(declared.annotation, Limits(least, most, limits.pattern))
    return f"must be {words}" if words else None
