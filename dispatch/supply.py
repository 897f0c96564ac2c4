"""Who could be rung in which hours: interpreters, their calendars, habits and answers, as `coverage` counts them.

Plain functions over values. An interpreter counts in an hour

- with shifts: for the share of it that their shifts and the hours they promised cover;
- without shifts: for the share of that hour of the week in which they were ON lately (their sign-on habit), and where
  they never changed that, for all of it while they are ON and none of it while they are OFF ("whenever ON");
- never in their time off or their quiet hours, by their own clock, nor once this week's limit is used up.

In hours that they promised they are taken to answer with `PROMISED`, or as learned where that is more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.answering import HOURS, Answers, Pool, hour_of
from dispatch.coverage import Array, Demand, Line, Speaker, Terms, cover, hour_of_week, shares
from dispatch.people import Availability, Interpreter, QuietHours
from dispatch.shifts import Calendar, Hours, Shift, TimeOff, has_usual, stretches, zone_named

PROMISED = 0.85
"""The chance to answer in hours that somebody promised and was reminded of: an assumption, above nearly every learned
one because they keep the phone at hand, and below 1 because phones run empty."""
_NO_CALENDAR = Calendar()
_HOUR = timedelta(hours=1)
_LIKE = [datetime(2024, 1, 1 if bucket < 24 else 6, bucket % 24) for bucket in range(HOURS)]
"""A Monday's or a Saturday's hour for each bucket of `answering.hour_of`."""


@dataclass(frozen=True)
class Town:
    """What is known of demand and of everybody on the roster at one moment."""

    now: datetime
    zone: ZoneInfo
    """Of the agency."""
    demand: Demand
    people: tuple[Interpreter, ...]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    habits: Mapping[str, Array] = field(default_factory=dict)
    """By interpreter: the share of each hour of the agency's week in which they were ON; only who changed it."""
    answers: Mapping[str, Answers] = field(default_factory=dict)
    pool: Pool = field(default_factory=Pool)
    used_up: frozenset[str] = frozenset()
    """Those who have reached this week's limit."""
    terms: Terms = field(default_factory=Terms)

    def calendar(self, interpreter_id: str) -> Calendar:
        """An interpreter's shifts and time off."""
        return self.calendars.get(interpreter_id, _NO_CALENDAR)

    def person(self, interpreter_id: str) -> Interpreter | None:
        """Somebody on the roster."""
        return next((one for one in self.people if one.id == interpreter_id), None)

    def with_shifts(self, interpreter_id: str, shifts: Sequence[Shift]) -> "Town":
        """The same town, had this interpreter these shifts too."""
        known = self.calendar(interpreter_id)
        grown = replace(known, shifts=(*known.shifts, *shifts))
        return replace(self, calendars={**self.calendars, interpreter_id: grown})

    def with_person(self, one: Interpreter, calendar: Calendar) -> "Town":
        """The same town with one more interpreter."""
        return replace(self, people=(*self.people, one), calendars={**self.calendars, one.id: calendar})

    def speakers(self, hours: Sequence[datetime], demand: Mapping[str, Array]) -> dict[str, Speaker]:
        """Everybody who counts for that demand over these hours, by id."""
        wanted = set(demand)
        return {one.id: speaker(self, one, hours) for one in self.people if _matters(one, wanted)}

    def lines(self, hours: Sequence[datetime], demand: Mapping[str, Array]) -> dict[str, Line]:
        """Demand against supply over these hours, by language."""
        return cover(demand, list(self.speakers(hours, demand).values()), self.terms)


def next_week(now: datetime) -> list[datetime]:
    """The 168 hours from the one that has begun."""
    first = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return [first + number * _HOUR for number in range(168)]


