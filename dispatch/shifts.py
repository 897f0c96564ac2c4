"""Interpreters' on-call shifts and time off, and the one question about them: is this person on call now?

Hours are wall-clock times in the interpreter's own time zone (IANA), once or repeated by an RFC 5545 rule; they become
instants one occurrence at a time, so a shift from 22:00 to 06:00 ends at six by the wall clock in every season.

- An interpreter without any shift is governed by ON and OFF alone: on call whenever they are ON and not on time off.
  Hours that they promised besides (an extra shift, named by its uid) are no shift in this sense: they add, never take.
- Where clocks change, RFC 5545 section 3.3.5 is followed: a time that occurs twice is its first occurrence, a time that
  is skipped is read with the offset before the change (02:30 becomes 03:30). Hours of which nothing is left then fall
  out that day. A shift that ends at a time and another that begins at it therefore never leave a gap between them.
- Time off always wins over a shift.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from dispatch.errors import ShiftInvalid

LONGEST_REPEATED = timedelta(days=31)
LONGEST_ONCE = timedelta(days=366)
LOOK_AHEAD = timedelta(days=62)
"""How far ahead the end or the next beginning of on-call time is looked for."""

EXTRA = "extra-"
"""How the uid of a shift begins that was promised beside an interpreter's usual hours."""

