"""Every answer to an append binds the ledger to just what it has stored."""

import asyncio
from base64 import b64decode
from typing import Any

import httpx
import msgspec
import pytest

from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import CLOUDEVENTS, Ledger, contact
from tests.integration.ledger.seals import KEYS, SIGNER, STRANGER
from tests.support import independent_verifier as independent


def entries_of(answer: dict[str, Any]) -> list[tuple[int, bytes]]:
    return [(each["position"], b64decode(each["leaf"])) for each in answer["receipts"]]


def checked(answer: dict[str, Any]) -> list[tuple[int, bytes]]:
    """The positions and leaf hashes of an answer, once the signature over them is found to be right."""
    independent.check_receipt(entries_of(answer), answer["promise"], KEYS[0])
    return entries_of(answer)


async def stored(ledger: Ledger) -> list[tuple[int, bytes]]:
    return [(at, independent.leaf_of(at, line)) for at, line in enumerate(await ledger.lines(), 1)]


async def test_every_answer_is_signed_for_just_what_is_stored(migrated: str, bus: str) -> None:
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        posts = [
            ledger.post(f"case-{n % 9}", *(contact(f"{n}-{m}") for m in range(1 + n % 3))) for n in range(60)
        ]
        answers = [each.json() for each in await asyncio.gather(*posts)]
        said = sorted(entry for answer in answers for entry in checked(answer))
        assert said == await stored(ledger)
        together = {answer["promise"]["signature"] for answer in answers}
        assert len(together) < len(answers)  # one signature for all that a commit answers


async def test_a_repeat_gets_the_first_receipts_signed_again(migrated: str, bus: str) -> None:
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        events = [contact(), ledgers.alert()]
        first = (await ledger.post("case-1", *events)).json()
        for again in [await ledger.post("case-1", *events) for _ in range(2)]:
            assert (again.status_code, again.json()["receipts"]) == (200, first["receipts"])
            assert checked(again.json()) == checked(first)


async def test_each_case_of_a_batch_has_a_promise_of_its_own(migrated: str, bus: str) -> None:
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        body = msgspec.json.encode([contact(n, subject=f"case-{n % 3}") for n in range(9)])
        answer = await ledger.http.post("/v1/events", content=body, headers=CLOUDEVENTS)
        assert answer.status_code == httpx.codes.CREATED
        said = [entry for group in answer.json()["results"] for entry in checked(group)]
        assert sorted(said) == await stored(ledger)


async def test_an_answer_says_nothing_of_other_events_and_nothing_by_another_key(
    migrated: str, bus: str
) -> None:
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        one, other = [(await ledger.post("case-1", contact(n))).json() for n in range(2)]
        with pytest.raises(ValueError, match="wrong"):
            independent.check_receipt(entries_of(other), one["promise"], KEYS[0])
        with pytest.raises(ValueError, match="another key"):
            independent.check_receipt(
                entries_of(one), one["promise"], independent.read_key(str(STRANGER.verifier))
            )


async def test_without_a_key_a_receipt_has_the_leaf_hash_and_no_promise(ledger: Ledger) -> None:
    answer = (await ledger.post("case-1", contact())).json()
    assert entries_of(answer) == await stored(ledger)
    assert "promise" not in answer
