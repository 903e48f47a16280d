"""Draw `docs/explanation/state-machines.md` from what the code does with sample events; `make schemas` does.

Nothing here knows a transition: each is found by recording an event, a week after the one before, and looking
at where the object stands then. What the rules refuse is not drawn.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tests.support.casework import Post, Story, given

WEEK: Final = timedelta(weeks=1)
START: Final = "[*]"
WITHIN: Final = "OPEN"
INTRODUCTION: Final = """\
# State machines

Drawn by `make schemas` from what the code does with sample events, each recorded a week after the one \
before; a test compares. An arrow names the event that leads from one state to the next. Facts may be \
*recorded* in any order and come to the same in the end: these pictures show the order in which things happen.
"""

Edges = dict[tuple[str, str], list[str]]
"""The transitions from one state to another, and the labels of what leads there."""


class Step(Struct, frozen=True):
    """Something that may happen: what the arrow says, and the event to record after a story.

    A step that `begins` something is tried where there is nothing yet, any other where there is something.
    """

    label: str
    post: Callable[[Story], Post | None]
    begins: bool = False


class Machine(Struct, frozen=True, kw_only=True):
    """What is drawn. Either every one of `steps` is tried in each state, or whole `lives` are gone through.

    States that are told apart by `key` are explored each for itself, and drawn as one. What leads out of all
    the states `within` to the same place is drawn once.
    """

    title: str
    states: type[StrEnum]
    state: Callable[[Story], str | None]
    steps: tuple[Step, ...] = ()
    lives: tuple[tuple[Post, ...], ...] = ()
    before: Story = given()
    key: Callable[[Story], object] | None = None
    within: frozenset[str] = frozenset()
    notes: str = ""


def transitions(machine: Machine) -> Edges:
    """Every transition that is found."""
    edges: Edges = {}
    for before, label, after in _explored(machine) if machine.steps else _lived(machine):
        if before != after and after:
            labels = edges.setdefault((before or START, after), [])
            if label not in labels:
                labels.append(label)
    return edges


def lines(machines: Iterable[Machine]) -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    for machine in machines:
        yield f"## {machine.title}\n"
        yield f"{(machine.states.__doc__ or '').strip()}\n"
        if machine.notes:
            yield f"{machine.notes}\n"
        yield "```mermaid\nstateDiagram-v2"
        yield from _drawn(transitions(machine), machine.within)
        yield "```\n"


def label_of(post: Post) -> str:
    """The event's type, and the one word in it that may lead elsewhere."""
    said = next((post.data[name] for name in ("plan_kind", "decision", "outcome") if name in post.data), None)
    return f"{post.type} ({said})" if said else post.type


def _explored(machine: Machine) -> Iterator[tuple[str | None, str, str | None]]:
    """From each state that is reached, by the shortest way there, every step."""
    key = machine.key or machine.state
    reached = {key(machine.before)}
    waiting = [machine.before]
    for story in waiting:
        before = machine.state(story)
        for step in machine.steps:
            post = step.post(story) if step.begins == (before is None) else None
            after = story.when(post).after if post else None
            if after is None:
                continue
            yield before, step.label, machine.state(after)
            if key(after) not in reached:
                reached.add(key(after))
                waiting.append(after)


def _lived(machine: Machine) -> Iterator[tuple[str | None, str, str | None]]:
    for life in machine.lives:
        story, before = machine.before, None
        for post in life:
            story = story.when(replace(post, recorded=story.now + WEEK)).then()
            after = machine.state(story)
            yield before, label_of(post), after
            before = after


def _drawn(edges: Edges, within: frozenset[str]) -> Iterator[str]:
    shared = {
        (after, *labels)
        for (_, after), labels in edges.items()
        if within and after not in within and all(edges.get((each, after)) == labels for each in within)
    }
    if within:
        yield f"    state {WITHIN} {{"
        yield from (f"    {line}" for line in _arrows(edges, within.issuperset))
        yield "    }"
        yield from (f"    {WITHIN} --> {after}: {', '.join(labels)}" for after, *labels in sorted(shared))
    outside = {
        (before, after): labels
        for (before, after), labels in edges.items()
        if before not in within or (after, *labels) not in shared
    }
    yield from _arrows(outside, lambda pair: not within.issuperset(pair))
    ends = {after for _, after in edges} - {before for before, _ in edges}
    yield from (f"    {state} --> {START}" for state in sorted(ends))


def _arrows(edges: Edges, wanted: Callable[[tuple[str, str]], bool]) -> Iterator[str]:
    for pair, labels in edges.items():
        if wanted(pair):
            yield f"    {pair[0]} --> {pair[1]}: {', '.join(labels)}"
