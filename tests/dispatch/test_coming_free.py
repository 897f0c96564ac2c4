"""Whoever comes on call, or free, is rung at once by who waits: by every interpreter's own clock, DST included."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from dispatch.coming_free import next_on_call
from dispatch.offer import OfferState
from dispatch.people import Availability, Interpreter, QuietHours, Terms
from dispatch.request import DeadlineKind
from dispatch.shifts import Calendar, Hours, TimeOff, read_week
from dispatch.store import Store, Transaction
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON
from tests.dispatch.test_searching import POLICY, an_intake, wants_spanish
from tests.dispatch.test_store import filled

NEW_YORK = "America/New_York"
FROM = datetime(2026, 1, 1)


def weekly(week: str, zone: str = NEW_YORK) -> Calendar:
    """These shifts and no time off."""
    return Calendar(read_week(week, zone, FROM))


def soon(one: Interpreter, calendar: Calendar | None, now: datetime, seconds: float = 20) -> datetime | None:
    """When this one comes on call within those seconds."""
    calendars = {one.id: calendar} if calendar else {}
    return next_on_call([one], calendars, now, now + timedelta(seconds=seconds), "UTC")


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("before the clocks change", datetime(2026, 3, 6, 14, 0, tzinfo=UTC)),
        ("after they have gone forward", datetime(2026, 3, 9, 13, 0, tzinfo=UTC)),
        ("after they have gone back", datetime(2026, 11, 2, 14, 0, tzinfo=UTC)),
    ],
)
def test_a_shift_begins_at_nine_where_they_live_in_every_season(day: str, begins: datetime) -> None:
    calendar = weekly("mon-fri 09:00-17:00")
    assert soon(interpreter(1), calendar, begins - timedelta(seconds=15)) == begins
    assert soon(interpreter(1), calendar, begins - timedelta(seconds=21)) is None
    assert soon(interpreter(1), calendar, begins) is None  # on call already


def test_a_shift_in_the_hour_that_the_clocks_skip_begins_an_hour_later_by_the_wall() -> None:
    begins = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 02:30 does not exist; RFC 5545 reads it as 03:30
    assert soon(interpreter(1), weekly("sun 02:30-06:00"), begins - timedelta(seconds=5)) == begins


def test_quiet_hours_whose_end_the_clock_jumps_over_end_with_the_jump() -> None:
    one = replace(interpreter(1), terms=Terms(NEW_YORK, QuietHours(time(22), time(2, 30))))
    jump = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert soon(one, None, jump - timedelta(seconds=12)) == jump
    usual = datetime(2026, 3, 7, 7, 30, tzinfo=UTC)
    assert soon(one, None, usual - timedelta(seconds=12)) == usual


def test_time_off_a_break_and_wrap_up_end_by_the_moment() -> None:
    off = Hours(datetime(2026, 3, 4, 6), datetime(2026, 3, 4, 7), NEW_YORK)
    away = Calendar((), (TimeOff("t", off),))
    assert soon(interpreter(1), away, NOON - timedelta(seconds=8)) == NOON
    in_a_moment = NOON + timedelta(seconds=7)
    pausing = replace(interpreter(1), availability=Availability.BUSY, busy_until=in_a_moment)
    assert soon(pausing, None, NOON) == in_a_moment
    assert soon(replace(interpreter(1), wrap_up_until=in_a_moment), None, NOON) == in_a_moment


def test_what_ends_last_counts_and_what_does_not_end_in_time_counts_against() -> None:
    now = datetime(2026, 3, 9, 12, 59, 50, tzinfo=UTC)
    nine = now + timedelta(seconds=10)
    calendar = weekly("mon-fri 09:00-17:00")
    assert soon(replace(interpreter(1), wrap_up_until=nine + timedelta(seconds=4)), calendar, now) == nine + timedelta(
        seconds=4
    )
    assert soon(replace(interpreter(1), wrap_up_until=nine + timedelta(minutes=4)), calendar, now) is None
    assert soon(replace(interpreter(1), availability=Availability.OFF), calendar, now) is None
    assert soon(replace(interpreter(1), engaged=True), calendar, now) is None
    assert soon(replace(interpreter(1), availability=Availability.BUSY), calendar, now) is None


def on_shift_soon(tx: Transaction) -> None:
    tx.replace_calendar("i1", weekly("mon-fri 07:00-17:00"), NOON - timedelta(days=1))


def back_from_time_off(tx: Transaction) -> None:
    gone = Hours(datetime(2026, 3, 3, 7), datetime(2026, 3, 4, 7), NEW_YORK)
    tx.replace_calendar("i1", Calendar((), (TimeOff("t", gone),)), NOON - timedelta(days=1))


def no_longer_quiet(tx: Transaction) -> None:
    tx.put_interpreter(replace(interpreter(1), terms=Terms(NEW_YORK, QuietHours(time(22), time(7)))))


def wrapped_up(tx: Transaction) -> None:
    tx.start_wrap_up("i1", NOON)


def after_a_break(tx: Transaction) -> None:
    tx.set_availability("i1", Availability.BUSY, NOON, NOON - timedelta(hours=1))


@pytest.mark.parametrize("comes", [on_shift_soon, back_from_time_off, no_longer_quiet, wrapped_up, after_a_break])
def test_who_waits_is_matched_at_the_moment_somebody_comes_on_call_whatever_restarts_between(
    store: Store, comes: Callable[[Transaction], None]
) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    clock.at = NOON - timedelta(seconds=11)
    with store.transaction() as tx:
        comes(tx)
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert request.offers == ()
    assert [one.at for one in request.deadlines if one.kind is DeadlineKind.MATCH_AGAIN] == [NOON]
    # Another process takes over: what it knows is in the store.
    again, clock, _ = an_intake(store)
    clock.at = NOON
    assert again.deadlines() >= 1
    again.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert [(one.interpreter_id, one.state) for one in request.offers] == [("i1", OfferState.PENDING)]


def test_without_anybody_coming_the_next_look_is_at_its_usual_turn(store: Store) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    clock.at = NOON - timedelta(minutes=2)
    with store.transaction() as tx:
        on_shift_soon(tx)
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    usual = clock.at + timedelta(seconds=POLICY.match_again_seconds)
    assert [one.at for one in request.deadlines if one.kind is DeadlineKind.MATCH_AGAIN] == [usual]


def test_a_break_that_outlasts_wrap_up_ends_when_it_ends(store: Store) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    with store.transaction() as tx:
        tx.set_availability("i1", Availability.BUSY, NOON + timedelta(minutes=30), NOON)
        tx.start_wrap_up("i1", NOON + timedelta(minutes=2))
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    clock.at = NOON + timedelta(minutes=3)
    assert intake.supply() == 0
    clock.at = NOON + timedelta(minutes=30)
    assert intake.supply() == 1


def test_who_signs_on_within_wrap_up_comes_free_when_it_ends(store: Store) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    with store.transaction() as tx:
        tx.start_wrap_up("i1", NOON + timedelta(minutes=2))
        tx.set_availability("i1", Availability.ON, None, NOON)
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    clock.at = NOON + timedelta(minutes=2)
    assert intake.supply() == 1
