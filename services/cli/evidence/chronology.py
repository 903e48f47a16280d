"""A bundle's chronology: a page for a court, made of the documents alone, that says what is proven."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from html import escape
from itertools import groupby
from typing import Final

from services.domain import calendar
from services.domain.case import voided
from services.domain.event import Recorded, decode
from services.domain.facts import of_record
from services.domain.sentence import sentence
from services.domain.sentences.words import words
from services.evidence.bundle import Proven, Signed
from services.evidence.note import b64

_STYLE: Final = """
:root { color-scheme: light dark; --quiet: #595959; --line: #ccc }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --line: #555 } }
* { box-sizing: border-box }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem;
  overflow-wrap: anywhere }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; border-bottom: 1px solid var(--line) }
p { margin: .4rem 0 } ul { margin: .3rem 0; padding-left: 1.2rem } li { margin: .3rem 0 }
.event { margin: .7rem 0; padding-left: 2.6rem; position: relative; break-inside: avoid }
.event > b { position: absolute; left: 0; color: var(--quiet); font-weight: 400 }
.small { font-size: .87rem; color: var(--quiet) }
.void > p:first-of-type { text-decoration: line-through }
code { font-size: .9em } a { color: inherit }
@media print { :root { color-scheme: light; --quiet: #444; --line: #999 }
  body { font-size: 10.5pt; max-width: none; padding: 0 } h2, h3 { break-after: avoid }
  a { text-decoration: none }
  @page { margin: 18mm } }
"""
_LOCKED: Final = "default-src 'none'; style-src 'unsafe-inline'"


def render(proven: Proven) -> bytes:
    """The whole page; it runs nothing and fetches nothing.

    Raises `UnknownEventType` or `ValueError` for a document that this release cannot read.
    """
    history = [decode(document.raw) for document in proven.parts.documents]
    title = f"Chronology of case {escape(proven.case)}"
    body = "\n".join(
        [f"<h1>{title}</h1>", *_summary(history), *_proof(proven), *_events(history), *_end(proven)]
    )
    page = (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_LOCKED}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return page.encode()


def moment(instant: datetime) -> str:
    """An instant as London's clocks and calendars show it."""
    local = calendar.in_london(instant)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _summary(history: Sequence[Recorded]) -> Iterator[str]:
    first, last = history[0].recordedat, history[-1].recordedat
    events = "One event" if len(history) == 1 else f"{len(history)} events"
    yield f"<p>{events}, recorded from {moment(first)} to {moment(last)}. Times are London's.</p>"


def _proof(proven: Proven) -> Iterator[str]:
    yield "<h2>What is proven</h2>\n<ul>"
    yield from (f"<li>{each}</li>" for each in _proven(proven))
    yield "</ul>\n<h2>What is not</h2>\n<ul>"
    yield from (f"<li>{each}</li>" for each in _unproven(proven))
    yield "</ul>"
    yield (
        "<p>This page proves nothing by itself: <code>README.txt</code> beside it says how to check what it "
        "says.</p>"
    )


def _proven(proven: Proven) -> Iterator[str]:
    head = proven.head
    yield (
        f"Each document is in the ledger <code>{escape(head.origin)}</code>, byte for byte, at its position: "
        f"the ledger signed a tree of {head.size} documents, and these are among them."
    )
    count = len(proven.parts.documents)
    if count > 1:
        yield (
            f"None is missing in between. A ledger numbers the events of a case, and these are 1 to {count}."
        )
    if proven.stamped_at:
        yield (
            f"The tree was signed by {moment(proven.stamped_at)}, says the time stamp of an authority for "
            f"time: proven to whoever trusts that authority and has its certificates, which are not in here."
        )
    for witness in proven.witnesses:
        yield (
            f"{_witness(witness)} had seen the same tree, and none that contradicts it: proven to whoever "
            f"trusts the witness."
        )


def _witness(witness: Signed) -> str:
    by = f"By {moment(datetime.fromtimestamp(witness.time, UTC))} the" if witness.time else "The"
    return f"{by} witness <code>{escape(witness.key.name)}</code>"


def _unproven(proven: Proven) -> Iterator[str]:
    yield "That what was recorded is true. A ledger shows what was recorded, not what happened."
    yield "That nothing was recorded afterwards. Later events of the case are not in here."
    yield (
        "Whose key it is. The ledger's key in <code>keys.txt</code> is to be the one that the council "
        "has made known, or that was kept from before."
    )
    timed = proven.stamped_at or any(witness.time for witness in proven.witnesses)
    rest = (
        "others only prove that it was no later than the times above"
        if timed
        else "nobody else proves a time"
    )
    yield f"When an event was recorded. That is the ledger's word; {rest}."


def _events(history: Sequence[Recorded]) -> Iterator[str]:
    yield "<h2>What was recorded</h2>"
    yield (
        '<p class="small">In the order in which it happened, by the account of each event. Names and free '
        "text are only in the documents.</p>"
    )
    gone = voided(history)
    dated = sorted(
        ((of_record(each), each) for each in history),
        key=lambda both: (both[0].on, both[0].at, both[1].position),
    )
    for on, group in groupby(dated, key=lambda both: both[0].on):
        yield f"<h3>{_day(on)}</h3>"
        for _, record in group:
            yield from _event(record, is_void=record.caseversion in gone)


def _event(record: Recorded, *, is_void: bool) -> Iterator[str]:
    yield f'<div class="event{" void" if is_void else ""}"><b>{record.caseversion}</b>'
    yield f"<p>{escape(sentence(record))}</p>"
    if is_void:
        yield "<p>This was recorded in error, and voided later.</p>"
    by = f" by {escape(record.author)}" if record.author else ""
    role = f", {escape(_role(record.actorrole))}" if record.actorrole else ""
    flags = f" Flagged: {escape(', '.join(map(_flag, record.flags)))}." if record.flags else ""
    name = f"documents/{record.position:010d}.json"
    yield (
        f'<p class="small">Recorded {moment(record.recordedat)}{by}{role}.{flags} '
        f'<a href="{name}">Document&nbsp;{record.position}</a></p></div>'
    )


def _end(proven: Proven) -> Iterator[str]:
    head = proven.head
    yield "<h2>For whoever checks it</h2>"
    yield '<ul class="small">'
    yield f"<li>Ledger: <code>{escape(head.origin)}</code></li>"
    yield f"<li>Tree: {head.size} documents, root <code>{b64(head.root)}</code></li>"
    for each in (*proven.ledger, *proven.witnesses):
        if len(str(each.key)) <= 200:  # noqa: PLR2004 - a post-quantum key fills a page; keys.txt has it
            yield f"<li>Key: <code>{escape(str(each.key))}</code></li>"
        else:
            yield f"<li>Key: <code>{escape(each.key.name)}+{each.key.key_id.hex()}</code>, in keys.txt</li>"
    yield f"<li>Made by {escape(proven.parts.writer)}</li>\n</ul>"


def _role(role: str) -> str:
    return words(role) if "_" in role else role


def _flag(flag: str) -> str:
    return flag.replace("_", " ")


def _day(on: date) -> str:
    return f"{on:%A} {on.day} {on:%B %Y}"
