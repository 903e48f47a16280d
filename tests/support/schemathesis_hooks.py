"""What Schemathesis cannot know: ids that exist, which positions there are to be waited for, what is alike.

Every other request for one case, alert or family is for one that is there: SCHEMATHESIS_KNOWN names them, by
parameter. To wait for a position that the ledger has not ends, as documented, in a 503 after some seconds;
here every 503 counts as a failure. Where Schemathesis leaves the size of a page open, a few items show what
fifty do.

The coverage phase asks for the same again and again: a wrong type alone and among the other parameters, each
type of event in each kind of body of each operation, a page of one too many in every list. Here each
operation is asked with something right and something wrong in each parameter, header and kind of body, and
each value of a parameter of some name and each body is tried once with a service, each method once at a path.
"""

import json
import os
from itertools import count
from typing import Any

import schemathesis
from schemathesis.generation.meta import CoveragePhaseData

_REACHED = 1
_ITEMS = 3
_known: dict[str, str] = json.loads(os.environ["SCHEMATHESIS_KNOWN"])
_numbers = count()
_asked = set[tuple[object, ...]]()


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    if case.meta is None or not isinstance(about := case.meta.phase.data, CoveragePhaseData):
        return True
    place = (about.parameter_location, about.parameter)
    of_its_kind = (case.operation.label, case.meta.generation.mode, *place)
    new = {of_its_kind, (about.scenario, *_given(case, about))} - _asked
    _asked.update(new)
    return bool(new)


def _given(case: schemathesis.Case[Any], about: CoveragePhaseData) -> tuple[str, ...]:
    """What the case is about: a parameter's value, a body, a batch of one as its one, a method there."""
    if about.parameter_location is None:
        return (case.operation.path, case.method)
    if about.parameter_location.value == "body":
        body = case.body[0] if isinstance(case.body, list) and len(case.body) == 1 else case.body
        return (repr(body),)
    given = getattr(case, about.parameter_location.container_name) or {}
    return (str(about.parameter), repr(given.get(about.parameter) if about.parameter else sorted(given)))


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
