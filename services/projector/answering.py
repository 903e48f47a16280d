"""Answer with what was found: one item, a page of a list, or a page for people. Each says as of when."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from litestar import MediaType, Request, Response

from services.projector import cursor
from services.projector.reader import Found

AS_OF: Final = "Caseledger-Position"
"""The header that says up to which position an answer accounts for the ledger."""
LOCKED_DOWN: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
"""A page loads nothing, is kept nowhere and tells nobody where it was."""

T = TypeVar("T")


def place(given: str | None, kind: Any, first: Any) -> Any:
    """Where a list goes on: after the cursor that was given, of this kind, or at its first place."""
    return first if given is None else cursor.read(given, kind)


def answer(content: T, found: Found) -> Response[T]:
    """One answer."""
    return Response(content, headers={AS_OF: str(found.as_of)})


def answer_page(
    page_of: Callable[[list[T], str | None], Any],
    found: Found,
    limit: int,
    item_of: Callable[[Mapping[str, Any]], T],
    key: str | Sequence[str],
) -> Response[Any]:
    """A page of at most `limit` items; one more was asked for, to know whether another page follows.

    `key` names the column that the list goes by, or the columns.
    """
    shown: Sequence[Mapping[str, Any]] = found.rows[:limit]
    more = len(found.rows) > limit
    following = cursor.write(_place_of(shown[-1], key)) if more else None
    return answer(page_of([item_of(row) for row in shown], following), found)


def _place_of(row: Mapping[str, Any], key: str | Sequence[str]) -> object:
    return row[key] if isinstance(key, str) else [row[each] for each in key]


def reads_pages(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser asks, which would rather have a page."""
    return request.accept.best_match([MediaType.JSON, MediaType.HTML]) == MediaType.HTML


def show(html: str, instead_of: Response[Any]) -> Response[Any]:
    """A page for people that says what an answer would have said."""
    return Response(html, media_type=MediaType.HTML, headers={**instead_of.headers, **LOCKED_DOWN})
