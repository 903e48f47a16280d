"""Who may not do what the purpose is for is told so before anything is opened."""

from typing import Any

import pytest

from services.domain.principal import Principal, Role
from services.ledger.viewer import Purpose, viewer_of
from services.runtime.problems import Problem


def scope(role: Role) -> Any:
    return {"user": Principal(who="somebody", roles=frozenset({role}))}


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.IRO, Role.AUDITOR])
def test_who_may_not_prepare_a_subject_access_opens_nothing_for_one(role: Role) -> None:
    with pytest.raises(Problem) as refused:
        viewer_of(scope(role), Purpose.SUBJECT_ACCESS, None, unseal=True)

    assert "prepare_subject_access" in str(refused.value.detail)
    assert viewer_of(scope(role), Purpose.COURT, None, unseal=True)


def test_who_may_prepare_a_subject_access_opens_a_case_for_it() -> None:
    assert viewer_of(scope(Role.MANAGER), Purpose.SUBJECT_ACCESS, None, unseal=True)
