"""A shift or time off as a form writes it: read, shown again, told in words. Plain functions; errors name the field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dispatch.errors import ShiftInvalid
from dispatch.shifts import Hours, Shift, TimeOff, weekly, zone_named

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKLY = re.compile(r"FREQ=WEEKLY;BYDAY=([A-Z,]+)(?:;UNTIL=(\d{8})T235959)?")
LABELS = {
    "kind": "Kind",
    "repeat": "Repeats",
    "days": "Days",
    "first": "First day",
    "last": "Last day",
    "begin": "Begins",
    "end": "Ends",
    "starts": "Begins",
    "ends": "Ends",
    "zone": "Time zone",
    "rule": "Repeats",
}
"""What the form calls the fields that errors name."""


@dataclass(frozen=True)
class ShiftFields:
    """What the form's fields hold, as they are written."""

    kind: str = "shift"
    """ "shift" or "time_off"."""
    repeat: str = "weekly"
    """ "weekly" or "once"."""
    days: tuple[str, ...] = ()
    """Weekdays of a weekly entry, "0" for Monday."""
    first: str = ""
    """The day, or the first day of a weekly entry."""
    last: str = ""
    """The day on which it ends; of a weekly entry the last day on which it may happen. May be empty."""
    begin: str = "09:00"
    end: str = "17:00"
    zone: str = "UTC"


def read_entry(told: ShiftFields, uid: str) -> Shift | TimeOff:
    """The entry that the form describes. Raises ShiftInvalid naming the field."""
    if told.kind not in ("shift", "time_off"):
        raise ShiftInvalid("kind", "choose a shift or time off")
    zone_named(told.zone)
    first = _day("first", told.first)
    begin, end = _clock("begin", told.begin), _clock("end", told.end)
    last = _day("last", told.last) if told.last else None
    if last is not None and last < first:
        raise ShiftInvalid("last", f"{last.isoformat()} is before the first day, {first.isoformat()}")
    if told.repeat == "weekly":
        hours = _weekly(told, first, last, begin, end)
    elif told.repeat == "once":
        until = last or (first if end > begin else first + timedelta(days=1))
        hours = Hours(datetime.combine(first, begin), datetime.combine(until, end), told.zone)
    else:
        raise ShiftInvalid("repeat", "choose every week or once")
    return Shift(uid, hours) if told.kind == "shift" else TimeOff(uid, hours)


def fields_of(entry: Shift | TimeOff) -> ShiftFields | None:
    """The form's fields for an entry; None for one that the form cannot say, such as a rule from a calendar file."""
    hours = entry.hours
    kind = "shift" if isinstance(entry, Shift) else "time_off"
    times = {"begin": f"{hours.starts:%H:%M}", "end": f"{hours.ends:%H:%M}", "zone": hours.zone}
    first = hours.starts.date().isoformat()
    if not hours.rule and not hours.also:
        return ShiftFields(kind, "once", (), first, hours.ends.date().isoformat(), **times)
    found = _WEEKLY.fullmatch(hours.rule)
    # A stretch over more than one midnight cannot be said by two times of day.
    if found is None or hours.also or hours.length > timedelta(days=1):
        return None
    days = tuple(str(_DAYS.index(day)) for day in found.group(1).split(","))
    until = f"{found.group(2)[:4]}-{found.group(2)[4:6]}-{found.group(2)[6:]}" if found.group(2) else ""
    return ShiftFields(kind, "weekly", days, first, until, **times)


def moved(told: ShiftFields, days: int, minutes: int, longer: int = 0) -> ShiftFields:
    """The same, so many days and minutes later, and so many minutes longer: what moving it on the grid asks for.

    Raises ShiftInvalid where it would last no time, or more than a day every week.
    """
    begins, ends = _span(told)
    begin = begins + timedelta(days=days, minutes=minutes)
    end = ends + timedelta(days=days, minutes=minutes + longer)
    if end <= begin:
        raise ShiftInvalid("end", "it would last no time")
    if told.repeat == "weekly" and end - begin > timedelta(days=1):
        raise ShiftInvalid("end", "what repeats every week lasts a day at most")
    last = end.date().isoformat() if told.repeat == "once" and told.last else told.last
    later = (begin.date() - begins.date()).days
    shifted = tuple(sorted(str((int(day) + later) % 7) for day in told.days))
    first = begin.date().isoformat()
    return replace(told, begin=f"{begin:%H:%M}", end=f"{end:%H:%M}", first=first, last=last, days=shifted)


