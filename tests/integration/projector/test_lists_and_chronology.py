"""What teams ask of the lists and of chronologies, over HTTP."""

import httpx

from services.projector.rebuild import rebuild
from services.projector.views.lists import LISTS
from services.runtime.tls import authorities
from tests.integration.projector.ground import Asked, Ground
from tests.support.casework import Post, contact, event, plan, raised, voided
from tests.support.samples import SAMPLES
from tests.support.samples_of_casework import ALLEGATION, CHILD

EARLIER = {"time": "2017-09-01T09:00:00Z"}


def ended(plan_id: str, on: str) -> Post:
    return event("PlanEnded", plan_id=plan_id, ended_on=on)


async def test_lists_are_narrowed_by_state_case_and_day_and_paged(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", plan("CP", "1", made_on="2017-02-01"), ended("1", "2017-06-01"))
    await stage.post("case-1", plan("CIN", "2", made_on="2017-06-01"))
    position = await stage.post("case-2", plan("CP", "1", made_on="2017-03-01"))
    await projector.until(position)

    async def found(**query: str) -> list[tuple[str, str]]:
        items = await projector.items("/v1/plans", limit=1, **query)
        return [(item["case_id"], item["plan_id"]) for item in items]

    assert await found() == [("case-1", "1"), ("case-1", "2"), ("case-2", "1")]
    assert await found(state="CURRENT") == [("case-1", "2"), ("case-2", "1")]
    assert await found(case_id="case-1", state="ENDED") == [("case-1", "1")]
    assert await found(on="2017-05-31") == [("case-1", "1"), ("case-2", "1")]
    assert await found(on="2017-06-01") == [("case-1", "2"), ("case-2", "1")]
    assert (await projector.answer("/v1/plans", state="LAPSED")).status_code == 400
    assert (await projector.answer("/v1/plans", status="ENDED")).status_code == 400


async def test_every_list_holds_what_a_whole_life_made_and_a_rebuild_makes_the_same(
    stage: Ground, projector: Asked
) -> None:
    await stage.post("child", *(event(name, **SAMPLES[name]) for name in CHILD))
    position = await stage.post("adult", *(event(name, **SAMPLES[name]) for name in ALLEGATION))
    await projector.until(position)
    for each in LISTS:
        (item, *_) = await projector.items(f"/v1/{each.name}")
        assert item["state"] in list(each.states)
        assert item["case_id"] == ("adult" if each.name == "allegations" else "child")
    live = await stage.rows()

    await rebuild(stage.settings().database_url, stage.ledger_url, lambda _done, _whole: None)

    assert await stage.rows() == live


async def test_a_chronology_is_in_the_order_in_which_things_happened(stage: Ground, projector: Asked) -> None:
    position = await stage.post(
        "case-1",
        contact(),
        plan("CP", made_on="2017-09-20"),
        contact("contact-0").saying(id="first", **EARLIER),
        raised(),
        voided("first"),
    )

    async def told(**query: object) -> list[tuple[str, str, str, bool]]:
        items = await projector.items("/v1/cases/case-1/chronology", limit=2, wait_for=position, **query)
        return [(item["type"], item["happened_on"], item["about"], item["voided"]) for item in items]

    first = ("ContactReceived", "2017-09-01", "CONTACT", True)
    made = ("PlanMade", "2017-09-20", "PLAN", False)
    assert await told() == [
        first,
        made,
        ("ContactReceived", "2017-10-02", "CONTACT", False),
        ("PracticeAlertRaised", "2017-10-02", "ALERT", False),
        ("EventVoided", "2017-10-02", "CORRECTION", False),
    ]
    assert (await told(about=["PLAN", "CONTACT"]))[:2] == [first, made]
    assert await told(about="REVIEW") == []
    assert (await projector.answer("/v1/cases/case-2/chronology")).status_code == 404


async def test_a_curated_chronology_shows_what_stands_in_the_order_of_its_days(
    stage: Ground, projector: Asked
) -> None:
    def entry(entry_id: str, on: str, **data: str) -> Post:
        put_in = event("ChronologyEntryAdded", entry_id=entry_id, heading="SCHOOL_CONCERN", on=on, **data)
        return put_in.saying(time="2017-09-28T09:00:00Z")

    position = await stage.post(
        "case-1",
        contact().saying(id="call"),
        entry("1", "2017-09-04", event_id="call", text="He came in without a coat."),
        entry("2", "2017-03-01").saying(id="second"),
        entry("3", "2017-05-01"),
        event("ChronologyEntryRemoved", entry_id="3"),
    )
    path = "/v1/cases/case-1/chronology/curated"
    page = await projector.get(path, limit=1, wait_for=position)
    items = await projector.items(path, limit=1)
    removed = await projector.items(path, state="REMOVED")
    before = await projector.items(path, limit=2, occurred_until="2017-09-29T00:00:00Z")

    gone = await projector.get(
        path, cursor=page["next"], wait_for=await stage.post("case-1", voided("second"))
    )

    assert [item["entry_id"] for item in gone["items"]] == ["1"]  # what was shown is there no more
    assert [item["entry_id"] for item in items] == ["2", "1"]
    assert (items[1]["sentence"], items[1]["position"]) == ("A contact was received.", 2)
    assert [item["entry_id"] for item in removed] == ["3"]
    assert [item["entry_id"] for item in before] == ["2", "3", "1"]
    assert "coat" not in str(items)


async def test_a_family_is_told_of_as_one_and_its_cases_are_found(stage: Ground, projector: Asked) -> None:
    def of(family_id: str) -> Post:
        return event("ChildDetailsRecorded", family_id=family_id)

    await stage.post("kim", of("family-1"), plan("CP", made_on="2017-06-01"))
    await stage.post("lee", of("family-2"), contact().saying(**EARLIER))
    corrected = event("ChildDetailsCorrected", family_id="family-1").saying(time="2017-10-02T09:00:01Z")
    await projector.until(await stage.post("lee", plan("CIN", made_on="2017-03-01"), corrected))

    told = await projector.items("/v1/families/family-1/chronology", about=["PLAN", "CONTACT"], limit=1)
    cases = await projector.items("/v1/cases", family_id="family-1")

    assert [(each["case_id"], each["type"]) for each in told] == [
        ("lee", "PlanMade"),
        ("kim", "PlanMade"),
        ("lee", "ContactReceived"),
    ]
    assert [(case["case_id"], case["family_id"]) for case in cases] == [
        ("kim", "family-1"),
        ("lee", "family-1"),
    ]
    assert (await projector.answer("/v1/families/family-2/chronology")).status_code == 404


async def test_what_is_due_to_be_erased_is_listed_with_its_rule_and_its_holds(
    stage: Ground, projector: Asked
) -> None:
    long_ago = event("ContactReceived", contact_id="contact-1", received_at="2011-02-03T09:00:00Z")
    hold = event("LegalHoldPlaced", hold_id="hold-1", reason="INQUIRY", authority="LEGAL")
    await stage.post("due", long_ago)
    await stage.post("held", long_ago, hold)
    await stage.post("erased", long_ago)
    court = {"authority": "COURT", "basis": "COURT_ORDER", "decided_by": "records:1"}
    async with httpx.AsyncClient(base_url=stage.ledger_url, trust_env=False, verify=authorities()) as http:
        (await http.post("/v1/cases/erased/erasure", json=court)).raise_for_status()
    await stage.post("kept", event("ReferralAccepted", referral_id="r", referral_date="2011-02-03"))
    await stage.post("later", event("ContactReceived", contact_id="c", received_at="2012-02-03T09:00:00Z"))
    longer = event(
        "PolicyAdopted", name="RETENTION", version="2", retention=[{"rule": "CONTACT_ONLY", "years": 7}]
    )

    async def found(position: int, **query: str) -> list[tuple[str, str, list[str]]]:
        items = await projector.items("/v1/retention", limit=1, wait_for=position, **query)
        return [(item["case_id"], item["due_on"], item["holds"]) for item in items]

    position = (await stage.ledger.head()).position
    assert await found(position) == [("due", "2017-02-04", []), ("held", "2017-02-04", ["hold-1"])]
    assert [case_id for case_id, _, _ in await found(position, due_by="2018-02-03")] == ["due", "held"]
    assert [case_id for case_id, _, _ in await found(position, due_by="2018-02-04")] == [
        "due",
        "held",
        "later",
    ]

    position = await stage.post("office", longer)
    assert await found(position) == []
    assert await found(position, due_by="2018-02-04") == [
        ("due", "2018-02-04", []),
        ("held", "2018-02-04", ["hold-1"]),
    ]
