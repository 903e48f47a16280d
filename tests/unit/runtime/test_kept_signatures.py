"""What tests keep of handlers' signatures is what Litestar would read, and for those alone who ask for it."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Final

import pytest
from litestar.utils.signature import ParsedSignature

from tests.support import signatures

EQUAL: Final = [(False, 0), (1, True), ((0,), (False,))]


def handler_with(default: Any, kind: Any = Any) -> Callable[..., Any]:
    def handler(given: Any = default) -> Any:
        return given

    handler.__annotations__["given"] = kind
    return handler


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_defaults_of_two_types_are_two(one: Any, other: Any) -> None:
    with signatures.kept():
        read = [ParsedSignature.from_fn(handler_with(each), {}) for each in (one, other)]
    assert [repr(each.parameters["given"].default) for each in read] == [repr(one), repr(other)]


def test_equal_annotations_that_say_something_else_are_two() -> None:
    kinds = [Annotated[int, [limit]] for limit in (0, False)]
    with signatures.kept():
        read = [ParsedSignature.from_fn(handler_with(1, kind), {}) for kind in kinds]
    assert read[0] is not read[1]


def test_the_same_code_with_the_same_defaults_is_read_once_also_at_another_time() -> None:
    read = []
    for _ in range(2):
        with signatures.kept():
            read.append(ParsedSignature.from_fn(handler_with(1), {}))
    assert read[0] is read[1]


def test_who_does_not_ask_for_it_has_litestar_as_it_is() -> None:
    assert inspect.ismethod(ParsedSignature.from_fn)
