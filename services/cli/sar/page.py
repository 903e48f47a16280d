"""The archive's page: what is held, to be read by the person it is about, and what is not shown."""

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from services.cli.evidence.chronology import moment
from services.cli.sar.holding import WHY, Holding, Item
from services.domain.sentence import sentence
from services.domain.sentences.words import day

_STYLE: Final = """
:root { color-scheme: light dark; --quiet: #595959; --line: #ccc }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --line: #555 } }
* { box-sizing: border-box }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem;
  overflow-wrap: anywhere }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem }
article { margin: 1rem 0; padding: .2rem 0 0; border-top: 1px solid var(--line); break-inside: avoid }
h3 { font-size: 1rem; margin: .3rem 0 } p { margin: .4rem 0 }
dl { margin: .3rem 0; display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .15rem 1rem }
dt { color: var(--quiet) } dd { margin: 0; white-space: pre-wrap }
table { border-collapse: collapse }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top } th { white-space: nowrap }
.small { font-size: .87rem; color: var(--quiet) } .withheld { border-left: 3px solid; padding-left: .6rem }
.void h3 { text-decoration: line-through }
@media (max-width: 34rem) { dl { display: block } dd { margin: 0 0 .4rem } }
@media print { :root { color-scheme: light; --quiet: #444; --line: #999 }
  body { font-size: 10.5pt; padding: 0 }
  @page { margin: 18mm } }
"""
_LOCKED: Final = "default-src 'none'; style-src 'unsafe-inline'"


def render(holding: Holding, request_id: str) -> bytes:
    """The whole page; it runs nothing and fetches nothing."""
    title = f"What is held in case {escape(holding.case_id)}"
    body = "\n".join(
        [f"<h1>{title}</h1>", *_summary(holding, request_id), *_withheld(holding), *_events(holding)]
    )
    page = (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_LOCKED}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return page.encode()


def _summary(holding: Holding, request_id: str) -> Iterator[str]:
    last = holding.items[-1].record.recordedat
    yield (
        f"<p>Subject access request <code>{escape(request_id)}</code>. Everything that the authority's case "
        f"ledger held by {moment(last)}: {_events_of(len(holding.items))}, in the order in which they were "
        f"recorded. Times are London's. The same stands in <code>record.json</code>, for a program.</p>"
    )


def _withheld(holding: Holding) -> Iterator[str]:
    yield "<h2>What is not shown</h2>"
    if not holding.counts:
        yield "<p>Nothing is withheld.</p>"
        return
    yield "<table><tr><th>How many</th><th>Why</th></tr>"
    for about, count in holding.counts.items():
        yield f"<tr><td>{count}</td><td>{escape(WHY[about])}</td></tr>"
    yield "</table>"
    yield (
        '<p class="small">Each stands below where it belongs, as withheld, and in '
        "<code>withheld.json</code>. Whoever thinks that one should be shown may ask for it to be looked at "
        "again, and may complain to the Information Commissioner.</p>"
    )


def _events(holding: Holding) -> Iterator[str]:
    yield "<h2>What was recorded</h2>"
    for item in holding.items:
        yield from _event(item)


def _event(item: Item) -> Iterator[str]:
    record = item.record
    yield f"<article{' class=void' if item.is_void else ''}>"
    yield f"<h3>{day(item.on)}: {escape(sentence(record))}</h3>"
    if item.is_void:
        yield "<p>This was recorded in error, and voided later.</p>"
    by = f" by {escape(item.author)}" if item.author else ""
    yield f'<p class="small">Recorded {moment(record.recordedat)}{by}; event {record.caseversion}.</p>'
    said = [(name, value) for name, value in item.document["data"].items() if value not in ([], None)]
    if said:
        yield "<dl>"
        yield from (f"<dt>{_label(name)}</dt><dd>{_value(value)}</dd>" for name, value in said)
        yield "</dl>"
    for each in item.withheld:
        yield f'<p class="withheld small">{_label(each.field)}: withheld, {escape(each.why)}.</p>'
    yield "</article>"


def _label(name: str) -> str:
    words = name.replace("_", " ")
    return escape(words[:1].upper() + words[1:])


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_value, value))
        case dict():
            return "; ".join(f"{_label(name).lower()} {_value(each)}" for name, each in value.items())
        case _:
            return escape(str(value))


def _events_of(count: int) -> str:
    return "one event" if count == 1 else f"{count} events"
