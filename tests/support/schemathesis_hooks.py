"""What Schemathesis cannot know: ids that exist, and which positions there are to be waited for.

Every other request for one case, alert or family is for one that is there: SCHEMATHESIS_KNOWN names them, by
parameter. To wait for a position that the ledger has not ends, as documented, in a 503 after some seconds;
here every 503 counts as a failure. Where Schemathesis leaves the size of a page open, a few items show what
fifty do.
"""

import json
import os
from itertools import count
from typing import Any

import schemathesis

_REACHED = 1
_ITEMS = 3
_known: dict[str, str] = json.loads(os.environ["SCHEMATHESIS_KNOWN"])
_numbers = count()


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]
) -> None:
    asked = str((case.query or {}).get("wait_for", ""))
    if asked.isdecimal() and int(asked) > _REACHED:
        case.query["wait_for"] = _REACHED
    if any(each.name == "limit" for each in case.operation.query):
        case.query = {"limit": _ITEMS} | dict(case.query or {})
    named = {name: _known[name] for name in case.path_parameters or {} if name in _known}
    if named and next(_numbers) % 2:
        case.path_parameters |= named
