"""Signatures of handlers, read once a process: each service that a test starts has the same handlers anew.

Half of what it takes to make a service's application goes into what Litestar reads off its handlers' code.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, Final

import pytest
from litestar._kwargs import KwargsModel
from litestar._signature import SignatureModel
from litestar.utils.signature import ParsedSignature

_Read = tuple[tuple[Any, ...], ParsedSignature]


@contextmanager
def kept() -> Iterator[None]:
    """Give, within, what was read off the same code with the same annotations and defaults before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParsedSignature, "from_fn", _signatures)
        patch.setattr(SignatureModel, "create", _models)
        patch.setattr(KwargsModel, "create_for_signature_model", _arguments)
        yield


class _Signatures:
    def __init__(self, read: Callable[..., ParsedSignature]) -> None:
        self._read = read
        self._known: Final[dict[Any, list[_Read]]] = {}

    def __call__(self, fn: Any, signature_namespace: dict[str, Any]) -> ParsedSignature:
        if not isinstance(fn, FunctionType) or signature_namespace:
            return self._read(fn, signature_namespace)
        given = _given(fn)
        of_code = self._known.setdefault(fn.__code__, [])
        for known, found in of_code:
            if known == given:
                return found
        of_code.append((given, self._read(fn, signature_namespace)))
        return of_code[-1][1]


def _given(fn: FunctionType) -> tuple[Any, ...]:
    """What is read off a function beside its code; what is equal may differ, as 0 and False do."""
    positional, named = fn.__defaults__ or (), fn.__kwdefaults__ or {}
    defaults = [(type(value), repr(value), value) for value in (*positional, *named.values())]
    return fn.__annotations__, repr(fn.__annotations__), [*named], defaults


class _Models:
    def __init__(self, create: Callable[..., type[SignatureModel]]) -> None:
        self._create = create
        self._known: Final[dict[Any, tuple[ParsedSignature, type[SignatureModel]]]] = {}

    def __call__(self, **given: Any) -> type[SignatureModel]:
        signature = given["parsed_signature"]
        if given["data_dto"]:
            return self._create(**given)
        asked = id(signature), frozenset(given["dependency_name_set"]), *given["type_decoders"]
        if asked not in self._known:
            # The signature is kept with it, so that no other has its number.
            self._known[asked] = signature, self._create(**given)
        return self._known[asked][1]


class _Arguments:
    def __init__(self, create: Callable[..., KwargsModel]) -> None:
        self._create = create
        self._known: Final[dict[Any, tuple[Any, KwargsModel]]] = {}

    def __call__(self, **given: Any) -> KwargsModel:
        if given["layered_parameters"]:
            return self._create(**given)
        depends = given["dependencies"].items()
        asked = (
            given["signature_model"],
            frozenset(given["path_parameters"]),
            frozenset((name, id(provided)) for name, provided in depends),
        )
        if asked not in self._known:
            # As above.
            self._known[asked] = [*depends], self._create(**given)
        return self._known[asked][1]


_signatures: Final = _Signatures(ParsedSignature.from_fn)
_models: Final = _Models(SignatureModel.create)
_arguments: Final = _Arguments(KwargsModel.create_for_signature_model)
