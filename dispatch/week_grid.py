"""Weeks as grids: one interpreter's by half hours, a team's by hours. Plain functions; wall clocks of the zone given.

What stands in a grid comes from `shifts`, occurrence by occurrence, so the two nights when clocks change are as there.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from dispatch import varieties
from dispatch.appointment import Appointment
from dispatch.people import Interpreter
from dispatch.shifts import Calendar, Shift, TimeOff, Window, instant, occurrences, stretches, zone_named

SLOT = timedelta(minutes=30)
SLOTS = 48
HOURS = 168
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Kind(StrEnum):
    """What a stretch of the grid is, what hides the others last."""

    NONE = ""
    ON = "on call"
    OFF = "time off"
    APPOINTMENT = "appointment"


@dataclass(frozen=True)
class Block:
    """A stretch of one day."""

    kind: Kind
    slot: int
    """The half hour at which it begins, from 0."""
    length: int
    """In half hours."""
    words: str = ""
    key: str = ""
    """Of the shift or time off that it comes from."""
    begins: datetime | None = field(default=None, compare=False)
    """By the wall clock, where this is the first that is seen of an entry on the day on which it begins."""
    ends: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Day:
    """One day of the week, from midnight to midnight."""

    date: date
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class _Piece:
    kind: Kind
    starts: datetime
    ends: datetime
    words: str
    key: str = ""


def monday_of(day: date) -> date:
    """The Monday of that day's week. Raises ValueError for a year that nobody plans, like one not typed to its end."""
    if not 2000 <= day.year <= 2100:
        raise ValueError(f"{day.isoformat()} is not of the years 2000 to 2100")
    return day - timedelta(days=day.weekday())


def bounds(monday: date, zone: str) -> tuple[datetime, datetime]:
    """The instants at which that week begins and ends in the zone."""
    return tuple(instant(datetime.combine(day, time(0)), zone) for day in (monday, monday + timedelta(days=7)))  # type: ignore[return-value]


def entry_key(entry: Shift | TimeOff) -> str:
    """Names an entry of a calendar as it is now: another one once it was changed."""
    told = f"{type(entry).__name__} {entry.uid} {entry.hours!r}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def calendar_key(calendar: Calendar) -> str:
    """Names a calendar as it is now: tells whether somebody changed it meanwhile."""
    told = " ".join(sorted(entry_key(entry) for entry in calendar.entries))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def week(calendar: Calendar, booked: Sequence[Appointment], monday: date, zone: str) -> tuple[Day, ...]:
    """The seven days of a week: on-call time, time off, which hides it, and appointments, which hide both."""
    starts, ends = bounds(monday, zone)
    pieces = []
    for entry in calendar.entries:
        kind = Kind.ON if isinstance(entry, Shift) else Kind.OFF
        for one in occurrences(entry.hours, starts, ends):
            begin, end = _wall(one.starts, zone), _wall(one.ends, zone)
            words = f"{begin:%H:%M}–{end:%H:%M}" + (" off" if kind is Kind.OFF else "")
            pieces.append(_Piece(kind, begin, end, words, entry_key(entry)))
    for booking in booked:
        begin = _wall(booking.starts, zone)
        language = varieties.named(booking.spoken)
        words = f"{begin:%H:%M} {language}, {booking.minutes} min"
        pieces.append(_Piece(Kind.APPOINTMENT, begin, begin + timedelta(minutes=booking.minutes), words))
    return tuple(_day(monday + timedelta(days=offset), pieces) for offset in range(7))


def outside(calendar: Calendar, booked: Iterable[Appointment]) -> list[Appointment]:
    """Appointments that lie, wholly or in part, outside the hours in which the interpreter is on call."""
    return [one for one in booked if not calendar.covers(one.starts, one.starts + timedelta(minutes=one.minutes))]


# -- a team ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One interpreter's week: runs of on-call time as (hour of the week, hours), by the wall clock."""

    interpreter: Interpreter
    runs: tuple[tuple[float, float], ...]
    words: str
    hours: float
    fixed: bool
    """Whether they have shifts at all; who has none is on call whenever they are ON."""


