"""Fold the office stream: who holds which rung on which day, closure days, policies in force, and keys."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from services.domain import calendar
from services.domain.calendar import Calendar
from services.domain.event import CaseVersion, Recorded
from services.domain.events.access import ApiKeyIssued, ApiKeyRevoked
from services.domain.events.correction import EventVoided
from services.domain.events.office import (
    Channel,
    ClosureDaysSet,
    OfficeRole,
    PolicyAdopted,
    RetentionTerm,
    RungHolderAppointed,
    RungHolderStoodDown,
)
from services.domain.principal import Role

OFFICE = "office"  # the id of the office's stream


class Appointment(Struct, frozen=True, kw_only=True):
    """Somebody holds a role from `first` until the day before `until` (London dates): of one team, or all."""

    event_id: str
    role: OfficeRole
    holder: str
    channels: tuple[Channel, ...]
    first: date
    team: str | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the appointment is in force on `day`."""
        return self.first <= day and (self.until is None or day < self.until)


class Policy(Struct, frozen=True, kw_only=True):
    """A version of a policy is in force from `first` (a London date) until the next one is."""

    event_id: str
    name: str
    version: str
    first: date
    retention: tuple[RetentionTerm, ...] = ()


class Closures(Struct, frozen=True, kw_only=True):
    """All closure days, as one event set them."""

    event_id: str
    days: frozenset[date]


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key that was issued to a client system; `ends` is the instant from which it counts no more.

    `sha256` is that of the whole key, in hexadecimal. Without `types` or `source` it is bound to none.
    `issued_by` is the account that was authenticated, `issued_for` whom it named, where it was a system's.
    """

    key_id: str
    sha256: str
    client: str
    roles: frozenset[Role]
    source: str | None = None
    types: frozenset[str] | None = None
    replaces: str | None = None
    issued_at: datetime
    issued_by: str | None = None
    issued_for: str | None = None
    ends: datetime | None = None

    def valid_on(self, instant: datetime) -> bool:
        """Whether it counts: neither expired nor revoked. A clock that runs behind does not refuse it."""
        return self.ends is None or instant < self.ends


class Office(Struct, frozen=True, kw_only=True):
    """All appointments ever made, in recording order: a replay can say who was to be told on any day.

    So are the settings of closure days, the policies that were adopted, and the keys, by their ids.
    """

    version: CaseVersion = CaseVersion(0)
    appointments: tuple[Appointment, ...] = ()
    closures: tuple[Closures, ...] = ()
    policies: tuple[Policy, ...] = ()
    keys: dict[str, ApiKey] = field(default_factory=dict)

    @property
    def closure_days(self) -> frozenset[date]:
        """The authority's own closure days: those that were set last."""
        return self.closures[-1].days if self.closures else frozenset()

    @property
    def recorded(self) -> tuple[str, ...]:
        """The ids of the events that stand and may be voided."""
        appointed = [each.event_id for each in self.appointments]
        closed = [each.event_id for each in self.closures]
        return (*appointed, *closed, *(each.event_id for each in self.policies))

    def policy(self, name: str, day: date) -> Policy | None:
        """The version of a policy that is in force on `day`: of several, the latest, or recorded last."""
        adopted = [each for each in self.policies if each.name == name and each.first <= day]
        return max(reversed(adopted), key=lambda each: each.first, default=None)

    def holder(self, role: OfficeRole, day: date) -> Appointment | None:
        """Who holds `role` on `day`: of several, the one appointed for the latest day, or recorded last.

        Whoever holds it for all teams comes before those who hold it for one.
        """
        holding = [each for each in self.appointments if each.role is role and each.holds_on(day)]
        return _latest(each for each in holding if each.team is None) or _latest(holding)

    def holders(self, role: OfficeRole, day: date) -> list[Appointment]:
        """Who holds `role` on `day`, for all teams and for each one; of several for the same, as above."""
        holding = [each for each in self.appointments if each.role is role and each.holds_on(day)]
        teams = dict.fromkeys(each.team for each in holding)
        found = (_latest(each for each in holding if each.team == team) for team in teams)
        return [each for each in found if each]

    def keys_of(self, client: str, instant: datetime) -> list[ApiKey]:
        """The keys of a client that count then and that no other was issued in place of."""
        replaced = {each.replaces for each in self.keys.values()}
        return [
            each
            for each in self.keys.values()
            if each.client == client and each.key_id not in replaced and each.valid_on(instant)
        ]

    def person(self, holder: str, day: date) -> Appointment | None:
        """The appointment under which `holder` can be reached on `day`, whatever their role."""
        return _latest(each for each in self.appointments if each.holder == holder and each.holds_on(day))