def speaker(town: Town, one: Interpreter, hours: Sequence[datetime]) -> Speaker:
    """An interpreter over these hours, which follow one another."""
    calendar = town.calendar(one.id)
    begin, end = hours[0], hours[-1] + _HOUR
    off = (*calendar.time_off, *quiet_hours(one.terms.quiet, _zone(one, town), begin))
    promised = [shift for shift in calendar.shifts if shift.extra]
    kept = _share(tuple(shift for shift in calendar.shifts if not shift.extra), off, begin, end, hours)
    reachable, basis = kept, "shifts"
    if not has_usual(calendar.shifts):
        on, basis = _without_shifts(town, one, hours)
        reachable = kept * on
    if one.id in town.used_up:
        reachable = reachable * np.array([hour >= _monday(town.now, one, town) for hour in hours])
    answers = _answers(town, one, hours)
    if promised:
        # Without a usual shift `stretches` takes all time for on call, so promised hours are marked as usual here.
        usual = tuple(Shift("promised", shift.hours) for shift in promised)
        sure = _share(usual, off, begin, end, hours)
        reachable = np.maximum(reachable, sure)
        answers = np.where(sure > 0.5, np.maximum(answers, PROMISED), answers)
    languages = frozenset(skill.language for skill in one.skills)
    limit = one.terms.weekly_minutes
    return Speaker(one.id, languages, one.terms.english, one.tier, reachable, answers, basis, limit)


def quiet_hours(quiet: QuietHours | None, zone: ZoneInfo, begin: datetime) -> tuple[TimeOff, ...]:
    """An interpreter's quiet hours, every day from some days before `begin` on, as time off."""
    if quiet is None or quiet.start == quiet.end:
        return ()
    first = datetime.combine(begin.astimezone(zone).date() - timedelta(days=2), time(0))
    starts = datetime.combine(first.date(), quiet.start)
    ends = datetime.combine(first.date() + timedelta(days=quiet.end < quiet.start), quiet.end)
    return (TimeOff("quiet", Hours(starts, ends, zone.key, "FREQ=DAILY")),)


def _without_shifts(town: Town, one: Interpreter, hours: Sequence[datetime]) -> tuple[Array, str]:
    """The share of each hour in which they are ON, and how that is known."""
    habit = town.habits.get(one.id)
    if habit is not None:
        return np.array([habit[hour_of_week(hour.astimezone(town.zone))] for hour in hours]), "sign-on habit"
    if one.availability is Availability.OFF:
        return np.zeros(len(hours)), "signed off"
    return np.ones(len(hours)), "whenever ON"


def _share(
    shifts: tuple[Shift, ...], off: tuple[TimeOff, ...], begin: datetime, end: datetime, hours: Sequence[datetime]
) -> Array:
    """The share of each hour on call. Without shifts: all of it that is not time off."""
    if not off and not shifts:
        return np.ones(len(hours))
    return shares(((one.starts, one.ends) for one in stretches(shifts, off, begin, end)), hours)


def _answers(town: Town, one: Interpreter, hours: Sequence[datetime]) -> Array:
    """The chance to accept in each hour, learned by the 48 hours of working days and weekends where they live."""
    known = town.answers.get(one.id)
    buckets = _buckets(_zone(one, town).key, hours[0], len(hours))
    if known is None:
        return np.array([town.pool.at(bucket) for bucket in range(HOURS)])[buckets]
    learned = np.zeros(HOURS)
    for bucket in set(buckets.tolist()):
        learned[bucket] = town.pool.accepts(known, _LIKE[bucket])
    return learned[buckets]


@lru_cache(maxsize=64)
def _buckets(zone: str, first: datetime, count: int) -> Array:
    """The bucket of each hour by the clock of that zone: asked for everybody who lives there."""
    local = zone_named(zone)
    return np.array([hour_of((first + number * _HOUR).astimezone(local)) for number in range(count)])


def _matters(one: Interpreter, wanted: set[str]) -> bool:
    by_voice = not one.terms.channels or "voice" in one.terms.channels
    return by_voice and any(skill.language in wanted or not one.terms.english for skill in one.skills)


def _zone(one: Interpreter, town: Town) -> ZoneInfo:
    return zone_named(one.terms.timezone) if one.terms.timezone else town.zone


def _monday(now: datetime, one: Interpreter, town: Town) -> datetime:
    """When the next week begins where they live."""
    local = now.astimezone(_zone(one, town))
    day = local.date() + timedelta(days=7 - local.weekday())
    return datetime.combine(day, time(0), local.tzinfo)
