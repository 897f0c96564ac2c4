"""An arrival as its page shows it: the plan in rows and hours, and what who was invited said. Plain functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch import languages
from dispatch.arrival import Arrival, days_of
from dispatch.coverage_view import Cell, cell, told_gaps
from dispatch.invitation import Invitation, InvitationState, said_hours
from dispatch.inviting import Plan
from dispatch.people import Interpreter
from dispatch.shifts import Calendar, zone_named

SILENT_AFTER = timedelta(hours=2)
"""From then on somebody who was asked and did not answer is shown as silent."""


@dataclass(frozen=True)
class Row:
    """One language of the plan, as the page shows it."""

    name: str
    people: float
    contacts: float
    missed: float
    relay: str
    worst: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """One day of the plan: languages by hours."""

    label: str
    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Guest:
    """One interpreter who was invited, and what they said."""

    invitation: Invitation
    person: Interpreter | None
    hours: str
    chip: str
    told: str


def standing(invitations: Iterable[Invitation]) -> set[str]:
    """Interpreters whose invitation was not taken back: they are not asked once more."""
    return {one.interpreter_id for one in invitations if one.state is not InvitationState.WITHDRAWN}


def when(one: Arrival) -> str:
    zone = zone_named(one.zone)
    begin, end = one.starts.astimezone(zone), one.ends.astimezone(zone)
    return f"{begin:%a} {begin.day} {begin:%b %Y, %H:%M} to {end:%a} {end.day} {end:%b, %H:%M} ({one.zone})"


def rows(one: Arrival, found: Plan) -> list[Row]:
    zone, speakers = zone_named(one.zone), {share.language: share.people for share in one.languages}
    return [
        Row(
            languages.get(code).english,
            speakers[code],
            float(found.contacts[code].sum()),
            float((found.contacts[code] * line.miss).sum()),
            f"through {languages.get(line.bridge).english}: "
            f"{float((found.contacts[code] * line.miss * line.relay).sum()):.1f} of the missed"
            if line.bridge
            else "",
            told_gaps(line, found.hours, zone),
        )
        for code, line in found.lines.items()
    ]


def days(one: Arrival, found: Plan) -> list[Day]:
    zone = zone_named(one.zone)
    outside = Cell("quiet", "", "not in the time of the arrival")
    drawn = []
    for day in days_of(one):
        places: dict[int, int] = {}
        for place, hour in enumerate(found.hours):
            local = hour.astimezone(zone)
            if local.date() == day:
                places.setdefault(local.hour, place)
        rows = tuple(
            tuple(
                cell(line, places[hour], f"{day:%a} {hour:02}:00", "contacts") if hour in places else outside
                for hour in range(24)
            )
            for line in found.lines.values()
        )
        names = tuple(languages.get(code).english for code in found.lines)
        drawn.append(Day(f"{day:%A} {day.day} {day:%B}", names, rows))
    return drawn


_CHIPS = {
    InvitationState.WAITING: ("waiting", "will be asked after their quiet hours"),
    InvitationState.ASKED: ("asked", "invited"),
    InvitationState.YES: ("yes", "yes"),
    InvitationState.NO: ("no", "no"),
    InvitationState.CANNOT: ("cannot", "yes, then no"),
    InvitationState.WITHDRAWN: ("withdrawn", "taken back"),
    InvitationState.DONE: ("yes", "yes, over"),
    InvitationState.LAPSED: ("silent", "never answered"),
}


def guest(one: Invitation, person: Interpreter | None, calendar: Calendar, now: datetime) -> Guest:
    """One who was invited. A yes whose shift somebody has taken out of the calendar since is told as such."""
    chip, told = _CHIPS[one.state]
    kept = {shift.uid for shift in calendar.shifts}
    if one.state is InvitationState.YES and not any(shift.uid in kept for shift in one.shifts):
        chip, told = "silent", "yes, but the shift was taken out of their calendar"
    if one.state is InvitationState.ASKED and one.asked_at and now - one.asked_at > SILENT_AFTER:
        chip, told = "silent", f"silent for {(now - one.asked_at) // timedelta(hours=1)} h"
    return Guest(one, person, said_hours(one.hours, desk=True), chip, told)


def counted(invitations: list[Invitation]) -> dict[str, int]:
    """How many were invited, and said yes, no, or nothing."""
    states = [one.state for one in invitations]
    yes = sum(state in (InvitationState.YES, InvitationState.DONE) for state in states)
    no = sum(state in (InvitationState.NO, InvitationState.CANNOT) for state in states)
    back = sum(state is InvitationState.WITHDRAWN for state in states)
    return {"invited": len(states) - back, "yes": yes, "no": no, "silent": len(states) - yes - no - back}


def version(arrival: Arrival, invitations: list[Invitation]) -> str:
    return f"{arrival.version}-{len(invitations)}-{sum(one.version for one in invitations)}"
