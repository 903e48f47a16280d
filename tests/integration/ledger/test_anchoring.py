"""What is sealed is handed to others, who cosign, stamp and keep it; who is away holds nothing up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.evidence import checkpoint, keyring, note, timestamp, treehead
from services.evidence.keys import Algorithm, Signer
from services.evidence.treehead import TreeHead
from services.ledger import anchoring, stamping, witnesses
from services.ledger import sealer as sealer_module
from services.ledger.anchorage import Anchorage, Mailing
from services.ledger.settings import Settings
from services.ledger.tree import Sealed
from services.runtime import postgres
from services.runtime.clock import instant_from
from services.runtime.settings import SettingsError
from services.runtime.tls import authorities
from services.stack import signing
from services.witness import directory, service
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, contact
from tests.integration.ledger.seals import ORIGIN, SIGNER
from tests.support import independent_verifier as independent
from tests.support.inbox import Inbox
from tests.support.time_authority import TimeAuthority
from tests.support.time_authority import stamping as stamps
from tests.support.trees import OTHERS, ask, head
from tests.support.until import until

WITNESS = Signer("witness.example/w1", Algorithm.COSIGNATURE, b"w" * 32)
START = "2018-03-29T22:30:00Z"  # half past eleven in the evening in London


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    for module in (witnesses, stamping):
        monkeypatch.setattr(module, "RETRY", 0.1)
    monkeypatch.setattr(witnesses, "ASK_EVERY", 0.05)


@asynccontextmanager
async def witness(path: Path) -> AsyncIterator[str]:
    """A witness at work; gives what CASELEDGER_WITNESSES says of it."""
    directory.prepare(path)
    signing.write(path / "witness.key", [WITNESS])
    (path / "ledgers.keys").write_text(f"{SIGNER.verifier}\n")
    async with service.serve(path, "127.0.0.1", 0) as url:
        yield f"{WITNESS.verifier} {url}/"


def at_work(owner_url: str, nats_url: str, **settings: str) -> AbstractAsyncContextManager[Ledger]:
    return ledgers.ledger(owner_url, nats_url, signing_key=SIGNER.written(), **settings)


async def cosigned(ledger: Ledger, size: int) -> bool:
    answer = await ledger.http.get("/v1/checkpoint")
    if answer.status_code != 200:
        return False
    signed = note.parse(answer.content)
    made = checkpoint.check_signatures(signed, [SIGNER.verifier, WITNESS.verifier])
    return len(made) == 2 and treehead.parse(signed.text).size == size


async def says(ledger: Ledger, check: str, words: str) -> bool:
    """Whether the ledger is ready, and yet warns of an anchor in these words."""
    ready = await ledger.ready()
    found = ready["checks"][check]
    return bool(ready["ready"] and found["warning"] and words in found["detail"])


async def test_a_witness_cosigns_whatever_is_sealed_and_one_that_is_away_holds_nothing_up(
    migrated: str, bus: str, tmp_path: Path
) -> None:
    away = Signer("witness.example/away", Algorithm.ML_DSA_44, b"a" * 32)
    own = [independent.read_key(str(key)) for key in (SIGNER.verifier, WITNESS.verifier)]
    async with witness(tmp_path / "w") as named:
        told = f"{named}\n{away.verifier} http://127.0.0.1:1"
        async with at_work(migrated, bus, witnesses=told) as ledger:
            for size in (1, 2, 3):
                await ledger.post("case-1", contact(size))
                await until(partial(cosigned, ledger, size))
            signed = (await ledger.http.get("/v1/checkpoint?witnesses=1")).content
            assert independent.check_checkpoint(signed, ORIGIN, own)[0] == 3
            assert (await ledger.http.get("/v1/checkpoints/3")).content == signed
            assert (await ledger.http.get("/v1/checkpoint?witnesses=2")).status_code == 404
            assert (await ledger.http.get("/v1/checkpoints/9")).status_code == 404
            await until(lambda: says(ledger, "witnesses", "away is not reached"))
            assert "w1 has cosigned 3 events" in str(await ledger.ready())


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (head(40, origin=ORIGIN), "has cosigned 40 events, and the tree has 2"),
        (head(2, origin=ORIGIN), "has cosigned another tree of 2 events"),
        (head(1, OTHERS, ORIGIN), "has cosigned 1 events that do not begin the tree of 2"),
    ],
    ids=["shrunken", "forked", "another past"],
)
async def test_a_ledger_that_went_back_or_was_replaced_is_contradicted_by_the_witness(
    migrated: str, bus: str, tmp_path: Path, seen: TreeHead, words: str
) -> None:
    async with witness(tmp_path / "w") as named:
        url = named.split()[1]
        async with httpx.AsyncClient(trust_env=False, verify=authorities()) as http:
            before = await http.post(f"{url}add-checkpoint", content=ask(0, seen, (), SIGNER))
        assert before.status_code == 200, before.text
        async with at_work(migrated, bus) as ledger:
            await ledger.post("case-1", contact(1), contact(2))
        async with at_work(migrated, bus, witnesses=named) as ledger:
            await until(lambda: says(ledger, "witnesses", f"w1 CONTRADICTS this ledger: it {words}"))
            assert (await ledger.post("case-1", contact(3))).status_code == 201


async def test_one_checkpoint_an_hour_is_time_stamped(migrated: str, bus: str, tmp_path: Path) -> None:
    async with stamps() as authority:
        (tmp_path / "root.pem").write_bytes(authority.certificates)
        named = {"timestamp_url": authority.url, "timestamp_certificate": str(tmp_path / "root.pem")}
        authority.status = 500
        async with at_work(migrated, bus, clock=START, **named) as ledger:
            await ledger.post("case-1", contact(1))
            await until(lambda: says(ledger, "timestamps", "the authority answers 500"))
            authority.status = 200
            await until(lambda: stamped(ledger, [1]))
            asked = len(authority.asked)
            await ledger.post("case-1", contact(2))
            await until(lambda: sealed(ledger, 2))
            await move(ledger, timedelta(minutes=59))
            assert (await stamped(ledger, [1]), len(authority.asked)) == (True, asked)
            await move(ledger, timedelta(minutes=60))
            await until(lambda: stamped(ledger, [1, 2]))
            await hold(ledger, authority)
            assert (await ledger.http.get("/v1/timestamps/3")).status_code == 404


async def hold(ledger: Ledger, authority: TimeAuthority) -> None:
    """See that each stamp is over its checkpoint."""
    trusted = timestamp.read_authority(authority.certificates)
    for size in (1, 2):
        signed = note.parse((await ledger.http.get(f"/v1/checkpoints/{size}")).content)
        reply = await ledger.http.get(f"/v1/timestamps/{size}")
        assert reply.headers["content-type"] == "application/timestamp-reply"
        assert timestamp.check(reply.content, timestamp.stamped_part(signed), trusted) == authority.now


async def stamped(ledger: Ledger, sizes: list[int]) -> bool:
    found = (await ledger.http.get("/v1/timestamps")).json()["timestamps"]
    return [each["size"] for each in found] == sizes


async def sealed(ledger: Ledger, size: int) -> bool:
    return (await ledger.http.get(f"/v1/checkpoints/{size}")).status_code == 200


async def move(ledger: Ledger, after: timedelta) -> None:
    """Move a test clock to a time after its start."""
    now = (instant_from(START) + after).isoformat()
    assert (await ledger.http.put("/v1/clock", json={"now": now})).status_code == 200


async def test_the_auditors_are_sent_the_newest_checkpoint_once_a_london_day(
    migrated: str, bus: str, smtp: str, maildir: Inbox
) -> None:
    named = {"auditors_address": "auditors@county.example", "clock": START}
    async with at_work(migrated, bus, smtp_url="smtp://127.0.0.1:1", **named) as ledger:
        await ledger.post("case-1", contact(1))
        await until(lambda: says(ledger, "auditors", "SMTP_UNREACHABLE"))
    async with (
        at_work(migrated, bus, smtp_url=smtp, **named) as one,
        at_work(migrated, bus, smtp_url=smtp, **named) as other,
    ):
        (first,) = await maildir.wait_for(1)
        await one.post("case-1", contact(2))
        await until(lambda: sealed(one, 2))
        await asyncio.gather(*(move(each, timedelta(minutes=29)) for each in (one, other)))
    async with at_work(migrated, bus, smtp_url=smtp, **named) as again:  # and after a restart
        await until(lambda: leads(again))
        await move(again, timedelta(minutes=31))  # past midnight
        await maildir.wait_for(2)
    one_day, the_next = maildir.to("auditors@county.example")
    assert one_day["Message-ID"] == first["Message-ID"] != the_next["Message-ID"]
    assert the_next["Subject"] == "Checkpoint of the case ledger, 30 March 2018: 2 events"
    text, attached = the_next.iter_parts()
    kept = attached.get_payload(decode=True)
    assert isinstance(kept, bytes)
    assert checkpoint.read(kept, ORIGIN, [SIGNER.verifier]).head.size == 2
    assert "caseledger verify --key ledger.keys --from-checkpoint checkpoint-2.txt" in text.get_content()
    assert attached.get_filename() == "checkpoint-2.txt"


async def leads(ledger: Ledger) -> bool:
    return "has sealed" in (await ledger.ready())["checks"]["sealer"]["detail"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"witnesses": "key"}, "pairs, <verifier key> <url>; one has no other half"),
        ({"witnesses": "key http://w"}, "pairs, <verifier key> <url>"),
        ({"witnesses": f"{SIGNER.verifier} http://w"}, "no witness's"),
        ({"witnesses": f"{WITNESS.verifier} ftp://w"}, "http or https"),
        ({"witnesses": f"{WITNESS.verifier} http://w:port"}, "http or https"),
        ({"witnesses": f"{WITNESS.verifier} http://"}, "http or https"),
        ({"timestamp_url": "http://t"}, "TIMESTAMP_CERTIFICATE is missing"),
        (
            {"timestamp_url": "http://t", "timestamp_certificate": "/nowhere"},
            "names /nowhere, which",
        ),
        ({"auditors_address": "a@b.example"}, "SMTP_URL is missing"),
        ({"auditors_address": "a, b", "smtp_url": "smtp://m"}, "one address"),
    ],
)
def test_what_cannot_be_used_is_said_at_the_start(settings: dict[str, str], words: str) -> None:
    chosen = Settings(database_url="", nats_url="", **settings)  # type: ignore[arg-type]  # all of them texts
    with pytest.raises(SettingsError, match=words):
        anchoring.read(chosen, keyring.parse(SIGNER.written()))
    with pytest.raises(SettingsError, match="SIGNING_KEY"):
        anchoring.read(chosen, None)


async def test_a_mail_that_a_crash_left_unsettled_is_sent_again_as_it_was(migrated: str) -> None:
    day, one, other = date(2018, 3, 29), Sealed(1, b"1" * 32, "of 1\n"), Sealed(2, b"2" * 32, "of 2\n")
    async with asyncpg.create_pool(ledgers.as_ledger(migrated), min_size=1, max_size=1) as pool:
        anchorage = Anchorage(pool, postgres.load_sql("services.ledger.sql"))
        assert await anchorage.claim_mail(day, one) == Mailing(1, "of 1\n")
        assert await anchorage.claim_mail(day, other) is None  # another ledger, while the first sends
        await pool.execute(
            "UPDATE ledger.auditors_mail SET claimed_at = clock_timestamp() - interval '11 minutes'"
        )
        assert await anchorage.claim_mail(day, other) == Mailing(1, "of 1\n")  # the first crashed
        assert not await anchorage.mail_is_sent(day)
        await anchorage.settle_mail(day, datetime.now(UTC))
        assert await anchorage.claim_mail(day, other) is None
        assert await anchorage.mail_is_sent(day)
