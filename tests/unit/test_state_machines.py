"""The pictures of the states are what the code does, and every state is in one."""

from pathlib import Path

import pytest

from services.domain.state.status import CaseStatus
from tests.support import machines
from tests.support.machines import START, Machine
from tests.support.machines_of_casework import MACHINES

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "state-machines.md"


def test_the_page_of_states_is_as_the_code_does() -> None:
    assert PAGE.read_text() == "\n".join(machines.lines(MACHINES)), "make schemas writes it anew"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.title)
def test_every_state_is_drawn(machine: Machine) -> None:
    drawn = {state for pair in machines.transitions(machine) for state in pair} - {START}
    assert drawn == set(machine.states) - {CaseStatus.UNKNOWN}  # that of a case before its first event