@dataclass(frozen=True)
class Team:
    """A team's week."""

    lines: tuple[Line, ...]
    counts: tuple[int, ...]
    """Interpreters with shifts who are on call, by hour of the week."""
    thinnest: tuple[int, ...]
    """Hours of the week at which the fewest are on call, at most five."""


def team_week(people: Sequence[Interpreter], calendars: Mapping[str, Calendar], monday: date, zone: str) -> Team:
    """The week of these people, in their order."""
    starts, ends = bounds(monday, zone)
    lines = tuple(_line(one, calendars.get(one.id, Calendar()), starts, ends, monday, zone) for one in people)
    counts = [0] * HOURS
    for line in lines:
        for begin, length in line.runs if line.fixed else ():
            for hour in range(int(begin), min(HOURS, -int(-(begin + length) // 1))):
                counts[hour] += 1
    fewest = min(counts)
    return Team(lines, tuple(counts), tuple(hour for hour in range(HOURS) if counts[hour] == fewest)[:5])


def hour_named(hour: int) -> str:
    """An hour of the week, like "Sun 03:00"."""
    return f"{DAYS[hour // 24]} {hour % 24:02}:00"


# -- how it is done ----------------------------------------------------------------------------------------------------


def _wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(zone_named(zone)).replace(tzinfo=None)


def _day(day: date, pieces: Sequence[_Piece]) -> Day:
    midnight = datetime.combine(day, time(0))
    owners = [_owner(midnight + slot * SLOT, pieces) for slot in range(SLOTS)]
    blocks: list[Block] = []
    for slot, owner in enumerate(owners):
        if owner is not None and slot and owners[slot - 1] is owner:
            last = blocks.pop()
            blocks.append(replace(last, length=last.length + 1))
        elif owner is not None:
            first = owner.starts.date() == day and owner not in owners[:slot]
            span = (owner.starts, owner.ends) if first else (None, None)
            blocks.append(Block(owner.kind, slot, 1, owner.words, owner.key, *span))
        else:
            blocks.append(Block(Kind.NONE, slot, 1))
    return Day(day, tuple(blocks))


def _owner(slot: datetime, pieces: Sequence[_Piece]) -> _Piece | None:
    """What is shown in that half hour."""
    found = [one for one in pieces if one.starts < slot + SLOT and one.ends > slot]
    order = list(Kind)
    return max(found, key=lambda one: order.index(one.kind), default=None)


def _line(one: Interpreter, calendar: Calendar, starts: datetime, ends: datetime, monday: date, zone: str) -> Line:
    found = stretches(calendar.shifts, calendar.time_off, starts, ends)
    runs = tuple((begin, end - begin) for begin, end in (_run(window, ends, monday, zone) for window in found))
    spoken = "; ".join(_span(window, zone) for window in found)
    fixed = bool(calendar.shifts)
    words = (spoken or "not on call this week") if fixed else "no shifts: on call whenever ON"
    hours = sum((window.ends - window.starts).total_seconds() for window in found) / 3600 if fixed else 0.0
    return Line(one, runs, words, hours, fixed)


def _run(window: Window, ends: datetime, monday: date, zone: str) -> tuple[float, float]:
    first = datetime.combine(monday, time(0))
    begin = (_wall(window.starts, zone) - first) / timedelta(hours=1)
    end = (
        float(HOURS) if window.ends.astimezone(UTC) >= ends else (_wall(window.ends, zone) - first) / timedelta(hours=1)
    )
    return round(begin, 2), round(max(end, begin), 2)


def _span(window: Window, zone: str) -> str:
    begin, end = _wall(window.starts, zone), _wall(window.ends, zone)
    same = begin.date() == end.date()
    return f"{begin:%a %H:%M} to {end:%H:%M}" if same else f"{begin:%a %H:%M} to {end:%a %H:%M}"
