"""A witness on HTTP cosigns what grew, remembers it through a crash, and refuses whatever did not grow."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from services.cli.commands import load
from services.evidence import checkpoint, keys, note
from services.evidence.keys import Verifier
from services.runtime import clock
from services.runtime.tls import authorities
from services.witness import service
from services.witness.directory import Directory
from services.witness.errors import WitnessError
from tests.support.processes import clean_environment
from tests.support.trees import LEAVES, LEDGER, OTHERS, STRANGER, ask, head, proof


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The directory of a witness that was told of the ledger."""
    made = CliRunner().invoke(
        load(), ["witness", "keygen", "witness.example/w1", "--data", str(tmp_path / "w")]
    )
    assert made.exit_code == 0, made.output
    assert keys.read_verifier(made.stdout).name == "witness.example/w1"
    (tmp_path / "w" / "ledgers.keys").write_text(f"# of the county's ledger\n{LEDGER.verifier}\n")
    return tmp_path / "w"


@asynccontextmanager
async def witness(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        service.serve(path, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, verify=authorities()) as http,
    ):
        yield http


async def post(http: httpx.AsyncClient, body: bytes) -> tuple[int, str]:
    answer = await http.post("/add-checkpoint", content=body)
    return answer.status_code, answer.text


def cosigned(body: bytes, lines: str, key: Verifier) -> bool:
    """Whether the lines, put under the checkpoint that was sent, are a cosignature of it."""
    signed = note.parse(body.partition(b"\n\n")[2] + lines.encode())
    return set(checkpoint.check_signatures(signed, [LEDGER.verifier, key])) == {LEDGER.verifier, key}


async def test_a_tree_that_grows_is_cosigned_and_one_that_does_not_is_refused(own: Path) -> None:
    async with witness(own) as http:
        key = keys.read_verifier((await http.get("/v1/key")).text)
        for body in (ask(0, head(3)), ask(3, head(10), proof(3, 10)), ask(10, head(10))):
            status, lines = await post(http, body)
            assert (status, cosigned(body, lines, key)) == (200, True)
    async with witness(own) as http:  # started anew, it remembers
        assert (await post(http, ask(3, head(20), proof(3, 20)))) == (409, "10\n")
        assert (await post(http, ask(0, head(4)))) == (409, "10\n")  # a smaller tree, as if it knew nothing
        shrunken = await http.post("/add-checkpoint", content=ask(10, head(9)))
        assert (shrunken.status_code, shrunken.json()["type"]) == (
            400,
            "urn:caseledger:problem:invalid-request",
        )
        assert (await post(http, ask(10, head(10, OTHERS)))) == (409, "10\n")
        forked = await http.post("/add-checkpoint", content=ask(10, head(20, OTHERS), proof(10, 20, OTHERS)))
        assert (forked.status_code, forked.json()["type"]) == (
            422,
            "urn:caseledger:problem:inconsistent-tree",
        )
        assert (await post(http, ask(10, head(20), proof(10, 20), STRANGER)))[0] == 403
        assert (await post(http, ask(0, head(1, origin="elsewhere.example"))))[0] == 404
        assert (await post(http, b"old 10\n"))[0] == 400
        conflict = await http.post("/add-checkpoint", content=ask(0, head(4)))
        assert conflict.headers["content-type"].startswith("text/x.tlog.size")
        assert (await post(http, ask(10, head(20), proof(10, 20))))[0] == 200  # none of that counted
    kept = [path for path in (own / "seen").iterdir() if path.suffix == ".fork"]
    assert [note.parse(path.read_bytes()).text for path in kept] == [head(10, OTHERS).text]


async def test_of_two_pasts_that_are_shown_at_once_one_is_cosigned(own: Path) -> None:
    pasts = [ask(0, head(size, leaves)) for size in range(1, 9) for leaves in (LEAVES, OTHERS)]
    async with witness(own) as http:
        answers = await asyncio.gather(*(post(http, body) for body in pasts))
    assert sorted(status for status, _ in answers) == [200] + [409] * 15


DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from services.runtime import lifecycle, logs
from services.witness import service
from services.witness.directory import Directory

keep = Directory.keep
def keep_and_die(self, head, cosigned):
    keep(self, head, cosigned)
    if head.size == 20:
        os.kill(os.getpid(), signal.SIGKILL)

Directory.keep = keep_and_die
async def main(stop):
    async with service.serve(Path(sys.argv[1]), "127.0.0.1", 0) as url:
        print(url, flush=True)
        await stop.wait()
logs.configure("witness", "json")
lifecycle.run(main)
"""


async def test_killed_between_saving_and_answering_it_gives_the_cosignature_when_asked_again(
    own: Path,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES, str(own), stdout=asyncio.subprocess.PIPE, env=clean_environment()
    )
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url, trust_env=False, verify=authorities()) as http:
        assert (await post(http, ask(0, head(10))))[0] == 200
        with pytest.raises(WitnessError, match="Another process"), Directory(own):
            pass
        with pytest.raises(httpx.TransportError):
            await post(http, ask(10, head(20), proof(10, 20)))
    assert await process.wait() == -9
    async with witness(own) as http:
        assert (await post(http, ask(10, head(20), proof(10, 20)))) == (409, "20\n")
        assert (await post(http, ask(10, head(20, OTHERS), proof(10, 20, OTHERS)))) == (409, "20\n")
        assert (await post(http, ask(20, head(20))))[0] == 200


async def test_one_whose_machine_has_another_time_all_at_once_ends_to_begin_anew(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(clock, "DOUBT", 0.0)
    monkeypatch.setattr(clock.SystemClock, "stepped_by", lambda _: timedelta(hours=1))
    with pytest.raises(ExceptionGroup) as ended:
        await service.main(own, "127.0.0.1", 0, asyncio.Event())
    assert ended.group_contains(clock.ClockStepped)


def test_one_that_forgot_or_was_told_of_no_ledger_does_not_start(own: Path) -> None:
    (own / "seen").rename(own / "lost")
    with pytest.raises(WitnessError, match="begin anew with another key"), Directory(own):
        pass
    (own / "lost").rename(own / "seen")
    (own / "seen" / "x.note").write_bytes(checkpoint.sign(head(3), [STRANGER], 0).encode())
    with pytest.raises(WitnessError, match="not signed by this witness"), Directory(own):
        pass
    (own / "seen" / "x.note").unlink()
    with Directory(own) as found:
        found.keep(head(3), checkpoint.sign(head(3), found.signers, 0))
    (kept,) = (own / "seen").iterdir()
    shutil.copy(kept, own / "seen" / "copy.note")  # which would be of an older state one day
    with pytest.raises(WitnessError, match="move it elsewhere"), Directory(own):
        pass
    (own / "ledgers.keys").unlink()
    started = CliRunner().invoke(load(), ["witness", "serve", "--data", str(own)])
    assert (started.exit_code, "GET /v1/key" in started.output) == (1, True)
    again = CliRunner().invoke(load(), ["witness", "keygen", "other.example", "--data", str(own)])
    assert (again.exit_code, "keeps its key" in again.output) == (1, True)
