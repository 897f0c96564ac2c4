"""Shifts and time off as iCalendar (RFC 5545): files read whole or not at all, and written for any calendar program.

Whether an event is a shift or time off is read from its CATEGORIES, and where these do not say from its SUMMARY. An
event that says neither is an error: a dentist's appointment must not silently become on-call time. Nothing of an
event's words is kept but its UID.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
from icalendar import prop

from dispatch.errors import CalendarError, ShiftInvalid
from dispatch.shifts import Calendar, Hours, Shift, TimeOff, instant, zone_named

MOST_EVENTS = 2_000
APPOINTMENT = "@appointments.interpreter-dispatch"
"""Ends the UID of an appointment in a feed of ours."""
_ONCE = ("UID", "SUMMARY", "STATUS", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE")
"""What may stand in an event once."""
_NAMES = {
    "starts": "DTSTART",
    "ends": "DTEND",
    "zone": "TZID",
    "rule": "RRULE",
    "also": "RDATE",
    "skipped": "EXDATE",
}
"""The fields of `Hours`, as a calendar file calls them."""
_MIDNIGHT, _LAST_SECOND = time(0), time(23, 59, 59)
_SHIFT = re.compile(r"\b(?:on[- ]?call|shifts?|available|on[- ]?duty|working|work hours)\b", re.IGNORECASE)
_TIME_OFF = re.compile(
    r"\b(?:off|time[- ]?off|off[- ]?duty|vacation|holidays?|leave|away|sick|unavailable|not available|not on call|pto|"
    r"out of (?:the )?office|ooo)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not (?:available|on[- ]?call)|off[- ]?(?:shift|call))\b", re.IGNORECASE)


@dataclass(frozen=True)
class Busy:
    """An appointment as a calendar shows it: when, and in words that name nobody."""

    uid: str
    starts: datetime
    minutes: int
    words: str


class _BadEvent(ValueError):
    """One field of one event; the message names the field."""


@dataclass
class _Read:
    """What one file has given so far."""

    zone: str
    entries: dict[str, list[Shift | TimeOff]] = field(default_factory=lambda: defaultdict(list))
    """By UID: the event, and the changed occurrences of it."""
    moved: list[tuple[str, datetime, date | datetime]] = field(default_factory=list)
    """UID, and the occurrence that another event stands in for."""


def read_calendar(content: bytes, file: str, zone: str) -> Calendar:
    """The shifts and time off in an iCalendar file. `zone` (IANA) is for times that name no zone of their own.

    Raises CalendarError naming the file, each bad event by number and title, and the field; then nothing was read.
    """
    found, problems = _Read(zone), []
    for number, event in enumerate(_events(content, file), 1):
        label = f"{file}: event {number} ({_title(event)})"
        if event.errors:
            problems += [f"{label}, {name}: {told}" for name, told in event.errors]
            continue
        try:
            _take(event, found)
        except _BadEvent as error:
            problems.append(f"{label}, {error}")
        except OverflowError:
            problems.append(f"{label}, DTSTART: lies outside of the years that calendars reach")
    if problems:
        raise CalendarError(problems)
    _skip_moved(found)
    entries = [entry for several in found.entries.values() for entry in several]
    return Calendar(
        tuple(entry for entry in entries if isinstance(entry, Shift)),
        tuple(entry for entry in entries if isinstance(entry, TimeOff)),
    )


def write_calendar(calendar: Calendar, name: str, now: datetime, busy: Sequence[Busy] = ()) -> bytes:
    """The calendar as an iCalendar file that `read_calendar` reads back; `busy` times are added as events."""
    file = icalendar.Calendar()
    file.add("prodid", "-//Interpreter Dispatch//EN")
    file.add("version", "2.0")
    file.add("x-wr-calname", name)
    file.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in calendar.entries:
        file.add_component(_event(entry, now))
    for one in busy:
        event = icalendar.Event()
        event.add("uid", f"{one.uid}{APPOINTMENT}")
        event.add("dtstamp", now)
        event.add("summary", one.words)
        event.add("categories", ["Appointment"])
        event.add("dtstart", one.starts.astimezone(UTC))
        event.add("duration", timedelta(minutes=one.minutes))
        file.add_component(event)
    file.add_missing_timezones()
    written: bytes = file.to_ical()
    return written


# -- reading -----------------------------------------------------------------------------------------------------------


def _events(content: bytes, file: str) -> list[Any]:
    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
        events = [event for one in calendars for event in one.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise CalendarError([f"{file}: is not an iCalendar file: {error}"]) from error
    if not any(one.name == "VCALENDAR" for one in calendars):
        raise CalendarError([f"{file}: is not an iCalendar file: it holds no VCALENDAR"])
    if not events:
        raise CalendarError([f"{file}: holds no events; it would take every shift away"])
    if len(events) > MOST_EVENTS:
        raise CalendarError([f"{file}: holds {len(events)} events; {MOST_EVENTS} is the most that one file may hold"])
    return events


def _title(event: Any) -> str:
    words = str(event.get("SUMMARY", "") or event.get("UID", "") or "no title")
    return f'"{words[:40]}"'


def _take(event: Any, found: _Read) -> None:
    """Add one event to what was read. Raises _BadEvent."""
    twice = [name for name in _ONCE if isinstance(event.get(name), list)]
    if twice:
        raise _BadEvent(f"{twice[0]}: stands there twice; keep one")
    uid = str(event.get("UID", "")).strip()
    if not uid:
        raise _BadEvent("UID: is missing")
    if uid.endswith(APPOINTMENT):
        return  # our own feed, read back
    gone = str(event.get("STATUS", "")).upper() == "CANCELLED"
    moved = event.get("RECURRENCE-ID")
    if gone and moved is None:
        return
    starts, ends, zone = _span(event, found.zone)
    if moved is not None:
        if not isinstance(moved.dt, date):
            raise _BadEvent("RECURRENCE-ID: is neither a date nor a date with a time")
        if "RANGE" in moved.params:
            raise _BadEvent("RECURRENCE-ID: changes all later ones; give these an event of their own")
        found.moved.append((uid, instant(starts, zone), moved.dt))
        if gone:
            return
        uid = f"{uid}/{starts:%Y%m%dT%H%M}"
    if "EXRULE" in event:
        raise _BadEvent("EXRULE: is not part of iCalendar any more; use EXDATE")
    try:
        hours = Hours(
            starts,
            ends,
            zone,
            _rule(event.get("RRULE"), zone),
            _dates(event.get("RDATE"), "RDATE", starts, zone),
            _dates(event.get("EXDATE"), "EXDATE", starts, zone),
        )
    except ShiftInvalid as error:
        raise _BadEvent(f"{_NAMES.get(error.field, error.field)}: {error.words}") from error
    found.entries[uid].append(Shift(uid, hours) if _is_shift(event) else TimeOff(uid, hours))


def _is_shift(event: Any) -> bool:
    """Whether it is a shift; False: time off. Raises _BadEvent where neither, or both, is said."""
    listed = event.get("CATEGORIES") or ()
    given = listed if isinstance(listed, list) else [listed]
    categories = " ; ".join(str(name) for one in given for name in getattr(one, "cats", ()))
    summary = str(event.get("SUMMARY", ""))
    for words in (categories, summary):
        off = bool(_TIME_OFF.search(words))
        on = bool(_SHIFT.search(_NEGATED.sub("", words)))
        if on != off:
            return on
        if on and off:
            raise _BadEvent(f"SUMMARY: {words!r} speaks of a shift and of time off; keep one")
    raise _BadEvent(
        f'SUMMARY: {summary!r} says neither shift nor time off; call it "On call" or "Time off", or set CATEGORIES'
    )


def _span(event: Any, default_zone: str) -> tuple[datetime, datetime, str]:
    """Start and end by the wall clock of the start's zone. Whole days run from midnight to midnight."""
    if "DTSTART" not in event:
        raise _BadEvent("DTSTART: is missing")
    start = event["DTSTART"].dt
    if not isinstance(start, date):
        raise _BadEvent("DTSTART: is neither a date nor a date with a time")
    zone = _zone(event["DTSTART"], "DTSTART", default_zone)
    starts = _wall(start, zone)
    if "DTEND" in event and "DURATION" in event:
        raise _BadEvent("DURATION: stands beside DTEND; keep one")
    if "DTEND" in event:
        end = event["DTEND"].dt
        if not isinstance(end, date) or isinstance(end, datetime) != isinstance(start, datetime):
            raise _BadEvent("DTEND: is a date where DTSTART has a time, or the other way round")
        if isinstance(end, datetime):
            _zone(event["DTEND"], "DTEND", default_zone)
        return starts, _wall(end, zone), zone
    if "DURATION" in event:
        length = event["DURATION"].dt
        if not isinstance(length, timedelta):
            raise _BadEvent("DURATION: is not a length of time")
        return starts, starts + length, zone
    if isinstance(start, datetime):
        raise _BadEvent("DTEND: is missing")
    return starts, starts + timedelta(days=1), zone


