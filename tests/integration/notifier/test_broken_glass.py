"""When the glass of a restricted case is broken, the data protection lead knows at once, and not whose."""

from pathlib import Path

from services.domain.principal import Role
from services.runtime.identity import credentials_file, token
from services.runtime.identity.bearer import bearer
from services.runtime.identity.credential import Credential
from tests.integration.notifier.rehearsal import Rehearsal, appointed, mailbox
from tests.support.casework import CASE, event, raised

LEAD = "dp:1"


async def test_broken_glass_is_told_at_once_and_a_restricted_case_is_in_no_list(
    office: Rehearsal, tmp_path: Path
) -> None:
    secret = token.make("stranger")
    roles = frozenset({Role.AUDITOR, Role.OPERATOR})
    stranger = Credential(key_id="stranger", sha256=token.digest_of(secret), client="stranger", roles=roles)
    path = tmp_path / "credentials"
    path.write_text(credentials_file.lines([stranger]))
    await office.post("office", appointed("DATA_PROTECTION_LEAD", LEAD))
    await office.post(CASE, raised(), event("CaseRestricted", reason="ADOPTION", allowed=["sw:1"]))
    await office.post("case-2", raised())
    used = event("BreakGlassUsed", purpose="CHILD_AT_RISK", reason="She rang.").saying(actor="sw:2")
    position = await office.post(CASE, used)

    async with office.notifier(
        authentication="required", credentials_file=str(path), token=secret
    ) as notifier:
        notifier.http.headers.update(bearer(secret))
        await office.settle(notifier)
        assert {each["case_id"] for each in await notifier.windows()} == {"case-2"}
        listed = await notifier.deliveries()
        assert {each["case_id"] for each in listed} == {"case-2", "office"}
        assert (await notifier.deliveries(state="SENT")) == listed
        hidden = await office.fetch("SELECT * FROM notifier.delivery WHERE case_id = $1 LIMIT 1", CASE)
        retried = f"/v1/deliveries/{hidden[0]['notification_id']}.{hidden[0]['channel']}/retry"
        assert (await notifier.http.post(retried)).status_code == 404

    (told,) = [each for each in office.inbox.messages() if each["To"] == mailbox(LEAD)]
    text = told.get_content()
    assert "sw:2 opened a restricted case at 09:00 on 2 October 2017, for child at risk." in text
    assert f"position {position}" in text
    assert "She rang." not in told.as_string()
    assert any("Its case is restricted" in each.as_string() for each in office.inbox.messages())
    assert not any(CASE in each.as_string() for each in office.inbox.messages())
    assert ("2017-10-02", "BREAK_GLASS", LEAD) in await office.told("office")
