"""An event is by the authenticated account; a client system says on whose behalf, a person cannot."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from services.domain.admission import admit
from services.domain.attribution import Denial, Denied, attribute
from services.domain.event import Submission
from services.domain.events.correction import EventVoided
from services.domain.forgetting_admission import A_SYSTEMS_WORD
from services.domain.posted import parse
from services.domain.principal import EVERYBODY, GRANTABLE, Principal, Role
from services.domain.verdict import Admitted, Refused
from tests.support import casework
from tests.support.samples import cloudevent

NOW = casework.instant("2030-01-01")
FRONT_DOOR = Principal(
    who="front-door", roles=frozenset({Role.RECORDER}), is_system=True, source="/front-door"
)
ANA = Principal(who="sw:1", roles=frozenset({Role.CASEWORKER}))
NOTIFIER = Principal(who="notifier", roles=frozenset({Role.NOTIFIER}), is_system=True, source="/notifier")


def posted(name: str = "ContactReceived", *, stream: str = "case-1", **said: str | None) -> Submission:
    attributes = cloudevent(name, source="/front-door") | said
    kept = {key: value for key, value in attributes.items() if value is not None and key != "subject"}
    return parse(json.encode(kept), stream, lambda: "id")


def denied(found: Submission | Denied) -> tuple[Denial, str]:
    assert isinstance(found, Denied)
    return found.denial, found.at


def admitted(found: Submission | Denied) -> Submission:
    assert isinstance(found, Submission)
    return found


def test_whom_a_client_system_names_is_the_author_and_the_system_the_actor() -> None:
    found = admitted(attribute(posted(actor="sw:1"), FRONT_DOOR))
    assert (found.actor, found.onbehalfof, found.author) == ("front-door", "sw:1", "sw:1")


def test_a_system_that_names_nobody_or_itself_is_the_author() -> None:
    for named in (None, "front-door"):
        found = admitted(attribute(posted(actor=named), FRONT_DOOR))
        assert (found.actor, found.onbehalfof, found.author) == ("front-door", None, "front-door")


def test_a_person_posts_under_their_own_name_and_no_other() -> None:
    for named in (None, "sw:1"):
        assert admitted(attribute(posted(actor=named), ANA)).author == "sw:1"
    assert denied(attribute(posted(actor="sw:2"), ANA)) == (Denial.NOT_YOUR_NAME, "/actor")


def test_a_key_posts_as_its_own_source() -> None:
    assert denied(attribute(posted(source="/portal"), FRONT_DOOR)) == (Denial.SOURCE_NOT_YOURS, "/source")
    assert admitted(attribute(posted(source=None), FRONT_DOOR)).source == "/front-door"


def test_nobody_else_posts_as_the_notifier() -> None:
    unbound = replace(FRONT_DOOR, roles=GRANTABLE, source=None)
    as_notifier = posted("ContactReceived", source="/notifier")
    assert denied(attribute(as_notifier, unbound)) == (Denial.SOURCE_NOT_YOURS, "/source")
    assert denied(attribute(posted("NotificationSent"), unbound)) == (Denial.TYPE_NOT_YOURS, "/type")
    told = posted("NotificationSent", source="/notifier", actor="notifier")
    assert admitted(attribute(told, NOTIFIER)).author == "notifier"


def test_a_recorder_posts_no_step_of_the_ladder_and_nothing_of_the_office() -> None:
    for name in ("EscalatedToServiceManager", "LadderExhausted", "StatutoryCapReached"):
        assert denied(attribute(posted(name), FRONT_DOOR)) == (Denial.TYPE_NOT_YOURS, "/type")
    closing = posted("ClosureDaysSet", stream="office")
    assert denied(attribute(closing, FRONT_DOOR)) == (Denial.FORBIDDEN, "")


def test_while_authentication_is_off_what_was_posted_stands() -> None:
    for said in (posted(actor="sw:1"), posted(actor=None), posted("NotificationSent", source="/notifier")):
        assert attribute(said, EVERYBODY) is said


@given(
    named=st.none() | st.sampled_from(["sw:1", "sw:2", "front-door", "notifier", "everybody"]),
    roles=st.frozensets(st.sampled_from(Role)),
    is_system=st.booleans(),
    name=st.sampled_from(["ContactReceived", "PracticeAlertRaised", "NotificationSent"]),
)
def test_whatever_is_posted_is_recorded_as_by_who_posted_it_or_not_at_all(
    named: str | None,
    roles: frozenset[Role],
    is_system: bool,  # noqa: FBT001 - drawn
    name: str,
) -> None:
    who = Principal(who="x:1", roles=roles, is_system=is_system)
    found = attribute(posted(name, actor=named), who)
    if isinstance(found, Submission):
        assert found.actor == "x:1"
        assert found.onbehalfof in ({None, named} if is_system else {None})


def test_an_approval_that_rests_on_the_word_of_a_client_system_says_so() -> None:
    mia, max_ = (Principal(who=who, roles=frozenset({Role.MANAGER})) for who in ("mia", "max"))
    system = Principal(who="cases", roles=frozenset({Role.MANAGER}), is_system=True)
    preparing = {"request_id": "r-1", "archive_sha256": "a" * 64, "through_version": 1, "fields": 3}
    approving = {"request_id": "r-1", "archive_sha256": "a" * 64, "by": "max"}
    for first, named, second, flags in (
        (mia, None, max_, ()),
        (mia, None, system, (A_SYSTEMS_WORD,)),
        (system, "mia", max_, (A_SYSTEMS_WORD,)),
        (system, "mia", system, (A_SYSTEMS_WORD,)),
    ):
        story = casework.given(casework.contact())
        for who, name, data, actor in (
            (first, "SubjectAccessPrepared", preparing, named),
            (second, "SubjectAccessApproved", approving, "max" if second is system else None),
        ):
            said = {"id": name, "source": "/test", "type": name, "data": data, "actor": actor}
            kept = {key: value for key, value in said.items() if value is not None}
            sent = admitted(attribute(parse(json.encode(kept), "case-1", lambda: "id"), who))
            found = admit(story.state, sent, casework.MONDAY, story.days)
            assert isinstance(found, Admitted)
            story = story.with_(sent, found)
        assert story.records[-1].flags == flags


def test_nobody_voids_what_they_might_not_have_posted() -> None:
    """Else a team could take back the alert that a reviewing officer raised about it."""
    iro, manager = (replace(ANA, roles=frozenset({role})) for role in (Role.IRO, Role.MANAGER))
    system, bound = (replace(FRONT_DOOR, types=types) for types in (None, frozenset({"EventVoided"})))
    alert, seen = casework.given(casework.raised()), casework.given(casework.contact())
    void = replace(posted("EventVoided", actor=None), event=EventVoided(target_event_id="event-1"))
    for story, who, refused in (
        (alert, ANA, True),
        (alert, manager, True),
        (alert, iro, False),
        (alert, system, False),
        (seen, ANA, False),
        (seen, bound, True),
    ):
        found = admit(story.state, admitted(attribute(void, who)), NOW, story.days)
        assert isinstance(found, Refused) is refused
        assert not isinstance(found, Refused) or found.rule == "not_yours_to_void"
