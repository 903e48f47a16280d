"""The lists on HTTP: one route for each, all alike, made from what the list says of itself."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from types import GenericAlias
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.projector.answering import answer_page, place
from services.projector.asking import ASKED, Asked, one_case
from services.projector.cursor import PositionKey
from services.projector.outcomes import OF_A_LIST, REFUSALS
from services.projector.parameters import Cursor, GoingOn, Limit, OfCase, WaitFor
from services.projector.past import Past, beyond
from services.projector.reader import Reader, Row
from services.projector.views.lists import LISTS
from services.projector.views.lists.listed import Item, List


def routes(reader: Reader) -> list[ControllerRouterHandler]:
    """A route for every list."""
    return [_route(reader, each) for each in LISTS]


def item_of(each: List) -> Callable[[Mapping[str, Any]], Any]:
    """How a row of a list is read back as what it answers."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(each.item)
    return lambda row: decoder.decode(row["item"])


@cache
def _page_of(item: type[Item]) -> Any:
    """A page of a list, which documents call after its items."""
    fields = [("items", GenericAlias(list, (item,))), ("next", str | None)]
    return msgspec.defstruct(f"{item.__name__}Page", fields, frozen=True)


def _route(reader: Reader, each: List) -> ControllerRouterHandler:
    read_item, past = item_of(each), Past(reader)
    page_of = _page_of(each.item)

    async def read(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        asked: Asked,
        stands: Any = None,
        case_id: OfCase = None,
        on: GoingOn = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[Any]:
        after = place(cursor, PositionKey, 0)
        if asked.is_now:
            binds = (each.name, stands, case_id, on, after, limit + 1)
            found = await reader.find("listed", *binds, key="case_id", at_least=wait_for)
        else:
            every = await past.list("listed", one_case(case_id), asked, at_least=wait_for)
            rows = [row for row in beyond(every, after).rows if _is_wanted(row, each.name, stands, on)]
            found = every._replace(rows=rows)
        return answer_page(page_of, found, limit, read_item, "position")

    # Litestar reads what a route takes and gives from its annotations: these two differ from list to list.
    read.__name__ = f"read_{each.name}"
    read.__doc__ = (
        f"List {each.name} in the order in which they were first told of; of the past, those of one case."
    )
    read.__annotations__["stands"] = Annotated[
        each.states | None, QueryParameter(name="state", description=f"Only {each.name} that stand there.")
    ]
    response: Any = Response
    read.__annotations__["return"] = response[page_of]
    described = get(
        f"/v1/{each.name}",
        opt={"action": Action.READ_LISTS},
        responses=OF_A_LIST,
        exception_handlers=REFUSALS,
        dependencies=ASKED,
    )
    return described(read)


def _is_wanted(row: Row, name: str, stands: str | None, on: date | None) -> bool:
    """What `listed.sql` asks of a row, asked of a row of the past."""
    began, over = row["began_on"], row["over_on"]
    goes_on = on is None or (began is not None and began <= on and (over is None or over > on))
    return row["list"] == name and stands in {None, row["state"]} and goes_on
