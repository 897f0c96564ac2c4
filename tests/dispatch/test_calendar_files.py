"""iCalendar files of shifts and time off."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.calendar_files import Busy, listing, read_calendar, write_calendar
from dispatch.errors import CalendarError
from dispatch.shifts import Calendar, Hours, Shift, TimeOff, stretches
from tests.dispatch.requests import NOON
from tests.dispatch.test_shifts import BOSTON, boston, hours

ON_CALL = """
UID:a
SUMMARY:On call
DTSTART;TZID=America/New_York:20260302T220000
DTEND;TZID=America/New_York:20260303T060000
"""
DTEND = "DTEND;TZID=America/New_York:20260303T060000"


def file(*events: str) -> bytes:
    """An iCalendar file with these events."""
    told = "\n".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\n{told}\nEND:VCALENDAR\n".replace("\n", "\r\n").encode()


def read(*events: str) -> Calendar:
    """What is read from a file with these events."""
    return read_calendar(file(*events), "amina.ics", BOSTON)


def problems(*events: str) -> list[str]:
    """What is wrong with a file of these events."""
    with pytest.raises(CalendarError) as raised:
        read(*events)
    assert str(raised.value).startswith("The calendar was not imported; nothing was changed.")
    return raised.value.problems


def test_a_night_shift_with_a_rule_an_exception_and_an_end_is_read_by_the_wall_clock() -> None:
    rule = "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20260402T020000Z"
    found = read(
        ON_CALL + rule + "\nEXDATE;TZID=America/New_York:20260309T220000\nRDATE;TZID=America/New_York:20260308T220000"
    )
    (shift,) = found.shifts
    assert shift.uid == "a"
    assert shift.hours == Hours(
        datetime(2026, 3, 2, 22),
        datetime(2026, 3, 3, 6),
        BOSTON,
        "FREQ=WEEKLY;UNTIL=20260401T220000;BYDAY=MO,TU",
        also=(datetime(2026, 3, 8, 22),),
        skipped=(datetime(2026, 3, 9, 22),),
    )
    assert found.on_call(boston("2026-03-09T05:00")).yes
    assert not found.on_call(boston("2026-03-10T05:00")).yes
    assert found.on_call(boston("2026-04-01T05:00")).yes
    assert not found.on_call(boston("2026-04-07T05:00")).yes


def test_a_bare_date_as_the_end_of_a_rule_means_the_whole_of_that_day() -> None:
    found = read(ON_CALL + "RRULE:FREQ=DAILY;UNTIL=20260304")
    assert found.on_call(boston("2026-03-04T23:00")).yes
    assert not found.on_call(boston("2026-03-05T23:00")).yes


@pytest.mark.parametrize(
    ("words", "is_shift"),
    [
        ("SUMMARY:On-call nights", True),
        ("SUMMARY:Available", True),
        ("SUMMARY:Night shift\nCATEGORIES:Work", True),
        ("SUMMARY:Amina\nCATEGORIES:Work,Shift", True),
        ("SUMMARY:On call\nCATEGORIES:Time off", False),
        ("SUMMARY:Day off", False),
        ("SUMMARY:vacation in Lisbon", False),
        ("SUMMARY:Unavailable", False),
        ("SUMMARY:not on call", False),
        ("SUMMARY:Not available", False),
    ],
)
def test_categories_and_then_the_title_tell_shifts_from_time_off(words: str, is_shift: bool) -> None:
    found = read(ON_CALL.replace("SUMMARY:On call", words))
    assert (len(found.shifts), len(found.time_off)) == ((1, 0) if is_shift else (0, 1))


def test_whole_days_run_from_midnight_to_midnight_where_the_interpreter_lives() -> None:
    found = read(
        "UID:h\nSUMMARY:Holiday\nDTSTART;VALUE=DATE:20260704\nDTEND;VALUE=DATE:20260706",
        "UID:o\nSUMMARY:Leave\nDTSTART;VALUE=DATE:20260901",
    )
    assert [(one.hours.starts, one.hours.ends, one.hours.zone) for one in found.time_off] == [
        (datetime(2026, 7, 4), datetime(2026, 7, 6), BOSTON),
        (datetime(2026, 9, 1), datetime(2026, 9, 2), BOSTON),
    ]


def test_times_without_a_zone_are_the_interpreters_own_and_utc_stays_utc() -> None:
    found = read(
        "UID:f\nSUMMARY:shift\nDTSTART:20260302T090000\nDURATION:PT8H",
        "UID:u\nSUMMARY:shift\nDTSTART:20260302T090000Z\nDTEND:20260302T170000Z",
    )
    assert [one.hours.zone for one in found.shifts] == [BOSTON, "UTC"]
    assert found.shifts[0].hours.ends == datetime(2026, 3, 2, 17)


def test_names_that_office_programs_use_for_zones_are_understood() -> None:
    (shift,) = read(ON_CALL.replace("America/New_York", "Eastern Standard Time")).shifts
    assert shift.hours.zone == BOSTON


def test_an_occurrence_that_was_moved_happens_at_its_new_time_only_and_a_cancelled_one_not_at_all() -> None:
    moved = """
