"""Write `docs/reference/retention.md` from the rules of retention; `make schemas` does."""

import sys
from collections.abc import Iterator
from datetime import date
from typing import Final

from services.domain.retention_rules import ALL_RETENTIONS, VERSION, Counted, Retention

INTRODUCTION: Final = f"""\
# Retention

Generated from `services/domain/retention_rules.py` by `make schemas`; a test compares. Version {VERSION}.

For how long a case is kept. Every rule that applies to a case keeps it; the one that keeps it longest says \
from when on it may be erased: the day after its years are over. What goes on is kept, and so is what is \
kept by the child's age while no month of birth is recorded.

Only dates and codes are looked at, nothing that is sealed. Of the date of birth the month stands in clear, \
and its last day is counted from: never too early. Nothing tells the age of an adult whom an allegation is \
about; they are taken to have been 16, the youngest that people are at work, and to draw a pension at 68.

An authority sets its own years by the event `PolicyAdopted`, name `RETENTION`: \
`{{"name": "RETENTION", "version": "2026", "retention": [{{"rule": "CONTACT_ONLY", "years": 3}}]}}`. They \
hold from the day on that it names, until the next does; never for less than a law says, which is marked \
*statute*. What is marked *local* is proposed by this release: no law and no guidance was found to settle it.

| rule | what | years | counted from | basis | by | in force |
|---|---|---|---|---|---|---|"""
COUNTED: Final = {
    Counted.BIRTH: "the end of the month of birth",
    Counted.DEATH: "the death",
    Counted.ORDER: "the adoption order",
    Counted.REFERRAL: "the last referral",
    Counted.LAST: "the last that happened",
}


def lines() -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    yield from map(_row, ALL_RETENTIONS)
    yield ""


def _row(rule: Retention) -> str:
    said = (rule.name, str(rule.years), COUNTED[rule.counted], rule.basis.lower(), rule.source, _force(rule))
    return f"| `{rule.rule}` | {' | '.join(said)} |"


def _force(rule: Retention) -> str:
    asked = _span("", rule.in_force_from, rule.in_force_until)
    return asked or _span("for orders ", rule.starts_from, rule.starts_until) or "not said"


def _span(what: str, first: date | None, until: date | None) -> str:
    since = f"since {first}" if first else ""
    return f"{what}{since}{f'before {until}' if until else ''}" if first or until else ""


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()))
