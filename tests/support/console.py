r"""Do what a document's `console` blocks say, against the environment's stack, and compare what comes out.

A line that begins with `$ ` is a command, `> ` goes on with it, and what follows is its output. `…` stands
for anything within a line; alone on a line, for any lines. Runs of spaces count as one, so that a table may
be shown narrower. By hand, from the root of the repository:

    caseledger run --clock 2017-10-02T07:30:00Z -- \
        python -m tests.support.console docs/tutorial/first-alert.md
"""

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRITTEN: Final = {
    "CASELEDGER_LEDGER_URL": "http://127.0.0.1:8400",
    "CASELEDGER_PROJECTOR_URL": "http://127.0.0.1:8401",
    "CASELEDGER_NOTIFIER_URL": "http://127.0.0.1:8402",
}
"""What documents write, since that is what a reader has, and the name that says what it is here."""

DIRECTORIES: Final = (".caseledger", ".caseledger-integrate")
"""The data directories that documents name."""

PROGRAM: Final = ".venv/bin/caseledger"
END: Final = "== end of output =="


class Exchange(NamedTuple):
    """One command, and the output that the document promises."""

    command: str
    promised: list[str]


def exchanges(document: str) -> Iterator[Exchange]:
    """The commands of a document in order."""
    for block in BLOCK.findall(document):
        found: list[Exchange] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Exchange(line.removeprefix("$ "), []))
            elif line.startswith("> ") and not found[-1].promised:
                found[-1] = Exchange(f"{found[-1].command}\n{line.removeprefix('> ')}", [])
            else:
                found[-1].promised.append(line.rstrip())
        yield from found


def agrees(promised: list[str], printed: list[str]) -> bool:
    """Whether the output is what was promised."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else re.escape(_narrow(line)).replace("…", ".*") + r"\n"
        for line in promised
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in map(_narrow, printed))) is not None


def main(path: str) -> int:
    """Run one document; 0 if it keeps its promises."""
    here = {written: os.environ[name] for name, written in WRITTEN.items()}
    here[PROGRAM] = f"{sys.executable} -m services.cli"
    here |= {f"{data}/tokens": f"{os.environ['CASELEDGER_DATA']}/tokens" for data in DIRECTORIES}
    document = Path(path).read_text()
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with (
        TemporaryDirectory() as elsewhere,
        subprocess.Popen(
            ["bash"],
            cwd=elsewhere,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as shell,
    ):
        for exchange in exchanges(document):
            status, printed = _run(shell, _replaced(exchange.command, here))
            shown = [_replaced(line, {there: written for written, there in here.items()}) for line in printed]
            if status != 0 or not agrees(exchange.promised, shown):
                _say(f"{path}: $ {exchange.command}\nended with {status}; promised (-), printed (+):")
                _say(*difflib.unified_diff(exchange.promised, shown, lineterm="", n=100))
                return 1
        _say(f"{path}: as promised")
    return 0


def _run(shell: "subprocess.Popen[bytes]", command: str) -> tuple[int, list[str]]:
    """Run one command in a shell that keeps its variables; its exit status and its lines."""
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{command}\nprintf '\\n%s %s\\n' '{END}' $?\n".encode())
    shell.stdin.flush()
    lines: list[str] = []
    for raw in shell.stdout:
        line = raw.decode().rstrip()
        if line.startswith(END):
            while lines and not lines[-1]:
                lines.pop()
            return int(line.removeprefix(END)), lines
        lines.append(line)
    return shell.wait(), lines


def _narrow(line: str) -> str:
    return re.sub(" +", " ", line).strip()


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _replaced(text: str, words: dict[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
