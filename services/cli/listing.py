"""Read a list of the projector to its end, page by page."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from services.cli.terminal import fail
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for
from services.stack.clocks import detail_of
from services.stack.layout import Target

AT_ONCE: Final = 200

Item = dict[str, Any]


def items(at: Target, path: str, query: Mapping[str, str]) -> Iterator[Item]:
    """Every item of a list; ends the command with what to do where the projector does not give it."""
    asked = {**query, "limit": str(AT_ONCE)}
    with httpx.Client(
        base_url=at.projector,
        headers=bearer(at.token),
        timeout=30,
        trust_env=False,
        verify=authorities_for(at.projector),
    ) as client:
        while True:
            page = _page(client, path, asked)
            yield from page["items"]
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]


def _page(client: httpx.Client, path: str, query: Mapping[str, str]) -> Item:
    try:
        answer = client.get(path, params=query)
    except httpx.HTTPError as error:
        fail(f"The projector at {client.base_url} does not answer: {error}. `caseledger status` says more.")
    if answer.is_error:
        fail(f"The projector answered {answer.status_code}: {detail_of(answer)}")
    page: Item = answer.json()
    return page
