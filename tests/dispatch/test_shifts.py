"""Shifts and time off: who is on call, and when the clocks change."""

import re
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import ShiftInvalid
from dispatch.shifts import (
    Calendar,
    Hours,
    OnCall,
    Shift,
    TimeOff,
    Window,
    occurrences,
    on_call,
    read_week,
    stretches,
    weekly,
)

BOSTON = "America/New_York"
MONDAY = datetime(2026, 3, 2)
"""By the wall clock; the clocks of Boston go forward on Sunday, 8 March 2026, and back on 1 November."""


def shift(begin: str, end: str, *days: int, zone: str = BOSTON, from_day: datetime = MONDAY) -> Shift:
    """A weekly shift."""
    return Shift(
        "s", weekly(days or tuple(range(7)), time.fromisoformat(begin), time.fromisoformat(end), zone, from_day)
    )


def off(starts: str, ends: str, zone: str = BOSTON) -> TimeOff:
    """Time off, once."""
    return TimeOff("t", Hours(datetime.fromisoformat(starts), datetime.fromisoformat(ends), zone))


def boston(text: str) -> datetime:
    """An instant by Boston's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BOSTON)).astimezone(UTC)


def test_a_weekly_shift_is_on_call_from_its_start_up_to_its_end() -> None:
    office = (shift("09:00", "17:00", 0, 1, 2, 3, 4),)
    assert not on_call(office, (), boston("2026-03-04T08:59")).yes
    now = on_call(office, (), boston("2026-03-04T09:00"))
    assert (now.yes, now.until) == (True, boston("2026-03-04T17:00"))
    assert now.reason == "on call until Wed 04 Mar 17:00 (America/New_York)"
    after = on_call(office, (), boston("2026-03-06T17:00"))
    assert (after.yes, after.next) == (False, boston("2026-03-09T09:00"))
    assert after.reason == "no shift now; next on call Mon 09 Mar 09:00 (America/New_York)"


def test_a_night_shift_belongs_to_the_evening_on_which_it_begins() -> None:
    friday_night = (shift("22:00", "06:00", 4),)
    assert on_call(friday_night, (), boston("2026-03-07T05:59")).yes
    assert not on_call(friday_night, (), boston("2026-03-06T05:59")).yes
    assert not on_call(friday_night, (), boston("2026-03-07T06:00")).yes


def test_shifts_that_meet_are_one_stretch() -> None:
    day = (shift("06:00", "14:00"), shift("14:00", "22:00"))
    assert on_call(day, (), boston("2026-03-04T07:00")).until == boston("2026-03-04T22:00")


def test_time_off_wins_over_a_shift_and_says_when_on_call_time_is_back() -> None:
    office, away = (shift("09:00", "17:00"),), (off("2026-03-04T12:00", "2026-03-05T10:00"),)
    assert on_call(office, away, boston("2026-03-04T11:00")).until == boston("2026-03-04T12:00")
    found = on_call(office, away, boston("2026-03-04T13:00"))
    assert (found.yes, found.next) == (False, boston("2026-03-05T10:00"))
    assert found.reason == "time off until Thu 05 Mar 10:00 (America/New_York)"


def test_without_any_shift_on_and_off_alone_decide_and_time_off_still_counts() -> None:
    noon = boston("2026-03-04T12:00")
    assert on_call((), (), noon) == OnCall(True, None, None, "has no shifts, so ON and OFF alone decide")
    away = (off("2026-03-04T00:00", "2026-03-06T00:00"),)
    assert not on_call((), away, noon).yes
    assert on_call((), away, noon).next == boston("2026-03-06T00:00")
    assert on_call((), away, boston("2026-03-03T12:00")).until == boston("2026-03-04T00:00")


def test_somebody_whose_shifts_are_over_is_not_on_call_at_all() -> None:
    past = (Shift("s", Hours(datetime(2025, 1, 1, 9), datetime(2025, 1, 1, 17), BOSTON)),)
    found = on_call(past, (), boston("2026-03-04T12:00"))
    assert (found.yes, found.next) == (False, None)
    assert found.reason == "no shift now; not on call in the next 62 days"


def test_the_same_wall_clock_hours_are_other_instants_in_another_zone() -> None:
    now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert on_call((shift("13:00", "21:00", zone="Europe/Paris"),), (), now).yes
    assert not on_call((shift("13:00", "21:00"),), (), now).yes


def test_a_week_is_read_as_people_write_it() -> None:
    night, office, always = read_week("Sat,sun 22:00 - 6:00; mon-fri 09:00-17:00; daily 0:00-24:00", BOSTON, MONDAY)
    assert night.hours == weekly((5, 6), time(22), time(6), BOSTON, MONDAY)
    assert office.hours == weekly((0, 1, 2, 3, 4), time(9), time(17), BOSTON, MONDAY)
    assert Calendar((always,)).on_call(boston("2026-03-04T00:00")).until is None
    assert read_week("fri-mon 09:00-10:00", BOSTON, MONDAY)[0].hours.rule == "FREQ=WEEKLY;BYDAY=MO,FR,SA,SU"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("weekdays", "'weekdays' cannot be read"),
        ("mon 9-17", "cannot be read"),
        ("mon 09:00-17:00; xyz 09:00-17:00", "'xyz' in 'xyz 09:00-17:00' is not a day"),
        ("mon 09:00-25:00", "25:00 in 'mon 09:00-25:00' is not a time of day"),
        ("mon 09:00-09:00", "is 09:00, the time at which the shift begins"),
    ],
)
def test_a_week_that_cannot_be_read_names_the_part(text: str, told: str) -> None:
    with pytest.raises(ShiftInvalid, match=re.escape(told)):
        read_week(text, BOSTON, MONDAY)


# -- clock changes -----------------------------------------------------------------------------------------------------


def test_in_the_spring_gap_a_night_shift_ends_at_six_by_the_clock_and_is_an_hour_shorter() -> None:
    (saturday_night,) = occurrences(
        shift("22:00", "06:00", 5).hours, boston("2026-03-08T01:00"), boston("2026-03-08T02")
    )
    assert saturday_night == Window(boston("2026-03-07T22:00"), boston("2026-03-08T06:00"))
    assert saturday_night.ends - saturday_night.starts == timedelta(hours=7)


def test_in_the_spring_gap_a_start_that_the_clock_skips_is_read_with_the_offset_before_it() -> None:
    (early,) = occurrences(shift("02:30", "07:00", 6).hours, boston("2026-03-08T00:00"), boston("2026-03-08T12:00"))
    assert early.starts == boston("2026-03-08T03:30")
    assert early.ends == boston("2026-03-08T07:00")


def test_in_the_spring_gap_hours_of_which_nothing_is_left_fall_out_and_leave_no_hole_behind_the_shift_before() -> None:
    skipped = shift("02:30", "03:15", 6)
    day = boston("2026-03-08T00:00"), boston("2026-03-09T00:00")
    assert occurrences(skipped.hours, *day) == []
    assert stretches((shift("01:00", "02:30", 6), skipped, shift("03:15", "05:00", 6)), (), *day) == (
        Window(boston("2026-03-08T01:00"), boston("2026-03-08T05:00")),
    )


def test_in_the_autumn_fold_a_night_shift_is_an_hour_longer() -> None:
    (night,) = occurrences(shift("22:00", "06:00", 5).hours, boston("2026-11-01T01:00"), boston("2026-11-01T02:00"))
    assert night.ends - night.starts == timedelta(hours=9)
    assert night.ends == boston("2026-11-01T06:00")


def test_in_the_autumn_fold_a_shift_that_ends_and_one_that_begins_in_the_doubled_hour_meet() -> None:
    day = boston("2026-11-01T00:00"), boston("2026-11-01T05:00")
    assert stretches((shift("00:00", "01:30", 6), shift("01:30", "05:00", 6)), (), *day) == (Window(*day),)
    (first,) = occurrences(shift("00:00", "01:30", 6).hours, *day)
    assert first.ends == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 for the first time, still daylight time


# -- what cannot be ----------------------------------------------------------------------------------------------------

NINE, FIVE = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 17)


@pytest.mark.parametrize(
    ("hours", "field", "told"),
    [
        ((FIVE, NINE, BOSTON), "ends", "not after the start"),
        ((NINE, NINE, BOSTON), "ends", "not after the start"),
        ((NINE, NINE + timedelta(days=400), BOSTON), "ends", "more than 366 days"),
        ((NINE, NINE + timedelta(days=40), BOSTON, "FREQ=YEARLY"), "ends", "more than 31 days"),
        ((NINE, FIVE, "Mars/Olympus"), "zone", "'Mars/Olympus' is not a time zone"),
        ((NINE, FIVE, "../../etc/passwd"), "zone", "not a time zone"),
        ((NINE, FIVE, ""), "zone", "not a time zone"),
        ((NINE.replace(tzinfo=UTC), FIVE, BOSTON), "starts", "wall-clock"),
        ((NINE.replace(year=1), FIVE, BOSTON), "starts", "the year 1 "),
        ((NINE, FIVE, BOSTON, "FREQ=WEEKLY;BYDAY=TU"), "rule", "its first day is Tue 2026-03-03"),
        ((NINE, FIVE, BOSTON, "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"), "rule", "it never happens"),
        ((NINE, FIVE, BOSTON, "FREQ=SECONDLY"), "rule", "repeats SECONDLY"),
        ((NINE, FIVE, BOSTON, "BYDAY=MO"), "rule", "at no stated interval"),
        ((NINE, FIVE, BOSTON, "FREQ=WEEKLY;INTERVAL=0"), "rule", "INTERVAL=0"),
        ((NINE, FIVE, BOSTON, "FREQ=WEEKLY;COUNT=0"), "rule", "COUNT=0"),
        ((NINE, FIVE, BOSTON, "FREQ=WEEKLY;COUNT=3;UNTIL=20260401T000000"), "rule", "both COUNT and UNTIL"),
        ((NINE, FIVE, BOSTON, "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2"), "rule", "BYMONTHDAY cannot be used"),
        ((NINE, FIVE, BOSTON, "FREQ=WEEKLY;BYDAY=XX"), "rule", "cannot be read"),
        ((NINE, FIVE, BOSTON, "FREQ=WEEKLY;UNTIL=soon"), "rule", "cannot be read"),
        ((NINE, FIVE, BOSTON, "every monday"), "rule", "not a part of a repeat rule"),
    ],
)
def test_hours_that_cannot_be_name_the_field(hours: tuple[str], field: str, told: str) -> None:
    with pytest.raises(ShiftInvalid, match=told) as raised:
        Hours(*hours)  # type: ignore[arg-type]
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("days", "begin", "end", "field"), [((), 9, 17, "days"), ((7,), 9, 17, "days"), ((0,), 9, 9, "ends")]
)
def test_a_weekly_shift_that_cannot_be_names_the_field(days: tuple[int, ...], begin: int, end: int, field: str) -> None:
    with pytest.raises(ShiftInvalid) as raised:
        weekly(days, time(begin), time(end), BOSTON, MONDAY)
    assert raised.value.field == field


# -- against a scan of every minute ------------------------------------------------------------------------------------

ZONES = st.sampled_from([BOSTON, "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Phoenix", "UTC"])
NEAR_CHANGES = st.sampled_from(
    [datetime(2026, 3, 5), datetime(2026, 3, 26), datetime(2026, 10, 22), datetime(2026, 10, 29)]
)
MINUTES = st.integers(0, 1439)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """Hours near a clock change: once, weekly or every other day, some occurrences added or skipped."""
    starts = draw(NEAR_CHANGES) - timedelta(days=draw(st.integers(0, 30))) + timedelta(minutes=draw(MINUTES))
    ends = starts + timedelta(minutes=draw(st.integers(1, 3000)))
    rule = draw(st.sampled_from(["", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY", "FREQ=DAILY;COUNT=20", "FREQ=MONTHLY"]))
    moved = st.lists(st.integers(0, 40).map(lambda days: starts + timedelta(days=days)), max_size=3).map(tuple)
    return Hours(starts, ends, draw(ZONES), rule, draw(moved), draw(moved))


def wall_starts(one: Hours, upto: datetime) -> set[datetime]:
    """Every wall-clock start up to then, counted out by hand."""
    found, wall, count = {one.starts}, one.starts, 1
    steps = {"FREQ=DAILY;INTERVAL=2": 2, "FREQ=WEEKLY": 7, "FREQ=DAILY;COUNT=20": 1}
    if one.rule == "FREQ=MONTHLY":
        months = ((one.starts.month - 1 + n) for n in range(1, 13))
        for number in months:
            try:
                found.add(one.starts.replace(year=one.starts.year + number // 12, month=number % 12 + 1))
            except ValueError:
                continue  # the 31st of a shorter month does not happen
    while one.rule in steps and wall < upto:
        wall, count = wall + timedelta(days=steps[one.rule]), count + 1
        if "COUNT" in one.rule and count > 20:
            break
        found.add(wall)
    return (found | set(one.also)) - set(one.skipped)


@cache
def scanned_instant(wall: datetime, zone: str) -> datetime:
    """The first minute that shows this time on the wall; where none does, by the offset of the minute before."""
    minute = (wall - timedelta(hours=4)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    shown = minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while shown < wall:
        before = shown - minute.replace(tzinfo=None)
        minute += timedelta(minutes=1)
        shown = minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return minute if shown == wall else (wall - before).replace(tzinfo=UTC)


def scanned(entries: list[Hours], starts: datetime, minutes: int) -> list[bool]:
    """Minute by minute: whether any of the hours cover it."""
    covered = [False] * minutes
    for one in entries:
        for wall in wall_starts(one, starts.replace(tzinfo=None) + timedelta(days=6)):
            if (
                not starts.replace(tzinfo=None) - timedelta(days=5)
                < wall
                < starts.replace(tzinfo=None) + timedelta(days=5)
            ):
                continue
            first = int((scanned_instant(wall, one.zone) - starts) / timedelta(minutes=1))
            last = int((scanned_instant(wall + (one.ends - one.starts), one.zone) - starts) / timedelta(minutes=1))
            for minute in range(max(first, 0), min(last, minutes)):
                covered[minute] = True
    return covered


@pytest.mark.no_cover
@settings(max_examples=300, deadline=None)
@given(on=st.lists(hours(), min_size=1, max_size=3), away=st.lists(hours(), max_size=2), day=NEAR_CHANGES, step=MINUTES)
def test_on_call_agrees_with_a_scan_of_every_minute(
    on: list[Hours], away: list[Hours], day: datetime, step: int
) -> None:
    starts, minutes = day.replace(tzinfo=UTC) + timedelta(days=2, minutes=step), 60 * 40
    kept = Calendar(tuple(Shift("s", one) for one in on), tuple(TimeOff("t", one) for one in away))
    expected = [
        is_on and not is_off
        for is_on, is_off in zip(scanned(on, starts, minutes), scanned(away, starts, minutes), strict=True)
    ]
    for minute in (0, 1, 59, 600, 1439, 2000):
        found = kept.on_call(starts + timedelta(minutes=minute))
        assert found.yes == expected[minute]
        assert kept.is_on_call(starts + timedelta(minutes=minute)) == expected[minute]
        change = found.until if found.yes else found.next
        later = (n for n in range(minute, minutes) if expected[n] != expected[minute])
        assert next(later, None) == (
            int((change - starts) / timedelta(minutes=1))
            if change and change < starts + timedelta(minutes=minutes)
            else None
        )


@settings(max_examples=60, deadline=None)
@given(on=st.lists(hours(), max_size=3), away=st.lists(hours(), max_size=3), day=NEAR_CHANGES)
def test_stretches_are_in_order_apart_and_within_the_time_asked_for(
    on: list[Hours], away: list[Hours], day: datetime
) -> None:
    starts = day.replace(tzinfo=UTC)
    ends = starts + timedelta(days=9)
    found = stretches([Shift("s", one) for one in on], [TimeOff("t", one) for one in away], starts, ends)
    edges = [edge for one in found for edge in (one.starts, one.ends)]
    assert edges == sorted(set(edges))
    assert all(starts <= edge <= ends for edge in edges)
