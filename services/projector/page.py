"""What every page for people has in common: needs nothing else, tells nothing of a child, suits a phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Final

from litestar import MediaType
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType

from services.domain import calendar
from services.domain.as_at import AsAt

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 38rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.3rem; line-height: 1.3 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .2rem }
p { margin: .4rem 0 } .due { font-size: 1.2rem; font-weight: 600 } .late { color: #c0392b }
.clock { background: #b03a2e; color: #fff; padding: .5rem .8rem; border-radius: .4rem }
ul { margin: .3rem 0; padding-left: 1.2rem } footer, .small { font-size: .9rem; opacity: .75 }
"""

_CLOSED: Final = """<h1>This link opens nothing</h1>
<p>It is over, or was broken on its way, or what it led to is not shown without a login.</p>
<p>Open the newest message about it and follow the link there, all of it; or look in the case management
system.</p>"""


@dataclass
class AlsoAsPage(Operation):
    """A route whose answer is also had as a page."""

    def __post_init__(self) -> None:
        """Document the form that a browser asks for."""
        answer = (self.responses or {})["200"]
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            schema = Schema(type=OpenAPIType.STRING, description="The same, to be read by a person.")
            answer.content[MediaType.HTML] = OpenAPIMediaType(schema=schema)


def framed(title: str, body: str) -> str:
    """A whole page: no script, no picture, no address elsewhere. Both are HTML by now."""
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def closed() -> str:
    """What whoever follows a link sees that is over or broken, or leads to what no link opens."""
    return framed("This link opens nothing", _CLOSED)


def standing(now: datetime, asked: AsAt, *, test_clock: bool) -> Iterator[str]:
    """What has to be said above everything else: that this is a rehearsal, or a day of the past."""
    if test_clock:
        yield f'<p class="clock">A rehearsal: it is {moment(now)} on a test clock.</p>'
    if not asked.is_now:
        yield f'<p class="clock">Looking back: {_asked(asked)}.</p>'


def _asked(asked: AsAt) -> str:
    known = (
        f"as it was known on {moment(asked.recorded_until)}" if asked.recorded_until else "as is known now"
    )
    return f"{known}, of how it was on {moment(asked.occurred_until)}" if asked.occurred_until else known


def words(code: str) -> str:
    """A code, as words."""
    return escape(code.replace("_", " ").lower())


def day_of(day: date) -> str:
    """A date: Monday 9 October 2017."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def moment(instant: datetime) -> str:
    """An instant, in London: Mon 9 Oct 2017, 09:00."""
    local = calendar.in_london(instant)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"