def _zone(value: Any, name: str, default: str) -> str:
    """The IANA zone of a date property. Raises _BadEvent for one that nobody knows."""
    moment, named = value.dt, str(value.params.get("TZID", ""))
    if not isinstance(moment, datetime):
        return default
    if moment.tzinfo is None and not named:
        return default
    for candidate in (str(getattr(moment.tzinfo, "key", "") or ""), named):
        try:
            return zone_named(candidate).key or "UTC"
        except ShiftInvalid:
            continue
    raise _BadEvent(f"{name}: TZID {named!r} is not a time zone; use one like America/New_York")


def _wall(moment: date, zone: str) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, _MIDNIGHT)
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone_named(zone))
    return moment.replace(tzinfo=None, fold=0)


def _rule(value: Any, zone: str) -> str:
    """The rule with its UNTIL by the wall clock. A bare date as UNTIL means the whole of that day."""
    if value is None:
        return ""
    rule: Any = prop.vRecur(value)
    if "UNTIL" in rule:
        until = rule["UNTIL"][0] if len(rule["UNTIL"]) == 1 else None
        if not isinstance(until, date):
            raise _BadEvent("RRULE: UNTIL is neither a date nor a date with a time")
        whole_day = not isinstance(until, datetime)
        rule["UNTIL"] = [datetime.combine(until, _LAST_SECOND) if whole_day else _wall(until, zone)]
    return str(rule.to_ical().decode())


