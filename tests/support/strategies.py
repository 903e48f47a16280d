"""Hypothesis strategies for posted events: made from the types, so that a new event joins in at once."""

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from services.domain.events import EVENT_TYPES
from services.domain.events.shape import END

Payload = tuple[str, dict[str, Any]]

_DATES = st.dates(date(1900, 1, 1), date(9999, 12, 31)).map(str)
_NAIVE = st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 30))  # noqa: DTZ001 - made aware just below
_INSTANTS = _NAIVE.map(lambda naive: naive.replace(tzinfo=UTC).isoformat())


def payloads(*names: str) -> st.SearchStrategy[Payload]:
    """An event type (of these, or of all) and data that is valid for it."""
    return st.one_of([st.tuples(st.just(name), _data(name)) for name in sorted(names or EVENT_TYPES)])


def json_values() -> st.SearchStrategy[Any]:
    """Anything that JSON can say, such as a client posts by mistake."""
    keys = st.text(max_size=8) | st.sampled_from(["type", "data", "id", "source", "time", "subject"])
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=20)
        | st.sampled_from(sorted(EVENT_TYPES))
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=12,
    )


@cache
def _data(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return _of(inspect.type_info(EVENT_TYPES[name]))


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911 - one arm a kind
    match kind:
        case inspect.Metadata(type=inner):
            return _of(inner)
        case inspect.UnionType(types=types):
            return st.one_of([_of(each) for each in types])
        case inspect.StructType(fields=fields):
            return st.fixed_dictionaries(
                {each.encode_name: _of(each.type) for each in fields if each.required},
                optional={each.encode_name: _of(each.type) for each in fields if not each.required},
            )
        case inspect.VarTupleType(item_type=item):
            return st.lists(_of(item), max_size=3)
        case inspect.EnumType(cls=cls):
            return st.sampled_from([member.value for member in cls])
        case inspect.StrType():
            return _text(kind)
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.DateType():
            return _DATES
        case inspect.DateTimeType():
            return _INSTANTS
        case _:
            raise NotImplementedError(kind)


def _text(kind: inspect.StrType) -> st.SearchStrategy[str]:
    most = kind.max_length or 1_000
    pattern = (kind.pattern or "").removeprefix("^").removesuffix(END)
    classes = list(_CLASS.finditer(pattern))
    if "".join(each[0] for each in classes) == pattern:
        parts = st.tuples(*(_so_many(each, most) for each in classes)).map("".join)
    else:
        parts = st.from_regex(pattern, fullmatch=True)
    return parts.filter(lambda text: len(text) <= most)


_CLASS = re.compile(r"(?P<of>\[(?:\\.|[^\]\\])+\])(?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\}|(?P<sign>[+*]))?")


def _so_many(part: re.Match[str], most: int) -> st.SearchStrategy[str]:
    """What `[a-z]{2,8}` matches: several times faster than from the regex."""
    if part["sign"]:
        return st.text(_characters(part["of"]), min_size=int(part["sign"] == "+"), max_size=most)
    least = int(part["least"] or 1)
    return st.text(_characters(part["of"]), min_size=least, max_size=int(part["most"] or least))


@cache
def _characters(of: str) -> st.SearchStrategy[str]:
    ascii_ones = {chr(code): bool(re.fullmatch(of, chr(code))) for code in range(128)}
    if re.fullmatch(of, "é"):
        excluded = "".join(each for each, taken in ascii_ones.items() if not taken)
        return st.characters(codec="utf-8", exclude_characters=excluded)
    return st.sampled_from([each for each, taken in ascii_ones.items() if taken])
