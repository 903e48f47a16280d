"""Who was shown what is sealed, and what of it is unusual, as an auditor asks."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import httpx
import pytest
from msgspec import json

from services.domain.access import stream_of
from services.projector.rebuild import rebuild
from services.runtime.tls import authorities
from tests.integration.projector.ground import OPENING, Asked, Ground
from tests.support.casework import Post, contact, event

NINE: Final = datetime.fromisoformat(OPENING)


def allocated(team: str, on: str = "2017-10-01") -> Post:
    return event("CaseAllocated", worker="worker:3", team=team, on=on)


async def look(stage: Ground, case_id: str, who: str = "worker:3", minute: int = 0, **data: Any) -> int:
    """One look, as the ledger records it; its position."""
    at = (NINE + timedelta(minutes=minute)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    said = {"case_id": case_id, "purpose": "SUPERVISION", **data}
    return await stage.inject(stream_of(case_id), "RecordViewed", said, actor=who, recordedat=at)


async def unusual(projector: Asked, path: str, **query: Any) -> list[list[str]]:
    return [item["unusual"] for item in await projector.items(path, **query)]


async def test_an_auditor_sees_who_looked_at_a_child_and_what_a_person_looked_at(
    stage: Ground, projector: Asked
) -> None:
    for case_id in ("case-1", "case-2", "case-3"):
        await stage.post(case_id, contact())
    fields = ["ContactReceived.referrer", "ContactReceived.summary"]
    await look(stage, "case-1", minute=1, fields=fields, versions="1")
    await look(stage, "case-2", "iro:17", minute=2)
    await look(stage, "case-1", "iro:17", minute=3)
    position = await look(stage, "case-1", minute=4)

    at_case = await projector.items("/v1/cases/case-1/access", limit=2, wait_for=position)
    by_iris = await projector.items("/v1/looks", who="iro:17", limit=1)
    late = await projector.items("/v1/looks", since="2017-10-02T09:03:00Z")

    assert [(each["who"], each["looked_at"][11:16]) for each in at_case] == [
        ("worker:3", "09:04"),
        ("iro:17", "09:03"),
        ("worker:3", "09:01"),
    ]
    assert (at_case[-1]["fields"], at_case[-1]["versions"]) == (fields, "1")
    assert at_case[-1]["purpose"] == "SUPERVISION"
    assert [each["case_id"] for each in by_iris] == ["case-1", "case-2"]
    assert [each["position"] for each in late] == [position, position - 1]
    assert (await projector.get("/v1/cases/case-3/access"))["items"] == []
    assert (await projector.answer("/v1/cases/case-9/access")).status_code == 404
    assert [each["case_id"] for each in await projector.items("/v1/cases")] == ["case-1", "case-2", "case-3"]


async def test_what_the_ledger_shows_is_seen_here(stage: Ground, projector: Asked) -> None:
    position = await stage.post("case-1", event("ContactReceived", contact_id="c-1", summary="She rang."))
    asked = {"unseal": "true", "purpose": "COMPLAINT", "on_behalf_of": "worker:8"}
    async with httpx.AsyncClient(base_url=stage.ledger_url, trust_env=False, verify=authorities()) as ledger:
        shown = await ledger.get("/v1/cases/case-1/events", params=asked)
    assert "She rang." in shown.text

    (seen,) = await projector.items("/v1/looks", who="worker:8", wait_for=position + 1)

    assert (seen["case_id"], seen["purpose"], seen["versions"]) == ("case-1", "COMPLAINT", "1")
    assert seen["fields"] == ["ContactReceived.summary"]
    assert (await projector.get("/v1/cases/case-1"))["version"] == 1


async def test_a_look_is_judged_by_what_was_known_when_it_was_taken(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", contact())
    await look(stage, "case-1", teams=["CARE_TEAM"])  # nobody's case yet
    await look(stage, "case-1")  # nor is it outside the team of somebody who has none
    await stage.post("case-1", allocated("PROTECTION_TEAM"))
    await look(stage, "case-1", teams=["CARE_TEAM", "PROTECTION_TEAM"])
    await look(stage, "case-1", teams=["CARE_TEAM"])
    await look(stage, "case-1")  # of no team at all
    await stage.post("case-1", event("CaseReallocated", worker="worker:4", team="CARE_TEAM", on="2017-10-02"))
    await look(stage, "case-1", teams=["CARE_TEAM"])

    restricted = event("CaseRestricted", reason="ADOPTION", allowed=["iro:17"])
    broken = event("BreakGlassUsed", purpose="CHILD_AT_RISK", reason="She rang.").saying(actor="worker:3")
    await stage.post("case-1", restricted, broken)
    await look(stage, "case-1", "iro:17", minute=1, teams=["CARE_TEAM"])
    await look(stage, "case-1", minute=1, teams=["CARE_TEAM"])
    position = await look(stage, "case-1", minute=480, teams=["CARE_TEAM"])  # it closed again

    found = await unusual(projector, "/v1/cases/case-1/access", wait_for=position)
    outside = await projector.items("/v1/looks", unusual="OUTSIDE_TEAM")

    assert found == [[], ["BREAK_GLASS"], [], [], ["OUTSIDE_TEAM"], ["OUTSIDE_TEAM"], [], [], []]
    assert [each["case_team"] for each in outside] == ["PROTECTION_TEAM", "PROTECTION_TEAM"]


async def test_the_twenty_first_case_within_an_hour_is_one_too_many(stage: Ground, projector: Asked) -> None:
    for number in range(20):
        await look(stage, f"case-{number}", minute=number)
        await look(stage, f"case-{number}", "iro:17", minute=number)  # another's count for themselves
        await look(stage, f"case-{number}", minute=number)  # again at the same case
    await look(stage, "case-20", minute=59)
    await look(stage, "case-21", minute=60)  # the first one is an hour ago
    position = await look(stage, "case-22", minute=79)

    looks = await projector.items("/v1/looks", who="worker:3", wait_for=position)
    many = await projector.items("/v1/looks", unusual="MANY_CASES")

    assert [(each["case_id"], each["cases_within_the_hour"]) for each in looks[:3]] == [
        ("case-22", 3),
        ("case-21", 21),
        ("case-20", 21),
    ]
    assert [each["case_id"] for each in many] == ["case-21", "case-20"]


async def test_looks_are_no_cases_and_rebuilt_as_they_were(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", contact(), allocated("CARE_TEAM"))
    await look(stage, "case-1")
    position = await look(stage, "case-1", minute=1)
    await projector.until(position)
    before = await stage.rows()

    await rebuild(stage.settings().database_url, stage.ledger_url, lambda _done, _whole: None)
    after = await stage.rows()

    assert after == before
    assert len(after["look"]) == 2
    assert {row[0] for table in ("case_status", "timeline", "deadline") for row in after[table]} == {"case-1"}
    assert after["parked"] == []


async def test_a_log_that_a_newer_release_wrote_is_parked_by_its_name_and_goes_on_from_there(
    stage: Ground, projector: Asked
) -> None:
    await stage.post("case-1", contact())
    await look(stage, "case-1")
    unknown = await stage.inject(stream_of("case-1"), "RecordDreamtOf")
    position = await look(stage, "case-1", minute=1)

    assert len(await projector.items("/v1/cases/case-1/access", wait_for=position)) == 1
    assert [row[:2] for row in (await stage.rows())["parked"]] == [("access~case-1", unknown)]
    await rebuild(stage.settings().database_url, stage.ledger_url, lambda _done, _whole: None)
    assert len(await projector.items("/v1/cases/case-1/access")) == 1


async def test_an_auditor_asks_the_same_at_a_prompt(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", contact(), allocated("CARE_TEAM"))
    await look(stage, "case-1", "iro:17")
    await look(stage, "case-1", minute=1, versions="1-4,7", fields=["ContactReceived.summary"])
    await projector.until(await look(stage, "case-2", "iro:17", minute=1))

    at_case, by_iris, unknown = await asyncio.gather(
        asked(projector, "case-1", "--most", "1"),
        asked(projector, "--by", "iro:17", "--since", "2017-10-02", "--json"),
        asked(projector, "case-9"),
    )

    assert at_case.status == 0
    assert "10:01 worker:3 case-1 SUPERVISION 1 field of 1-4,7 OUTSIDE_TEAM" in " ".join(at_case.out.split())
    assert at_case.err == "1 look. There are older ones: --most shows more.\n"
    assert [each["case_id"] for each in json.decode(by_iris.out)] == ["case-2", "case-1"]
    assert (unknown.status, "answered 404" in unknown.err) == (1, True)


class Ended(NamedTuple):
    status: int | None
    out: str
    err: str


async def asked(projector: Asked, *arguments: str) -> Ended:
    url = str(projector.http.base_url).rstrip("/")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "looks", *arguments),
        env={**os.environ, "CASELEDGER_PROJECTOR_URL": url},
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize(
    ("query", "parameter"),
    [({"since": "yesterday"}, "since"), ({"unusual": "ODD"}, "unusual"), ({"cursor": "!"}, "cursor")],
)
async def test_what_cannot_be_asked_is_told_in_words(
    projector: Asked, query: dict[str, str], parameter: str
) -> None:
    answer = await projector.answer("/v1/looks", **query)
    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json()["faults"]] == [parameter]
