"""Rules of a birth: it is told when it has come, and its month in clear is that of its sealed date."""

from datetime import date

from services.domain.birth import has_come, month_of
from services.domain.events.child import ChildDetails
from services.domain.events.private_fostering import PrivateFosteringNotified
from services.domain.events.shape import Event
from services.domain.rules.rule import Contradiction, Telling


def told_after_birth(telling: Telling) -> Contradiction | None:
    """A date of birth is told on that day, or later; before it, it is an expected one."""
    born, month, (date_field, month_field) = _told(telling.new.event)
    if born and born > telling.new.on:
        return Contradiction(f"That day had not come on {telling.new.on}.", date_field)
    if month and not has_come(month, telling.new.on):
        return Contradiction(f"That month had not come on {telling.new.on}.", month_field)
    return None


def birth_month_is_that_of_the_date(telling: Telling) -> Contradiction | None:
    """The month that stands in clear is the month of the date that is sealed."""
    born, month, (_, month_field) = _told(telling.new.event)
    if born and month and month != month_of(born):
        return Contradiction("The date of birth that is given lies in another month.", month_field)
    return None


def _told(event: Event) -> tuple[date | None, str | None, tuple[str, str]]:
    match event:
        case ChildDetails(date_of_birth=born, birth_month=month):
            return born, month, ("date_of_birth", "birth_month")
        case PrivateFosteringNotified(child_dob=born, child_birth_month=month):
            return born, month, ("child_dob", "child_birth_month")
        case _:
            return None, None, ("", "")