def _span(told: ShiftFields) -> tuple[datetime, datetime]:
    """When it begins and ends on its first day."""
    first = _day("first", told.first)
    begins = datetime.combine(first, _clock("begin", told.begin))
    ends = datetime.combine(first, _clock("end", told.end))
    if told.repeat == "once" and told.last:
        return begins, datetime.combine(_day("last", told.last), ends.time())
    return begins, ends if ends > begins else ends + timedelta(days=1)


def keeping_exceptions(before: Shift | TimeOff, after: Shift | TimeOff) -> Shift | TimeOff:
    """`after` with the days that were left out of `before`, at their new time of day."""
    if not after.hours.rule or not before.hours.skipped:
        return after
    left_out = tuple(datetime.combine(one.date(), after.hours.starts.time()) for one in before.hours.skipped)
    return replace(after, hours=replace(after.hours, skipped=left_out))


def without_day(entry: Shift | TimeOff, day: date) -> Shift | TimeOff:
    """A repeated entry without its occurrence on that day. Raises ShiftInvalid where it does not repeat."""
    if not entry.hours.rule:
        raise ShiftInvalid("rule", "it happens once; remove it instead")
    left_out = datetime.combine(day, entry.hours.starts.time())
    return replace(entry, hours=replace(entry.hours, skipped=tuple(sorted({*entry.hours.skipped, left_out}))))


def said(entry: Shift | TimeOff) -> str:
    """The entry in words: "Mon, Tue 09:00–17:00, every week from 2026-11-23"."""
    hours, told = entry.hours, fields_of(entry)
    if told is None:
        return f"{hours.starts:%a %Y-%m-%d %H:%M} to {hours.ends:%a %H:%M}, repeated by the rule {hours.rule}"
    if told.repeat == "once":
        same = hours.starts.date() == hours.ends.date()
        until = f"{hours.ends:%H:%M}" if same else f"{hours.ends:%a %Y-%m-%d %H:%M}"
        return f"{hours.starts:%a %Y-%m-%d %H:%M} to {until}"
    days = "daily" if len(told.days) == 7 else ", ".join(_NAMES[int(day)] for day in told.days)
    ended = f" until {told.last}" if told.last else ""
    left_out = f", not on {', '.join(f'{one:%Y-%m-%d}' for one in hours.skipped)}" if hours.skipped else ""
    return f"{days} {told.begin}–{told.end}, every week from {told.first}{ended}{left_out}"


def from_form(sent: Mapping[str, str], days: Sequence[str], zone: str) -> ShiftFields:
    """The fields as a form sent them."""
    names = ("kind", "repeat", "first", "last", "begin", "end")
    return ShiftFields(days=tuple(days), zone=sent.get("zone") or zone, **{name: sent.get(name, "") for name in names})


def _weekly(told: ShiftFields, first: date, last: date | None, begin: time, end: time) -> Hours:
    days = [int(day) for day in told.days if day in "0123456" and day]
    whole_day = begin == end == time(0)
    hours = weekly(days, begin, end, told.zone, datetime.combine(first, time(0)), whole_day)
    if last is None:
        return hours
    if hours.starts.date() > last:
        raise ShiftInvalid("last", f"no day of the shift lies between {first.isoformat()} and {last.isoformat()}")
    return replace(hours, rule=f"{hours.rule};UNTIL={last:%Y%m%d}T235959")


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ShiftInvalid(field, f"{text!r} is not a day; write it like 2026-03-08" if text else "is empty") from error


def _clock(field: str, text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        told = f"{text!r} is not a time of day; write it like 09:00" if text else "is empty"
        raise ShiftInvalid(field, told) from error