_SOON = timedelta(days=2)
_YEARS = range(1990, 2200)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK_PART = re.compile(
    r"(?P<days>[a-z]{3,5}(?:\s*[-,]\s*[a-z]{3})*)\s+(?P<begin>\d{1,2}:\d\d)\s*(?:-|–|to)\s*(?P<end>\d{1,2}:\d\d)",
    re.IGNORECASE,
)
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PARTS = {
    "DAILY": frozenset({"BYDAY", "BYMONTH"}),
    "WEEKLY": frozenset({"BYDAY", "BYMONTH"}),
    "MONTHLY": frozenset({"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}),
    "YEARLY": frozenset({"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}),
}
"""What a rule may say. Finer rules than days (BYHOUR, FREQ=HOURLY) are no shifts that anybody keeps."""
_ALWAYS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})


@dataclass(frozen=True)
class Hours:
    """Wall-clock hours in a time zone, once or repeated. Raises ShiftInvalid, naming the field, for what cannot be."""

    starts: datetime
    """Of the first occurrence, by the wall clock: no zone inside."""
    ends: datetime
    zone: str
    """IANA name."""
    rule: str = ""
    """RFC 5545 RRULE, its UNTIL by the wall clock too; "" for hours that happen once."""
    also: tuple[datetime, ...] = ()
    """Further starts outside the rule."""
    skipped: tuple[datetime, ...] = ()
    """Starts that do not happen."""

    def __post_init__(self) -> None:
        for moment in (self.starts, self.ends, *self.also, *self.skipped):
            if moment.tzinfo is not None:
                raise ShiftInvalid("starts", "hours are wall-clock times; the zone stands beside them")
        for name, moments in (("starts", (self.starts,)), ("also", self.also), ("skipped", self.skipped)):
            for moment in moments:
                if moment.year not in _YEARS:
                    raise ShiftInvalid(name, f"the year {moment.year} is not one of {_YEARS[0]} to {_YEARS[-1]}")
        if self.ends <= self.starts:
            raise ShiftInvalid(
                "ends", f"{self.ends:%Y-%m-%d %H:%M} is not after the start, {self.starts:%Y-%m-%d %H:%M}"
            )
        longest = LONGEST_REPEATED if self.rule else LONGEST_ONCE
        if self.ends - self.starts > longest:
            raise ShiftInvalid("ends", f"is more than {longest.days} days after the start")
        zone_named(self.zone)
        if self.rule:
            _check_rule(self)
        # Hours are looked up by far more often than they are made.
        fields = (self.starts, self.ends, self.zone, self.rule, self.also, self.skipped)
        object.__setattr__(self, "_hash", hash(fields))

    def __hash__(self) -> int:
        return int(self._hash)  # type: ignore[attr-defined]

    @property
    def length(self) -> timedelta:
        """By the wall clock, which differs from the time that passes on the two nights when clocks change."""
        return self.ends - self.starts


@dataclass(frozen=True)
class Shift:
    """Hours in which an interpreter is on call. `uid` names the calendar entry they came from."""

    uid: str
    hours: Hours

    @property
    def extra(self) -> bool:
        """Whether it was promised beside the usual hours."""
        return self.uid.startswith(EXTRA)


@dataclass(frozen=True)
class TimeOff:
    """Hours in which an interpreter is not to be asked. Why is not kept: it is nobody's business here."""

    uid: str
    hours: Hours


@dataclass(frozen=True)
class Window:
    """A stretch of time, from `starts` up to but not including `ends`; both are instants."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class OnCall:
    """Whether somebody is on call, until when or from when on, and why in words for the dispatcher."""

    yes: bool
    until: datetime | None
    """While on call: when that ends. None: not within LOOK_AHEAD."""
    next: datetime | None
    """While not on call: when it begins. None: not within LOOK_AHEAD."""
    reason: str


@dataclass(frozen=True)
class Calendar:
    """One interpreter's shifts and time off."""

    shifts: tuple[Shift, ...] = ()
    time_off: tuple[TimeOff, ...] = ()

    @property
    def entries(self) -> tuple[Shift | TimeOff, ...]:
        """All of it: shifts, then time off."""
        return (*self.shifts, *self.time_off)

    def on_call(self, now: datetime) -> OnCall:
        """Whether this interpreter is on call at `now`."""
        return on_call(self.shifts, self.time_off, now)

    def is_on_call(self, now: datetime) -> bool:
        """The same in one word, and several times as fast: for a whole roster at once."""
        on = not has_usual(self.shifts) or any(_touches(entry.hours, now) for entry in self.shifts)
        return on and not any(_touches(entry.hours, now) for entry in self.time_off)

    def covers(self, starts: datetime, ends: datetime) -> bool:
        """Whether the interpreter is on call through the whole of that time."""
        return stretches(self.shifts, self.time_off, starts, ends) == (Window(starts, ends),)


def weekly(days: Sequence[int], begin: time, end: time, zone: str, from_day: datetime, next_day: bool = False) -> Hours:
    """Hours on these weekdays (0 is Monday) from the first such day on or after `from_day` (wall clock) on.

    An `end` earlier than `begin` is on the next day, as any end is with `next_day`. Raises ShiftInvalid.
    """
    if not days or any(day not in range(7) for day in days):
        raise ShiftInvalid("days", "name at least one weekday, 0 for Monday to 6 for Sunday")
    if begin == end and not next_day:
        raise ShiftInvalid("ends", f"is {end:%H:%M}, the time at which the shift begins")
    first = next(day for day in (from_day + timedelta(days=n) for n in range(7)) if day.weekday() in days)
    starts = datetime.combine(first.date(), begin)
    ends = datetime.combine(first.date() + timedelta(days=1 if end < begin or next_day else 0), end)
    named = ",".join(_DAYS[day] for day in sorted(set(days)))
    return Hours(starts, ends, zone, f"FREQ=WEEKLY;BYDAY={named}")


def read_week(text: str, zone: str, from_day: datetime) -> tuple[Shift, ...]:
    """Shifts as people write them: "mon-fri 09:00-17:00; sat,sun 22:00-06:00", or "daily 00:00-24:00".

    Raises ShiftInvalid naming the part that cannot be.
    """
    found = []
    for number, part in enumerate((part.strip() for part in text.split(";") if part.strip()), 1):
        read = _WEEK_PART.fullmatch(part)
        if read is None:
            raise ShiftInvalid("week", f'{part!r} cannot be read; write it like "mon-fri 09:00-17:00; sat 22:00-06:00"')
        begin, end = _clock(read["begin"], part), _clock(read["end"], part)
        days = [day for named in read["days"].lower().split(",") for day in _days(named.strip(), part)]
        found.append(Shift(f"week-{number}", weekly(days, begin, end, zone, from_day, read["end"] == "24:00")))
    if not found:
        raise ShiftInvalid("week", 'is empty; write it like "mon-fri 09:00-17:00"')
    return tuple(found)


def on_call(shifts: Iterable[Shift], time_off: Iterable[TimeOff], now: datetime) -> OnCall:
    """Whether somebody with these shifts and this time off is on call at `now`, which carries a zone."""
    shifts, time_off = tuple(shifts), tuple(time_off)
    entries: tuple[Shift | TimeOff, ...] = (*shifts, *time_off)
    zone = entries[0].hours.zone if entries else "UTC"
    for ahead in (_SOON, LOOK_AHEAD):
        horizon = now + ahead
        on = stretches(shifts, time_off, now, horizon)
        yes = bool(on) and on[0].starts == now
        change = (on[0].ends if yes else on[0].starts) if on else horizon
        if change < horizon:
            break
    known = change if change < horizon else None
    if yes:
        return OnCall(True, known, None, _why_on(has_usual(shifts), known, zone))
    off = _merged(time_off, now, horizon)
    away = off[0].ends if off and off[0].starts == now else None
    return OnCall(False, None, known, _why_off(away, known, zone))


def has_usual(shifts: Iterable[Shift]) -> bool:
    """Whether any of them is one of the usual shifts that say when somebody is on call."""
    return any(not shift.extra for shift in shifts)


def stretches(
    shifts: Iterable[Shift], time_off: Iterable[TimeOff], starts: datetime, ends: datetime
) -> tuple[Window, ...]:
    """On-call time between two instants, in order, as few windows as possible: shifts that meet are one."""
    shifts = tuple(shifts)
    on = _merged(shifts, starts, ends) if has_usual(shifts) else (Window(starts, ends),)
    return _without(on, _merged(time_off, starts, ends))


def occurrences(hours: Hours, starts: datetime, ends: datetime) -> list[Window]:
    """Every time these hours happen that touches the time between two instants, earliest first."""
    if not hours.rule:
        found = _instants(hours, (hours.starts, *hours.also))
    else:
        zone = zone_named(hours.zone)
        # Two days to spare on either side: wall clocks differ from one another, and change.
        first = starts.astimezone(zone).replace(tzinfo=None) - hours.length - timedelta(days=2)
        last = ends.astimezone(zone).replace(tzinfo=None) + timedelta(days=2)
        found = [one for year, month in _months(first, last) for one in _in_month(hours, year, month)]
    return sorted((one for one in found if one.starts < ends and one.ends > starts), key=lambda one: one.starts)


def zone_named(name: str) -> ZoneInfo:
    """The time zone. Raises ShiftInvalid for a name that the IANA database does not have."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ShiftInvalid("zone", f"{name!r} is not a time zone; write it like America/New_York") from error


def instant(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a wall-clock time: the first one where it occurs twice (RFC 5545 section 3.3.5)."""
    return wall.replace(tzinfo=zone_named(zone), fold=0).astimezone(UTC)


# -- how it is done ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16_384)
def _in_month(hours: Hours, year: int, month: int) -> tuple[Window, ...]:
    """The occurrences that start in that month. Kept: the question is asked far more often than hours change."""
    first = datetime(year, month, 1)
    last = datetime(year + month // 12, month % 12 + 1, 1) - timedelta(microseconds=1)
    walls = _rule(hours).between(first, last, inc=True)
    walls += [wall for wall in hours.also if first <= wall <= last]
    return tuple(_instants(hours, walls))


def _touches(hours: Hours, now: datetime) -> bool:
    """Whether one of the occurrences holds that instant."""
    if not hours.rule:
        return any(one.starts <= now < one.ends for one in _instants(hours, (hours.starts, *hours.also)))
    utc = now.astimezone(UTC)
    # A start lies at most its length and two days (wall clocks differ) before, and a day after by the wall clock.
    first, last = utc - hours.length - timedelta(days=2), utc + timedelta(days=1)
    if (first.year, first.month) == (last.year, last.month):
        found = _in_month(hours, last.year, last.month)
        return any(one.starts <= now < one.ends for one in found)
    return any(
        one.starts <= now < one.ends for year, month in _months(first, last) for one in _in_month(hours, year, month)
    )


def _instants(hours: Hours, walls: Iterable[datetime]) -> list[Window]:
    skipped = set(hours.skipped)
    found = (
        Window(instant(wall, hours.zone), instant(wall + hours.length, hours.zone))
        for wall in sorted(set(walls) - skipped)
    )
    return [one for one in found if one.starts < one.ends]


def _clock(text: str, part: str) -> time:
    hour, minute = (int(number) for number in text.split(":"))
    if (hour, minute) == (24, 0):
        return time(0)
    if hour > 23 or minute > 59:
        raise ShiftInvalid("week", f"{text} in {part!r} is not a time of day")
    return time(hour, minute)


def _days(named: str, part: str) -> list[int]:
    """ "mon", "mon-fri", "sat-mon" or "daily" as weekdays, 0 for Monday."""
    if named == "daily":
        return list(range(7))
    first, _, last = (one.strip() for one in named.partition("-"))
    for one in (first, last or first):
        if one not in _NAMES:
            raise ShiftInvalid("week", f"{one!r} in {part!r} is not a day; use {', '.join(_NAMES)} or daily")
    begin, end = _NAMES.index(first), _NAMES.index(last or first)
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _months(first: datetime, last: datetime) -> Iterable[tuple[int, int]]:
    number = first.year * 12 + first.month - 1
    while number <= last.year * 12 + last.month - 1:
        yield number // 12, number % 12 + 1
        number += 1


def _merged(entries: Iterable[Shift | TimeOff], starts: datetime, ends: datetime) -> tuple[Window, ...]:
    """The time covered by any of the entries, cut to the time between two instants."""
    found = [
        Window(max(one.starts, starts), min(one.ends, ends))
        for entry in entries
        for one in occurrences(entry.hours, starts, ends)
    ]
    merged: list[Window] = []
    for one in sorted(found, key=lambda one: one.starts):
        if merged and one.starts <= merged[-1].ends:
            merged[-1] = Window(merged[-1].starts, max(merged[-1].ends, one.ends))
        else:
            merged.append(one)
    return tuple(merged)


def _without(on: Sequence[Window], off: Sequence[Window]) -> tuple[Window, ...]:
    """What is left of `on`; both are in order and without overlaps."""
    left: list[Window] = []
    for one in on:
        begin = one.starts
        # The first time off that can touch this window is the last one that starts before it, or the next.
        for gone in off[max(bisect_right(off, one.starts, key=lambda w: w.starts) - 1, 0) :]:
            if gone.starts >= one.ends:
                break
            if gone.starts > begin:
                left.append(Window(begin, gone.starts))
            begin = max(begin, gone.ends)
        if begin < one.ends:
            left.append(Window(begin, one.ends))
    return tuple(left)


def _check_rule(hours: Hours) -> None:
    """Refuse what no shift says, before a calendar library spends years on it."""
    parts: dict[str, str] = {}
    for part in hours.rule.split(";"):
        name, _, value = part.partition("=")
        if not value or name in parts:
            raise ShiftInvalid("rule", f"{part!r} is not a part of a repeat rule, or stands in it twice")
        parts[name] = value
    frequency = parts.get("FREQ", "")
    if frequency not in _PARTS:
        raise ShiftInvalid("rule", f"repeats {frequency or 'at no stated interval'}; use {', '.join(_PARTS)}")
    strange = parts.keys() - _PARTS[frequency] - _ALWAYS
    if strange:
        raise ShiftInvalid("rule", f"{', '.join(sorted(strange))} cannot be used with FREQ={frequency} here")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not (parts[name].isdigit() and 1 <= int(parts[name]) <= 10_000):
            raise ShiftInvalid("rule", f"{name}={parts[name]} is not a whole number from 1 to 10000")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ShiftInvalid("rule", "has both COUNT and UNTIL; keep one")
    try:
        first = next(iter(_rule(hours)), None)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise ShiftInvalid("rule", f"{hours.rule!r} cannot be read: {error}") from error
    if first != hours.starts:
        told = f"its first day is {first:%a %Y-%m-%d}" if first else "it never happens"
        raise ShiftInvalid("rule", f"does not fall on the start, {hours.starts:%a %Y-%m-%d}; {told}")


def _rule(hours: Hours) -> Any:
    return rrulestr(hours.rule, dtstart=hours.starts)


def _why_on(has_shifts: bool, until: datetime | None, zone: str) -> str:
    if not has_shifts:
        told = "has no shifts, so ON and OFF alone decide"
        return f"{told}; time off begins {_when(until, zone)}" if until else told
    return f"on call until {_when(until, zone)}" if until else "on call"


def _why_off(away: datetime | None, following: datetime | None, zone: str) -> str:
    told = f"time off until {_when(away, zone)}" if away else "no shift now"
    if following is None:
        return f"{told}; not on call in the next {LOOK_AHEAD.days} days"
    return told if following == away else f"{told}; next on call {_when(following, zone)}"


def _when(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(zone_named(zone)):%a %d %b %H:%M} ({zone})"
