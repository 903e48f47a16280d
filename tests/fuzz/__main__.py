"""`python -m tests.fuzz`: feed the decoders a million inputs, and say what they did with them.

    python -m tests.fuzz --inputs 1000000 --seed 1
    python -m tests.fuzz --only bundles --inputs 100000

An input that a decoder neither takes nor refuses as it should is written to a file, and the status is 1.
"""

import argparse
import logging
import platform
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path

import structlog

from tests.fuzz.decoders import DECODERS, Decoder, feed
from tests.fuzz.mutation import inputs

SLOW = 1.0  # seconds of the processor: by what takes longer a client could hold a service up


def main() -> int:
    """Read the command line, fuzz, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="how many in all")
    parser.add_argument("--seed", type=int, default=1, help="other numbers make other inputs")
    parser.add_argument("--only", default="", help="the decoders whose name begins so")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="where to write what was found")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chosen = [each for each in DECODERS if each.name.startswith(options.only)]
    versions = ", ".join(f"{name} {version(name)}" for name in ("msgspec", "cryptography", "rfc3161-client"))
    print(f"Python {platform.python_version()}, {versions}; seed {options.seed}")  # noqa: T201 - its purpose
    print("| decoder | inputs | taken | seconds | defects |\n|---|---|---|---|---|")  # noqa: T201 - as above
    found = sum(_run(each, options.seed, options.inputs // len(chosen), options.keep) for each in chosen)
    return 1 if found else 0


def _run(decoder: Decoder, seed: int, count: int, keep: Path) -> int:
    began, taken, defects = time.perf_counter(), 0, set[str]()
    for raw in inputs(decoder.seeds, f"{decoder.name} {seed}", count):
        fed = time.process_time()
        try:
            taken += feed(decoder, raw)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            _note(decoder, raw, error, defects, keep)
        if time.process_time() - fed > SLOW:
            _note(decoder, raw, TimeoutError(f"more than {SLOW} s"), defects, keep)
    seconds = time.perf_counter() - began
    print(f"| {decoder.name} | {count:,} | {taken:,} | {seconds:.0f} | {len(defects)} |", flush=True)  # noqa: T201 - as above
    return len(defects)


def _note(decoder: Decoder, raw: bytes, error: Exception, defects: set[str], keep: Path) -> None:
    """Keep the first input of each defect: what was raised, and where."""
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    what = f"{type(error).__name__} {[f'{each.name}:{each.lineno}' for each in frame]}"
    if what not in defects:
        defects.add(what)
        keep.mkdir(parents=True, exist_ok=True)
        file = keep / f"{decoder.name.replace(' ', '-')}-{len(defects)}"
        file.write_bytes(raw)
        print(f"{decoder.name}: {what} {error!s:.200} → {file}", file=sys.stderr)  # noqa: T201 - as above


sys.exit(main())
