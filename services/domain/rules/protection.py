"""Rules of strategy discussions, enquiries, conferences and plans: the children in need census's."""

from datetime import date, timedelta
from typing import assert_never

from services.domain import calendar
from services.domain.events import ProtectionEvent
from services.domain.events.conference import (
    AgencyReportReceived,
    ConferenceHeld,
    ConferenceKind,
    ConferenceRescheduled,
    ConferenceScheduled,
)
from services.domain.events.enquiry import Section47Completed, Section47Started
from services.domain.events.plan import (
    CinReviewHeld,
    CoreGroupHeld,
    FamilyNetworkMeetingHeld,
    PlanCategoryChanged,
    PlanEnded,
    PlanKind,
    PlanMade,
    PlanRevised,
    SupervisionOrderReviewHeld,
)
from services.domain.events.strategy import ProtectiveActionKind, ProtectiveActionTaken, StrategyHeld
from services.domain.rules.lives import (
    ends_before_it_begins,
    no_action_means_none,
    no_referral_open,
    others_open,
    overlap,
    work_outlives_its_case,
)
from services.domain.rules.need import before_its_referral
from services.domain.rules.rule import Contradiction, Rules, Telling, recorded_again
from services.domain.state.conferences import is_initial, kind_of, scheduled_days
from services.domain.state.enquiries import enquiries
from services.domain.state.plans import plans

POLICE_PROTECTION_LIMIT = timedelta(hours=72)


def rules(event: ProtectionEvent) -> Rules:
    """What is asked of an event of this family."""
    match event:
        case StrategyHeld():
            return Rules(flags=(recorded_again, no_referral_open))
        case ProtectiveActionTaken():
            return Rules((protection_ends_before_it_begins,), (recorded_again, over_72_hours))
        case Section47Started() | Section47Completed():
            return Rules(
                (
                    one_enquiry_at_a_time,
                    no_action_means_none,
                    ends_before_it_begins,
                    before_its_referral,
                    work_outlives_its_case,
                ),
                (recorded_again, start_unknown, no_referral_open, another_open),
            )
        case ConferenceScheduled():
            return Rules(
                (conference_keeps_its_kind, no_initial_conference_at_a_weekend),
                (recorded_again, on_a_weekend),
            )
        case ConferenceRescheduled():
            return Rules((no_initial_conference_at_a_weekend,), (recorded_again, not_scheduled, on_a_weekend))
        case AgencyReportReceived():
            return Rules(flags=(recorded_again, not_scheduled))
        case ConferenceHeld():
            return Rules(
                (
                    conference_keeps_its_kind,
                    no_initial_conference_at_a_weekend,
                    protection_plan_starts_at_its_conference,
                    no_review_conference_in_a_need_plan,
                ),
                (recorded_again, not_scheduled, on_a_weekend, not_quorate),
            )
        case PlanMade():
            flags = (no_referral_open,) if event.plan_kind in {PlanKind.CIN, PlanKind.CP} else ()
            return Rules(_OF_PLANS, (recorded_again, *flags, another_open))
        case PlanEnded():
            return Rules(_OF_PLANS, (recorded_again, start_unknown))
        case PlanCategoryChanged():
            return Rules((only_protection_plans_have_a_category,), (recorded_again, start_unknown))
        case PlanRevised():
            return Rules(flags=(recorded_again, start_unknown))
        case CoreGroupHeld() | CinReviewHeld() | FamilyNetworkMeetingHeld():
            return Rules(flags=(recorded_again, no_plan_open))
        case SupervisionOrderReviewHeld():
            return Rules(flags=(recorded_again,))
        case _:
            assert_never(event)


def one_enquiry_at_a_time(telling: Telling) -> Contradiction | None:
    """CIN 8839, 8890: a section 47 enquiry does not begin while another one goes on that ends later."""
    return overlap(enquiries(telling.after).values())


def one_protection_plan_at_a_time(telling: Telling) -> Contradiction | None:
    """CIN 8935, 8940: a child is on one child protection plan at a time."""
    return overlap(plans(telling.after, PlanKind.CP).values())


def one_need_plan_at_a_time(telling: Telling) -> Contradiction | None:
    """CIN 4004, 4014: a child is on one child in need plan at a time."""
    return overlap(plans(telling.after, PlanKind.CIN).values())


def no_need_plan_beside_a_protection_plan(telling: Telling) -> Contradiction | None:
    """CIN 4001, 4016, 4017: a child is not on a child in need plan while on a child protection plan."""
    return overlap(plans(telling.after, PlanKind.CIN, PlanKind.CP).values())


def no_review_conference_in_a_need_plan(telling: Telling) -> Contradiction | None:
    """CIN 4003: no review conference is held while the child is on a child in need plan."""
    facts = telling.after
    for held in facts.of(ConferenceHeld):
        if kind_of(facts, held.event.conference_id) is ConferenceKind.RCPC:
            for span in plans(facts, PlanKind.CIN).values():
                if span.spans(held.on):
                    return Contradiction(f"Plan `{span.object_id}` lasted beyond {held.on}.")
    return None


def protection_plan_starts_at_its_conference(telling: Telling) -> Contradiction | None:
    """CIN 2885: a child protection plan starts on the day of the initial conference that decided on it."""
    facts = telling.after
    for made in facts.of(PlanMade):
        named = made.event.conference_id
        held = facts.about(ConferenceHeld, named) if named else None
        if held and made.event.plan_kind is PlanKind.CP and is_initial(facts, held) and held.on != made.on:
            return Contradiction(f"`{named}` was held on {held.on}, the plan made on {made.on}.")
    return None


