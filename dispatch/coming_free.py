"""Who may be rung soon: the next moment at which an interpreter comes on call. Plain functions.

A request that waits looks again at that moment and not only at its next turn: the beginning of a shift, the end of time
off, of do-not-disturb hours, of a break and of wrap-up are all found by each interpreter's own clock. Nothing is
scheduled for anybody: the moment goes into the deadline of the request that waits, which survives any restart.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from dispatch.people import Availability, Interpreter, QuietHours
from dispatch.shifts import Calendar, stretches, zone_named

_MINUTE = timedelta(minutes=1)
_NO_CALENDAR = Calendar()


def next_on_call(
    people: Iterable[Interpreter], calendars: Mapping[str, Calendar], now: datetime, until: datetime, agency_zone: str
) -> datetime | None:
    """The first moment after `now`, up to `until`, at which one of these people comes on call; None where none does.

    `calendars` by interpreter id, of those who have any. Whoever is on call already says nothing: something else keeps
    them from being rung.
    """
    moments = (_comes_on(one, calendars.get(one.id, _NO_CALENDAR), now, until, agency_zone) for one in people)
    return min((moment for moment in moments if moment is not None), default=None)


def _comes_on(one: Interpreter, calendar: Calendar, now: datetime, until: datetime, zone: str) -> datetime | None:
    if one.engaged or one.availability is Availability.OFF:
        return None
    ends: list[datetime | None] = []
    if one.availability is Availability.BUSY and (one.busy_until is None or one.busy_until > now):
        ends.append(one.busy_until)
    if one.wrap_up_until is not None and one.wrap_up_until > now:
        ends.append(one.wrap_up_until)
    quiet = one.terms.quiet
    if quiet is not None and quiet.hold(one.local(now, zone).time()):
        ends.append(_quiet_ends(quiet, one.terms.timezone or zone, now, until))
    if not calendar.is_on_call(now):
        ends.append(_shift_begins(calendar, now, until))
    # None among them: one of these lasts longer than we look ahead.
    known = [end for end in ends if end is not None and end <= until]
    return max(known) if known and len(known) == len(ends) else None


def _quiet_ends(quiet: QuietHours, zone: str, now: datetime, until: datetime) -> datetime | None:
    """Looked for minute by minute, on the instants and not on the wall clock: the clock may jump over the end."""
    place = zone_named(zone)
    moment = now.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    while moment <= until:
        if not quiet.hold(moment.astimezone(place).time()):
            return moment
        moment += _MINUTE
    return None


def _shift_begins(calendar: Calendar, now: datetime, until: datetime) -> datetime | None:
    # A moment longer, so that a shift which begins at `until` has some length to be found by.
    found = stretches(calendar.shifts, calendar.time_off, now, until + _MINUTE)
    return found[0].starts if found and found[0].starts <= until else None