def working_days(office: Office, released: Calendar) -> Calendar:
    """The calendar that the office counts with: the released one less its closure days."""
    return _less(released, office.closure_days)


@lru_cache(maxsize=16)
def _less(released: Calendar, closure_days: frozenset[date]) -> Calendar:
    return calendar.with_closure_days(released, closure_days)


def fold(office: Office, record: Recorded) -> Office:
    """The office after one more event."""
    event = record.event
    office = replace(office, version=record.caseversion)
    match event:
        case RungHolderAppointed():
            appointment = Appointment(
                event_id=record.id,
                role=event.rung,
                holder=event.holder,
                channels=event.channels,
                team=event.team,
                first=event.from_ or calendar.london_date(record.time),
                until=event.until,
            )
            return replace(office, appointments=(*office.appointments, appointment))
        case RungHolderStoodDown():
            day = event.on or calendar.london_date(record.time)
            stood_down = [_ended(each, event, day) for each in office.appointments]
            return replace(office, appointments=tuple(stood_down))
        case ClosureDaysSet(dates=dates):
            closed = Closures(event_id=record.id, days=frozenset(dates))
            return replace(office, closures=(*office.closures, closed))
        case PolicyAdopted():
            first = event.from_ or calendar.london_date(record.time)
            adopted = Policy(
                event_id=record.id,
                name=event.name,
                version=event.version,
                first=first,
                retention=event.retention,
            )
            return replace(office, policies=(*office.policies, adopted))
        case ApiKeyIssued(key_id=key_id) if key_id not in office.keys:
            return replace(office, keys={**office.keys, key_id: _issued(record, event)})
        case ApiKeyRevoked(key_id=key_id) if known := office.keys.get(key_id):
            revoked = _ending(known, event.from_ or record.recordedat)
            return replace(office, keys={**office.keys, key_id: revoked})
        case EventVoided(target_event_id=target):
            return _without(office, target)
        case _:
            return office


def _without(office: Office, target: str) -> Office:
    return replace(
        office,
        appointments=tuple(each for each in office.appointments if each.event_id != target),
        closures=tuple(each for each in office.closures if each.event_id != target),
        policies=tuple(each for each in office.policies if each.event_id != target),
    )


def _issued(record: Recorded, event: ApiKeyIssued) -> ApiKey:
    return ApiKey(
        key_id=event.key_id,
        sha256=event.sha256,
        client=event.client,
        roles=frozenset(event.roles),
        source=event.source,
        types=None if event.types is None else frozenset(event.types),
        replaces=event.replaces,
        issued_at=record.recordedat,
        issued_by=record.actor,
        issued_for=record.onbehalfof,
        ends=event.expires_at,
    )


def _ending(key: ApiKey, instant: datetime) -> ApiKey:
    """Nothing that comes later makes a key count longer."""
    return replace(key, ends=min(key.ends or instant, instant))


def _latest(appointments: Iterable[Appointment]) -> Appointment | None:
    """Of those for the same day the one recorded last: it corrects the others."""
    return max(reversed(list(appointments)), key=lambda each: each.first, default=None)


def _ended(appointment: Appointment, event: RungHolderStoodDown, day: date) -> Appointment:
    concerned = appointment.role is event.rung and appointment.holder == event.holder
    if not concerned or appointment.first > day or (appointment.until and appointment.until <= day):
        return appointment
    return replace(appointment, until=day)
