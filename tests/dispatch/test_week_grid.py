"""Weeks as grids, and shifts as forms write them."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from dispatch import week_grid
from dispatch.errors import ShiftInvalid
from dispatch.shift_form import (
    LABELS,
    ShiftFields,
    fields_of,
    keeping_exceptions,
    moved,
    read_entry,
    said,
    without_day,
)
from dispatch.shifts import Calendar, Hours, Shift, TimeOff, instant
from dispatch.week_grid import Kind, team_week, week
from tests.dispatch.people import interpreter

NEW_YORK = "America/New_York"
MONDAY = date(2026, 11, 23)
WEEKDAYS = ShiftFields("shift", "weekly", ("0", "1"), "2026-11-23", "", "09:00", "17:00", NEW_YORK)


def shift(fields: ShiftFields = WEEKDAYS) -> Shift:
    """The shift that these fields describe."""
    entry = read_entry(fields, "u1")
    assert isinstance(entry, Shift)
    return entry


def shown(calendar: Calendar, monday: date = MONDAY) -> list[tuple[int, Kind, int, int]]:
    """What the grid shows: day, kind, beginning and length in half hours."""
    days = week(calendar, (), monday, NEW_YORK)
    return [(n, b.kind, b.slot, b.length) for n, day in enumerate(days) for b in day.blocks if b.kind is not Kind.NONE]


def test_a_shift_is_shown_by_the_wall_clock_and_time_off_hides_it() -> None:
    off = TimeOff("o", Hours(datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 13, 15), NEW_YORK))
    assert shown(Calendar((shift(),), (off,))) == [
        (0, Kind.ON, 18, 16),
        (1, Kind.ON, 18, 6),
        (1, Kind.OFF, 24, 3),
        (1, Kind.ON, 27, 7),
    ]


def test_every_day_of_the_grid_has_48_half_hours() -> None:
    night = shift(replace(WEEKDAYS, days=("6",), begin="22:00", end="06:00"))
    for monday in (MONDAY, date(2026, 10, 26), date(2026, 3, 2)):
        for day in week(Calendar((night,)), (), monday, NEW_YORK):
            assert sum(block.length for block in day.blocks) == 48


@pytest.mark.parametrize("monday", [date(2026, 10, 26), date(2027, 3, 8)])
def test_a_night_shift_ends_at_six_on_the_nights_when_clocks_change(monday: date) -> None:
    night = shift(replace(WEEKDAYS, days=("5",), begin="22:00", end="06:00", first="2026-01-03"))
    assert shown(Calendar((night,)), monday) == [(5, Kind.ON, 44, 4), (6, Kind.ON, 0, 12)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"begin": "9"}, "begin"),
        ({"end": ""}, "end"),
        ({"end": "09:00"}, "ends"),
        ({"days": ()}, "days"),
        ({"first": "tomorrow"}, "first"),
        ({"last": "2026-11-01"}, "last"),
        ({"first": "2026-11-25", "last": "2026-11-26"}, "last"),
        ({"zone": "Boston"}, "zone"),
        ({"kind": "holiday"}, "kind"),
        ({"repeat": "sometimes"}, "repeat"),
        ({"repeat": "once", "last": "2029-01-01"}, "ends"),
    ],
)
def test_every_error_names_its_field(changed: dict[str, str], field: str) -> None:
    with pytest.raises(ShiftInvalid) as refused:
        read_entry(replace(WEEKDAYS, **changed), "u1")  # type: ignore[arg-type]
    assert refused.value.field == field
    assert field in LABELS


@pytest.mark.parametrize(
    "fields",
    [
        WEEKDAYS,
        replace(WEEKDAYS, last="2026-12-31"),
        replace(WEEKDAYS, begin="00:00", end="00:00"),
        replace(WEEKDAYS, begin="22:00", end="06:00"),
        ShiftFields("time_off", "once", (), "2026-12-24", "2026-12-27", "00:00", "12:00", NEW_YORK),
    ],
)
def test_what_a_form_says_is_what_the_form_shows_again(fields: ShiftFields) -> None:
    assert fields_of(read_entry(fields, "u1")) == fields


def test_a_rule_that_the_form_cannot_say_is_left_to_its_calendar_file() -> None:
    monthly = Shift(
        "u", Hours(datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 12), NEW_YORK, "FREQ=MONTHLY;BYMONTHDAY=1")
    )
    assert fields_of(monthly) is None
    assert "FREQ=MONTHLY" in said(monthly)


def test_dragging_moves_days_and_times_and_changes_nothing_else() -> None:
    later = moved(WEEKDAYS, 6, -90)
    assert later == replace(WEEKDAYS, days=("0", "6"), first="2026-11-29", begin="07:30", end="15:30")


def test_moving_over_midnight_takes_the_days_along() -> None:
    evening = replace(WEEKDAYS, begin="22:00", end="23:30")
    later = moved(evening, 0, 150, 30)
    assert later == replace(evening, days=("1", "2"), first="2026-11-24", begin="00:30", end="02:30")
    assert moved(later, 0, -150, -30) == evening
    once = replace(evening, repeat="once", days=(), last="2026-11-23")
    assert moved(once, 0, 60).last == "2026-11-24"
    assert read_entry(moved(once, 0, 60), "u1").hours.length == timedelta(minutes=90)


@pytest.mark.parametrize(("fields", "longer"), [(WEEKDAYS, -480), (WEEKDAYS, 961)])
def test_what_would_last_no_time_or_repeat_for_more_than_a_day_is_refused(fields: ShiftFields, longer: int) -> None:
    with pytest.raises(ShiftInvalid):
        moved(fields, 0, 0, longer)


def test_the_first_piece_of_an_entry_that_is_seen_on_its_day_says_when_it_begins_and_ends() -> None:
    off = TimeOff("o", Hours(datetime(2026, 11, 24, 9), datetime(2026, 11, 24, 10), NEW_YORK))
    days = week(Calendar((shift(replace(WEEKDAYS, end="06:00")),), (off,)), (), MONDAY, NEW_YORK)
    begins = [(block.slot, block.begins, block.ends) for block in days[1].blocks if block.begins]
    ends = datetime(2026, 11, 25, 6)
    assert begins == [
        (18, datetime(2026, 11, 24, 9), datetime(2026, 11, 24, 10)),
        (20, datetime(2026, 11, 24, 9), ends),
    ]


def test_a_day_left_out_stays_left_out_when_the_hours_change() -> None:
    without = without_day(shift(), MONDAY)
    assert shown(Calendar((without,))) == [(1, Kind.ON, 18, 16)]  # type: ignore[arg-type]
    changed = keeping_exceptions(without, shift(replace(WEEKDAYS, begin="10:00")))
    assert shown(Calendar((changed,))) == [(1, Kind.ON, 20, 14)]  # type: ignore[arg-type]
    assert "not on 2026-11-23" in said(without)
    with pytest.raises(ShiftInvalid, match="it happens once"):
        without_day(shift(replace(WEEKDAYS, repeat="once")), MONDAY)


def test_a_team_counts_who_is_on_call_each_hour_and_names_the_thinnest() -> None:
    people = [interpreter(number) for number in (1, 2, 3)]
    night = shift(replace(WEEKDAYS, days=tuple("0123456"), begin="20:00", end="10:00", first="2026-01-01"))
    team = team_week(people, {"i1": Calendar((shift(),)), "i2": Calendar((night,))}, MONDAY, NEW_YORK)
    assert [team.counts[hour] for hour in (0, 9, 10, 17, 20)] == [1, 2, 1, 0, 1]
    assert week_grid.hour_named(team.thinnest[0]) == "Mon 17:00"
    assert [(line.hours, line.fixed) for line in team.lines] == [(16.0, True), (98.0, True), (0.0, False)]
    assert team.lines[0].words == "Mon 09:00 to 17:00; Tue 09:00 to 17:00"


def test_an_entry_has_another_key_once_it_was_changed() -> None:
    assert week_grid.entry_key(shift()) == week_grid.entry_key(shift())
    assert week_grid.entry_key(shift()) != week_grid.entry_key(shift(replace(WEEKDAYS, begin="10:00")))
    starts, ends = week_grid.bounds(MONDAY, NEW_YORK)
    assert (starts, ends) == (instant(datetime.combine(MONDAY, time(0)), NEW_YORK), starts + timedelta(days=7))
