"""What managers and systems ask of the read models, over HTTP."""

from tests.integration.projector.ground import Asked, Ground
from tests.support.casework import contact, plan, raised, responded, strategy, told, voided


async def test_a_case_shows_where_it_stands_and_how_much_is_known(stage: Ground, projector: Asked) -> None:
    position = await stage.post("case-1", contact(), strategy("S47_JOINT"), raised())

    case = await projector.get("/v1/cases/case-1", wait_for=position)

    assert case["status"] == "S47_ENQUIRY"
    assert (case["version"], case["events"], case["open_alerts"]) == (3, 3, 1)
    assert case["parked"] is False
