"""How a holder is reached: the channels of an appointment, each under a code that events may carry."""

from datetime import date

from services.domain.events.office import Channel
from services.domain.office import Appointment, Office


def channels_of(appointment: Appointment) -> dict[str, Channel]:
    """The channels by code: EMAIL, WEBHOOK, and for a second of its kind EMAIL_2, in the order given."""
    found: dict[str, Channel] = {}
    for channel in appointment.channels:
        earlier = sum(each.kind is channel.kind for each in found.values())
        found[f"{channel.kind}_{earlier + 1}" if earlier else str(channel.kind)] = channel
    return found


def find(office: Office, holder: str, rung: str | None, channel: str, day: date) -> Channel | None:
    """The channel of that code by which `holder` is reached on `day`, as holder of `rung` before all else."""
    in_force = [each for each in office.appointments if each.holder == holder and each.holds_on(day)]
    in_force.sort(key=lambda each: (each.role == rung, each.first), reverse=True)
    found = (channels_of(each).get(channel) for each in in_force)
    return next((each for each in found if each), None)