def _dates(value: Any, name: str, starts: datetime, zone: str) -> tuple[datetime, ...]:
    """Single occurrences by the wall clock; a bare date means the occurrence of that day."""
    walls: list[datetime] = []
    for several in value if isinstance(value, list) else [value] if value is not None else []:
        for one in several.dts:
            if not isinstance(one.dt, date):
                raise _BadEvent(f"{name}: is neither a date nor a date with a time")
            bare = not isinstance(one.dt, datetime)
            walls.append(datetime.combine(one.dt, starts.time()) if bare else _wall(one.dt, zone))
    return tuple(sorted(set(walls)))


def _skip_moved(found: _Read) -> None:
    """Occurrences that another event stands in for do not happen at their old time."""
    for uid, _, moment in found.moved:
        for position, entry in enumerate(found.entries.get(uid, ())):
            hours = entry.hours
            bare = not isinstance(moment, datetime)
            wall = datetime.combine(moment, hours.starts.time()) if bare else _wall(moment, hours.zone)
            changed = replace(hours, skipped=tuple(sorted({*hours.skipped, wall})))
            found.entries[uid][position] = replace(entry, hours=changed)


# -- writing -----------------------------------------------------------------------------------------------------------


def _event(entry: Shift | TimeOff, now: datetime) -> Any:
    hours, words = entry.hours, "On call" if isinstance(entry, Shift) else "Time off"
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", now)
    event.add("summary", words)
    event.add("categories", [words])
    event.add("transp", "TRANSPARENT" if isinstance(entry, Shift) else "OPAQUE")
    zone = zone_named(hours.zone)
    event.add("dtstart", hours.starts.replace(tzinfo=zone))
    event.add("dtend", hours.ends.replace(tzinfo=zone))
    if hours.rule:
        event.add("rrule", _written_rule(hours))
    for name, moments in (("rdate", hours.also), ("exdate", hours.skipped)):
        if moments:
            event.add(name, [moment.replace(tzinfo=zone) for moment in moments])
    return event


def _written_rule(hours: Hours) -> Any:
    """The rule with its UNTIL as RFC 5545 wants it beside a start with a zone: in UTC."""
    rule = prop.vRecur.from_ical(hours.rule)
    if "UNTIL" in rule:
        rule["UNTIL"] = [instant(_wall(rule["UNTIL"][0], hours.zone), hours.zone)]
    return rule


def listing(calendar: Calendar) -> Iterable[str]:
    """One line per shift and time off, for a person to check."""
    for entry in calendar.entries:
        hours, words = entry.hours, "on call " if isinstance(entry, Shift) else "time off"
        told = f"{words} {hours.starts:%a %Y-%m-%d %H:%M} to {hours.ends:%a %Y-%m-%d %H:%M} ({hours.zone})"
        if hours.rule:
            told += f", repeats {hours.rule}"
        if hours.also:
            told += f", {len(hours.also)} more"
        if hours.skipped:
            told += f", without {len(hours.skipped)}"
        yield told
