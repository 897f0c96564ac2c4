"""Shifts one by one by the API, and the team's week: who is on call when, and where it is thin."""

import secrets
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from dispatch import shift_form, week_grid
from dispatch.api import calendar
from dispatch.api.calendar import CalendarOut, Zone
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.shapes import In, Moment, Out, Time, Tongue
from dispatch.integrations import Scope
from dispatch.shifts import Hours, Shift, instant, weekly, zone_named


class NewShift(In):
    """A shift: once, or every week from then on."""

    starts: Time
    ends: Time
    repeats: Literal["once", "weekly"] = "once"
    zone: Zone = ""


class LeftOut(In):
    """A day on which a shift does not happen."""

    day: date = Field(description="By the shift's own clock: the day on which it would begin.")


class TeamQuery(In):
    """Which week, and whose."""

    week: date | None = Field(default=None, description="Any day of it; without it this week.")
    language: Tongue | Literal[""] = Field(default="", description="Only those who speak it.")


class SpanOut(Out):
    """From when to when."""

    starts: Moment
    ends: Moment


class MemberOut(Out):
    """Somebody's week."""

    code: str
    name: str
    fixed: bool = Field(description="False: they have no shifts, and are on call whenever they are ON.")
    hours: float
    on_call: list[SpanOut]


class ThinOut(Out):
    """An hour, and how many are on call in it."""

    day: Annotated[str, Field(examples=["Sun"])]
    hour: int
    on_call: int


class TeamOut(Out):
    """The team's week; those without shifts are counted nowhere."""

    monday: date
    time_zone: str
    interpreters: list[MemberOut]
    hours: list[ThinOut] = Field(description="All 168, from Monday's first.")
    thinnest: list[ThinOut] = Field(description="At most five, at which the fewest are on call.")


def add(call: Call) -> Created:
    """One more; the rest of the calendar stays."""
    sent: NewShift = call.body
    zone = zone_named(sent.zone or call.parts.settings.time_zone)
    starts, ends = (at.astimezone(zone).replace(tzinfo=None) for at in (sent.starts, sent.ends))
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        where = f"/roster/{one.code}/calendar"
        if call.once.key and tx.claim_key(call.once, one.id, call.now) is not None:
            return Created(calendar.told(tx, one.code, call.now), where, again=True)
        shift = Shift(f"api-{secrets.token_hex(6)}", _hours(starts, ends, zone.key, sent.repeats == "weekly"))
        before = tx.calendar(one.id)
        tx.replace_calendar(one.id, replace(before, shifts=(*before.shifts, shift)), call.now)
        tx.audit(call.by, "shifts changed", f"interpreter {one.code}", f"added: {shift_form.said(shift)}", call.now)
        return Created(calendar.told(tx, one.code, call.now), where)


def remove(call: Call) -> CalendarOut:
    """All of one shift."""
    return _changed(call, None)


def leave_out(call: Call) -> CalendarOut:
    """One day of it."""
    sent: LeftOut = call.body
    return _changed(call, sent.day)


def team(call: Call) -> TeamOut:
    """The week of everybody, or of those who speak one language, by the agency's clock."""
    asked: TeamQuery = call.query
    zone = call.parts.settings.time_zone
    day = asked.week or call.now.astimezone(zone_named(zone)).date()
    if not 2000 <= day.year <= 2100:
        raise ApiProblem("invalid", "The week is not of the years 2000 to 2100.")
    monday = week_grid.monday_of(day)
    with call.store.reading() as tx:
        people = [one for one in tx.roster() if not asked.language or one.speaks(asked.language) is not None]
        told = week_grid.team_week(people, tx.calendars([one.id for one in people]), monday, zone)
    first = datetime.combine(monday, time(0))

    def at(hour: float) -> datetime:
        return instant(first + timedelta(hours=hour), zone)

    hours = [
        ThinOut(day=week_grid.DAYS[hour // 24], hour=hour % 24, on_call=count) for hour, count in enumerate(told.counts)
    ]
    return TeamOut(
        monday=monday,
        time_zone=zone,
        interpreters=[
            MemberOut(
                code=line.interpreter.code,
                name=line.interpreter.name,
                fixed=line.fixed,
                hours=line.hours,
                on_call=[SpanOut(starts=at(begin), ends=at(begin + length)) for begin, length in line.runs],
            )
            for line in told.lines
        ],
        hours=hours,
        thinnest=[hours[hour] for hour in told.thinnest],
    )


# -- how it is done ----------------------------------------------------------------------------------------------------


def _hours(starts: datetime, ends: datetime, zone: str, every_week: bool) -> Hours:
    """Raises ShiftInvalid, and ApiProblem for a weekly shift that is longer than a day."""
    if not every_week:
        return Hours(starts, ends, zone)
    if not timedelta(0) < ends - starts <= timedelta(days=1):
        raise ApiProblem("invalid", "A weekly shift ends after it begins, a day later at most.")
    day = datetime.combine(starts.date(), time(0))
    return weekly([starts.weekday()], starts.time(), ends.time(), zone, day, ends.date() > starts.date())


def _changed(call: Call, day: date | None) -> CalendarOut:
    """The calendar without that shift, or without that day of it."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        before = tx.calendar(one.id)
        known = next((shift for shift in before.shifts if shift.uid == call.path["uid"]), None)
        if known is None:
            raise ApiProblem("not-found", "There is no such shift.")
        kept = [shift for shift in before.shifts if shift is not known]
        left = shift_form.without_day(known, day) if day is not None else None
        if isinstance(left, Shift):
            kept.append(left)
        told = f"{day} left out of: {shift_form.said(known)}" if day else f"removed: {shift_form.said(known)}"
        tx.replace_calendar(one.id, replace(before, shifts=tuple(kept)), call.now)
        tx.audit(call.by, "shifts changed", f"interpreter {one.code}", told, call.now)
        return calendar.told(tx, one.code, call.now)


_SHIFTS = "/roster/{code}/calendar/shifts"
OPERATIONS = (
    Operation(
        "add_shift",
        "POST",
        _SHIFTS,
        Scope.ROSTER,
        add,
        CalendarOut,
        "Add a shift",
        "Once, or every week; the rest of the calendar stays. An Idempotency-Key keeps it from being added twice.",
        body=NewShift,
        status=201,
        examples={
            "one night": {"starts": "2026-12-05T22:00:00-05:00", "ends": "2026-12-06T06:00:00-05:00"},
            "every Saturday night": {
                "starts": "2026-12-05T22:00:00-05:00",
                "ends": "2026-12-06T06:00:00-05:00",
                "repeats": "weekly",
            },
        },
    ),
    Operation(
        "remove_shift",
        "DELETE",
        f"{_SHIFTS}/{{uid}}",
        Scope.ROSTER,
        remove,
        CalendarOut,
        "Remove a shift",
        "All its days.",
    ),
    Operation(
        "leave_day_out",
        "POST",
        f"{_SHIFTS}/{{uid}}/leave-out",
        Scope.ROSTER,
        leave_out,
        CalendarOut,
        "Leave one day out of a shift",
        "It stays on all the others.",
        body=LeftOut,
        examples={"a holiday": {"day": "2026-12-26"}},
    ),
    Operation(
        "read_team_week",
        "GET",
        "/shifts",
        Scope.ROSTER,
        team,
        TeamOut,
        "Read the team's week",
        "Who is on call when by their shifts, and at which hours the fewest are.",
        query=TeamQuery,
    ),
)
