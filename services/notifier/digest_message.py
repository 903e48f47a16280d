"""How a digest reads, on a phone: the most overdue first, codes, dates and links.

Never a name, nothing about a child.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Final
from urllib.parse import quote, urlencode

from msgspec import to_builtins

from services.domain.events.alert import NotificationKind
from services.notifier import message
from services.notifier.digest import Digest, Item, Part
from services.notifier.message import Linking, Message, in_words

LONGEST: Final = 200  # deadlines on the page that a link opens

Titled = tuple[str, Part]
Link = tuple[str, str]  # what it leads to, and where that is

_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"></head>'
    '<body style="font: 16px/1.4 sans-serif">{}</body></html>\n'
)


def compose(
    digest: Digest, notification_id: str, *, link: Linking, now: datetime, test_clock: bool
) -> Message:
    """Write the digest, for every channel."""
    links = list(_links(digest, link))
    closing = message.closing(notification_id, test_clock=test_clock)
    told = {"kind": NotificationKind.DIGEST, **to_builtins(digest), "links": [each for _, each in links]}
    return Message(
        notification_id=notification_id,
        topic="deadlines.digest",
        about=told,
        subject=message.mark(_subject(digest), test_clock=test_clock),
        text="\n\n".join([*_text(digest, links), *closing]) + "\n",
        html=_PAGE.format("\n".join([*_html(digest, links, link), *map(_paragraph, closing)])),
        sent_at=now,
        test_clock=test_clock,
    )


def _subject(digest: Digest) -> str:
    until = f"{digest.until:%A} {digest.until.day} {digest.until:%B}"
    late = f"{digest.overdue.count} {'newly overdue' if digest.since else 'overdue'}"
    coming = f"{digest.coming.count} due by {until}"
    said = [late] * bool(digest.overdue.count) + [coming] * bool(digest.coming.count)
    return f"Deadlines: {', '.join(said)}"


def _whose(digest: Digest) -> str:
    if digest.teams is None:
        return f"The deadlines of all teams on {in_words(digest.day)}."
    return f"The deadlines of {' and '.join(digest.teams)} on {in_words(digest.day)}."


def _parts(digest: Digest) -> list[Titled]:
    since = f"Became overdue since {in_words(digest.since)}" if digest.since else "Overdue"
    parts = [(since, digest.overdue), (f"Due by {in_words(digest.until)}", digest.coming)]
    return [(f"{title}: {part.count}", part) for title, part in parts if part.count]


def _earlier(digest: Digest) -> list[str]:
    return [f"Overdue for longer: {digest.earlier}."] if digest.earlier else []


def _how(digest: Digest, item: Item) -> str:
    late = (digest.day - item.due_on).days
    if late > 0:
        return f"due {in_words(item.due_on)}, {late} {'day' if late == 1 else 'days'} late"
    return "due today" if late == 0 else f"due {in_words(item.due_on)}"


def _links(digest: Digest, link: Linking) -> Iterator[Link]:
    """The due board of what is overdue and of what comes, for each team that the reader holds."""
    after = str(digest.until + timedelta(days=1))
    asked = {
        "overdue": [("state", "OVERDUE")],
        "due next": [("state", "OPEN"), ("state", "DUE_SOON"), ("due_before", after)],
    }
    for team in (None,) if digest.teams is None else digest.teams:
        for what, query in asked.items():
            whole = urlencode([*query, *([("team", team)] if team else []), ("limit", str(LONGEST))])
            yield f"All that is {what}{f' in {team}' if team else ''}", link(f"/v1/deadlines?{whole}")


def _text(digest: Digest, links: list[Link]) -> list[str]:
    parts = [_part(digest, title, part) for title, part in _parts(digest)]
    return [_whose(digest), *parts, *_earlier(digest), *(f"{label}:\n{page}" for label, page in links)]


def _part(digest: Digest, title: str, part: Part) -> str:
    items = [f"- {each.name}\n  {each.case_id}, {_how(digest, each)}" for each in part.items]
    rest = [f"and {part.rest} more"] if part.rest else []
    return "\n".join([title, *items, *rest])


def _html(digest: Digest, links: list[Link], link: Linking) -> list[str]:
    parts = [_section(digest, title, part, link) for title, part in _parts(digest)]
    more = [f"<p>{_anchor(label, page)}</p>" for label, page in links]
    return [_paragraph(_whose(digest)), *parts, *map(_paragraph, _earlier(digest)), *more]


def _section(digest: Digest, title: str, part: Part, link: Linking) -> str:
    items = [
        f"<li>{escape(each.name)}<br>{_anchor(each.case_id, _case(each, link))}, {_how(digest, each)}</li>"
        for each in part.items
    ]
    rest = _paragraph(f"and {part.rest} more") if part.rest else ""
    return f'<h2 style="font-size: 1.1em">{escape(title)}</h2>\n<ul>{"".join(items)}</ul>{rest}'


def _case(item: Item, link: Linking) -> str:
    return link(f"/v1/cases/{quote(item.case_id, safe='')}/deadlines")


def _anchor(label: str, link: str) -> str:
    return f'<a href="{escape(link)}">{escape(label)}</a>'


def _paragraph(said: str) -> str:
    return f"<p>{escape(said)}</p>"
