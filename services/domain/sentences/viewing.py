"""Say who was shown what is sealed: without what it was."""

from services.domain.events.viewing import RecordViewed
from services.domain.sentences.words import words


def sentence(event: RecordViewed) -> str:
    """One sentence, capital to full stop."""
    shown = f": {event.fields[0]}" if len(event.fields) == 1 else f": {len(event.fields)} fields"
    return f"What is sealed of {event.case_id} was shown for {words(event.purpose)}{shown}."