UID:a
SUMMARY:On call
RECURRENCE-ID;TZID=America/New_York:20260309T220000
DTSTART;TZID=America/New_York:20260309T200000
DTEND;TZID=America/New_York:20260309T210000
"""
    gone = moved.replace("0309T", "0316T") + "STATUS:CANCELLED"
    found = read(ON_CALL + "RRULE:FREQ=WEEKLY", moved, gone)
    assert found.on_call(boston("2026-03-09T20:30")).yes
    assert not found.on_call(boston("2026-03-09T23:00")).yes
    assert not found.on_call(boston("2026-03-16T20:30")).yes
    assert not found.on_call(boston("2026-03-16T23:00")).yes
    assert found.on_call(boston("2026-03-23T23:00")).yes


def test_a_cancelled_event_is_left_out() -> None:
    assert read(ON_CALL, ON_CALL.replace("UID:a", "UID:b") + "STATUS:CANCELLED").shifts == read(ON_CALL).shifts


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            ON_CALL.replace("20260303T06", "20260302T06"),
            'event 1 ("On call"), DTEND: 2026-03-02 06:00 is not after the start',
        ),
        (ON_CALL.replace("20260303T060000", "20260302T220000"), "DTEND: 2026-03-02 22:00 is not after the start"),
        (ON_CALL.replace("SUMMARY:On call", "SUMMARY:Dentist"), "SUMMARY: 'Dentist' says neither shift nor time off"),
        (ON_CALL.replace("SUMMARY:On call", "SUMMARY:shift or vacation"), "speaks of a shift and of time off"),
        (ON_CALL.replace("UID:a\n", ""), "UID: is missing"),
        (ON_CALL.replace("America/New_York", "Mars/Olympus"), "DTSTART: TZID 'Mars/Olympus' is not a time zone"),
        (ON_CALL.replace("DTSTART;TZID=America/New_York:20260302T220000", ""), "DTSTART: is missing"),
        (ON_CALL.replace(DTEND, ""), "DTEND: is missing"),
        (ON_CALL.replace("20260303T060000", "tomorrow"), "DTEND: "),
        (
            ON_CALL.replace("DTEND;TZID=America/New_York:20260303T060000", "DTEND;VALUE=DATE:20260303"),
            "DTEND: is a date where",
        ),
        (ON_CALL + "DURATION:PT8H", "DURATION: stands beside DTEND"),
        (ON_CALL + "RRULE:FREQ=HOURLY", "RRULE: repeats HOURLY"),
        (ON_CALL + "RRULE:FREQ=FORTNIGHTLY", "RRULE: "),
        (ON_CALL + "RRULE:FREQ=WEEKLY;BYDAY=WE", "RRULE: does not fall on the start, Mon 2026-03-02"),
        (ON_CALL + "RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY", "RRULE: stands there twice"),
        (ON_CALL + DTEND, "DTEND: stands there twice"),
        (ON_CALL + "STATUS:CANCELLED\nSTATUS:CONFIRMED", "STATUS: stands there twice"),
        (ON_CALL.replace(DTEND, "DURATION:P999999999D"), "DTSTART: lies outside"),
        (ON_CALL.replace("2026030", "0001010"), "DTSTART: "),
        (ON_CALL + "RDATE:99991231T235959", "RDATE: the year 9999"),
        (ON_CALL + "EXRULE:FREQ=WEEKLY", "EXRULE: "),
        (ON_CALL + "EXDATE:never", "EXDATE: "),
        (ON_CALL + "RDATE;VALUE=PERIOD:20260303T060000Z/PT3H", "RDATE: is neither a date nor"),
        (ON_CALL + "RECURRENCE-ID;RANGE=THISANDFUTURE:20260309T220000Z", "RECURRENCE-ID: changes all later ones"),
        ("UID:t\nSUMMARY:shift\nDTSTART:090000\nDTEND:100000", "DTSTART: is neither a date nor"),
    ],
)
def test_what_is_wrong_is_named_by_file_event_and_field(event: str, told: str) -> None:
    (problem,) = problems(event)
    assert problem.startswith("amina.ics: event 1 (")
    assert told in problem


def test_every_bad_event_is_named_and_the_good_ones_are_not_read_either() -> None:
    found = problems(ON_CALL, ON_CALL.replace("On call", "Lunch"), ON_CALL.replace("UID:a\n", ""))
    assert [one.split(" (")[0] for one in found] == ["amina.ics: event 2", "amina.ics: event 3"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00\x01",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        file(ON_CALL)[:-20],
    ],
)
def test_what_is_no_calendar_is_refused_with_words(content: bytes) -> None:
    with pytest.raises(CalendarError, match=r"x\.ics: (is not an iCalendar file|holds no events)"):
        read_calendar(content, "x.ics", BOSTON)


def test_a_file_with_more_events_than_anybody_keeps_is_refused() -> None:
    with pytest.raises(CalendarError, match="holds 2001 events"):
        read_calendar(file(*[ON_CALL] * 2001), "x.ics", BOSTON)


FULL = file(
    ON_CALL + "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20261231T235959Z;INTERVAL=2\nCATEGORIES:Shift,Work\n"
    "EXDATE;TZID=America/New_York:20260309T220000\nRDATE;TZID=America/New_York:20260308T220000\nRECURRENCE-ID:20260308"
)
SCRAPS = st.sampled_from([b"0", b"99", b";", b":", b"=", b",", b"\r\n", b"-", b"Z", b"DTSTART:20260101\r\n", b"\xff"])


@settings(max_examples=200, deadline=None)
@given(
    damage=st.lists(st.tuples(st.integers(0, len(FULL)), st.integers(0, 6), SCRAPS | st.binary(max_size=3)), max_size=4)
)
def test_however_a_file_is_damaged_it_is_read_or_its_problems_are_named(damage: list[tuple[int, int, bytes]]) -> None:
    content = FULL
    for place, gone, scrap in damage:
        content = content[:place] + scrap + content[place + gone :]
    with suppress(CalendarError):
        assert read_calendar(content, "x.ics", BOSTON) is not None


@settings(max_examples=40, deadline=None)
@given(on=st.lists(hours(), max_size=3), off=st.lists(hours(), min_size=1, max_size=3))
def test_what_is_written_reads_back_as_the_same_hours(on: list[Hours], off: list[Hours]) -> None:
    kept = Calendar(
        tuple(Shift(f"s{number}", one) for number, one in enumerate(on)),
        tuple(TimeOff(f"t{number}", one) for number, one in enumerate(off)),
    )
    read_back = read_calendar(write_calendar(kept, "Interpreter 7", NOON), "x.ics", BOSTON)
    for first, last in (("2026-03-01T00:00", "2026-04-15T00:00"), ("2026-10-15T00:00", "2026-12-01T00:00")):
        assert stretches(read_back.shifts, read_back.time_off, boston(first), boston(last)) == stretches(
            kept.shifts, kept.time_off, boston(first), boston(last)
        )
    assert len(read_back.shifts) == len(on)


def test_a_rule_that_ends_reads_back_the_same_and_is_written_in_utc() -> None:
    kept = read(ON_CALL + "RRULE:FREQ=WEEKLY;UNTIL=20260402T020000Z")
    written = write_calendar(kept, "7", NOON)
    assert b"UNTIL=20260402T020000Z" in written
    assert b"BEGIN:VTIMEZONE" in written
    assert read_calendar(written, "x.ics", "UTC") == kept


def test_appointments_in_a_feed_are_no_shifts_when_the_feed_is_read_back() -> None:
    kept = read(ON_CALL)
    written = write_calendar(kept, "7", NOON, [Busy("a1", NOON, 45, "Appointment: Spanish, by phone")])
    assert b"SUMMARY:Appointment: Spanish\\, by phone" in written
    assert b"DURATION:PT45M" in written
    assert read_calendar(written, "x.ics", BOSTON) == kept


def test_the_listing_says_what_would_be_kept() -> None:
    (line,) = listing(read(ON_CALL + "RRULE:FREQ=WEEKLY\nEXDATE;TZID=America/New_York:20260309T220000"))
    assert (
        line
        == "on call  Mon 2026-03-02 22:00 to Tue 2026-03-03 06:00 (America/New_York), repeats FREQ=WEEKLY, without 1"
    )