def protection_plan_lasts_a_day(telling: Telling) -> Contradiction | None:
    """CIN 8840: a child protection plan does not end on the day on which it starts."""
    for span in plans(telling.after, PlanKind.CP).values():
        if span.first and span.first == span.last:
            return Contradiction(f"`{span.object_id}` starts and ends on {span.first}.")
    return None


def plan_changed_its_kind(telling: Telling) -> Contradiction | None:
    """A plan stays of the kind that it was made as."""
    known = telling.before.about(PlanMade, telling.new.object_id or "")
    event = telling.new.event
    if isinstance(event, PlanMade) and known and known.event.plan_kind is not event.plan_kind:
        return Contradiction(f"`{event.plan_id}` is a {known.event.plan_kind} plan.", "plan_id")
    return None


def only_protection_plans_have_a_category(telling: Telling) -> Contradiction | None:
    """A category of abuse is that of a child protection plan."""
    for changed in telling.after.of(PlanCategoryChanged):
        made = telling.after.about(PlanMade, changed.event.plan_id)
        if made and made.event.plan_kind is not PlanKind.CP:
            reason = f"`{changed.event.plan_id}` is a {made.event.plan_kind} plan."
            return Contradiction(reason, "plan_id")
    return None


_OF_PLANS = (
    plan_changed_its_kind,
    only_protection_plans_have_a_category,
    one_protection_plan_at_a_time,
    one_need_plan_at_a_time,
    no_need_plan_beside_a_protection_plan,
    no_review_conference_in_a_need_plan,
    protection_plan_starts_at_its_conference,
    protection_plan_lasts_a_day,
    no_action_means_none,
    ends_before_it_begins,
    work_outlives_its_case,
)


def conference_keeps_its_kind(telling: Telling) -> Contradiction | None:
    """A conference is of one kind, when it is arranged and when it is held."""
    event = telling.new.event
    known = kind_of(telling.before, event.conference_id)
    if known and event.kind and event.kind is not known:
        return Contradiction(f"`{event.conference_id}` is of the kind {known}.", "kind")
    return None


def no_initial_conference_at_a_weekend(telling: Telling) -> Contradiction | None:
    """CIN 8875: an initial child protection conference is not held on a Saturday or Sunday."""
    conference_id = telling.new.event.conference_id
    if kind_of(telling.after, conference_id) is not ConferenceKind.ICPC:
        return None
    for day in _days(telling, conference_id):
        if day.weekday() >= calendar.SATURDAY:
            return Contradiction(f"{day} is a {day:%A}.", _day_field(telling))
    return None


def protection_ends_before_it_begins(telling: Telling) -> Contradiction | None:
    """Protection does not end before it begins."""
    event = telling.new.event
    if event.to and event.to < telling.new.at:
        return Contradiction(f"It began at {telling.new.at}.", "to")
    return None


def over_72_hours(telling: Telling) -> bool:
    """SSDA903 361: police protection lasts 72 hours at most (Children Act 1989, s46(6))."""
    event = telling.new.event
    by_police = event.kind is ProtectiveActionKind.POLICE_PROTECTION
    return by_police and event.to is not None and event.to - telling.new.at > POLICE_PROTECTION_LIMIT


def start_unknown(telling: Telling) -> bool:
    """What this ends, or goes on with, has not been recorded (yet)."""
    match telling.new.event:
        case Section47Completed(enquiry_id=enquiry_id):
            return telling.before.about(Section47Started, enquiry_id) is None
        case PlanEnded(plan_id=plan_id) | PlanRevised(plan_id=plan_id) | PlanCategoryChanged(plan_id=plan_id):
            return telling.before.about(PlanMade, plan_id) is None
        case _:
            return False


def another_open(telling: Telling) -> bool:
    """CIN 4016, 8839 and their like: another one had begun and is not known to be over."""
    match telling.new.event:
        case Section47Started():
            return others_open(enquiries(telling.before).values(), telling)
        case PlanMade(plan_kind=PlanKind.CIN | PlanKind.CP):
            return others_open(plans(telling.before, PlanKind.CIN, PlanKind.CP).values(), telling)
        case _:
            return False


def not_scheduled(telling: Telling) -> bool:
    """The conference was not arranged here (yet)."""
    return telling.before.about(ConferenceScheduled, telling.new.event.conference_id) is None


def on_a_weekend(telling: Telling) -> bool:
    """A Saturday or Sunday, of a conference that is not known to be an initial one."""
    days = _days(telling, telling.new.event.conference_id)
    return any(day.weekday() >= calendar.SATURDAY for day in days)


def not_quorate(telling: Telling) -> bool:
    """The conference decided without the agencies that it needs."""
    return telling.new.event.quorate is False


def no_plan_open(telling: Telling) -> bool:
    """No plan of the kind is known to be open on that day."""
    kinds = (PlanKind.CIN, PlanKind.CP) if isinstance(telling.new.event, CoreGroupHeld) else (PlanKind.CIN,)
    return not any(span.holds_on(telling.new.on) for span in plans(telling.before, *kinds).values())


def _days(telling: Telling, conference_id: str) -> list[date]:
    held = telling.after.about(ConferenceHeld, conference_id)
    return scheduled_days(telling.after, conference_id) + ([held.on] if held else [])


def _day_field(telling: Telling) -> str:
    return "held_on" if isinstance(telling.new.event, ConferenceHeld) else "scheduled_for"
