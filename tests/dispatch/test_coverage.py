"""Demand, supply and the chance that nobody answers."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.answering import Answers, Pool, Tally
from dispatch.coverage import (
    WEEK_HOURS,
    Demand,
    Speaker,
    Terms,
    cover,
    hour_of_week,
    learn_demand,
    missed,
    session_minutes,
    shares,
    sign_on_habit,
    spells,
    week_shape,
)
from dispatch.people import Availability, Interpreter, QuietHours
from dispatch.shifts import Calendar, Shift, TimeOff, weekly
from dispatch.supply import PROMISED, Town, next_week, speaker
from dispatch.what_if import NEW, Draft, first_day, try_out
from tests.dispatch.people import interpreter

CITY = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, 5, tzinfo=UTC)
"""Midnight in the city."""
AT_ONCE = Terms(target=lambda language: 600.0, calls_per_second=0)
asked = st.lists(
    st.tuples(st.sampled_from(["spa", "mam", "hat"]), st.integers(0, 8 * WEEK_HOURS - 1)), min_size=1, max_size=200
)
chances = st.lists(st.floats(0, 1), max_size=8)


def erlang_b(servers: int, load: float) -> float:
    """Erlang's loss formula, from its definition."""
    terms = [load**n / float(np.prod(range(1, n + 1))) for n in range(servers + 1)]
    return terms[-1] / sum(terms)


# -- demand ------------------------------------------------------------------------------------------------------------


@given(asked)
@settings(max_examples=60, deadline=None)
def test_smoothing_moves_demand_between_hours_and_keeps_each_languages_week(rows: list[tuple[str, int]]) -> None:
    since = MONDAY - timedelta(weeks=8)
    demand = learn_demand(
        ((code, since + timedelta(hours=hour, minutes=30)) for code, hour in rows), since, MONDAY, CITY
    )
    weights = [0.5 ** (number / 4) for number in range(8)]
    for code in {code for code, _ in rows}:
        weighted = sum(weights[7 - hour // WEEK_HOURS] for other, hour in rows if other == code)
        assert sum(demand.rates[code]) == pytest.approx(weighted / sum(weights))
        assert min(demand.rates[code]) > 0


def test_few_requests_are_spread_and_many_stand_where_they_were() -> None:
    since = MONDAY - timedelta(weeks=8)
    tuesday_nine = 24 + 9
    few = learn_demand([("mam", since + timedelta(hours=tuesday_nine))], since, MONDAY, CITY)
    assert few.rates["mam"][tuesday_nine] < 0.2 * sum(few.rates["mam"])
    often = [("mam", since + timedelta(weeks=week, hours=tuesday_nine)) for week in range(8) for _ in range(20)]
    many = learn_demand(often, since, MONDAY, CITY)
    assert many.rates["mam"][tuesday_nine] > 0.8 * sum(many.rates["mam"])
    assert many.weeks > 5


def test_recent_weeks_count_for_more() -> None:
    since = MONDAY - timedelta(weeks=8)
    old = learn_demand([("mam", since + timedelta(hours=9))], since, MONDAY, CITY)
    new = learn_demand([("mam", MONDAY - timedelta(days=7) + timedelta(hours=9))], since, MONDAY, CITY)
    assert sum(new.rates["mam"]) > 3 * sum(old.rates["mam"])


def test_a_service_without_history_expects_nothing() -> None:
    assert learn_demand([], MONDAY, MONDAY, CITY).rates == {}
    assert session_minutes([]) == 12.0


@given(st.lists(st.integers(0, 50), min_size=WEEK_HOURS, max_size=WEEK_HOURS))
@settings(max_examples=30, deadline=None)
def test_the_shape_of_the_week_adds_up_to_one_and_no_hour_is_impossible(counts: list[int]) -> None:
    shape = week_shape(np.array(counts, dtype=float))
    assert shape.sum() == pytest.approx(1)
    assert shape.min() > 0


# -- the chance that nobody answers ------------------------------------------------------------------------------------


@given(chances, st.floats(0, 5))
@settings(max_examples=100, deadline=None)
def test_the_chance_to_be_missed_is_a_chance_and_the_product_where_nobody_else_asks(
    rs: list[float], load: float
) -> None:
    arrays = [np.array([r]) for r in rs]
    assert 0 <= missed(arrays, np.array([load]))[0] <= 1
    assert missed(arrays, np.array([0.0]))[0] == pytest.approx(np.prod([1 - r for r in rs]), abs=1e-8)


@given(chances, st.floats(0, 1), st.floats(0, 5), st.floats(0, 3))
@settings(max_examples=100, deadline=None)
def test_one_more_interpreter_never_harms_and_more_demand_never_helps(
    rs: list[float], another: float, load: float, more: float
) -> None:
    arrays = [np.array([r]) for r in rs]
    before = missed(arrays, np.array([load]))[0]
    assert missed([*arrays, np.array([another])], np.array([load]))[0] <= before + 1e-9
    assert missed(arrays, np.array([load + more]))[0] >= before - 1e-9


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (2, 1.0), (5, 3.0)])
def test_interpreters_who_always_answer_give_erlangs_loss_formula(servers: int, load: float) -> None:
    found = missed([np.array([1.0])] * servers, np.array([load]))[0]
    assert found == pytest.approx(erlang_b(servers, load))


def test_a_relay_counts_apart_and_not_as_a_speaker() -> None:
    flat = np.full(3, 0.2)
    petrona = Speaker("petrona", frozenset({"mam", "spa"}), False, 2, np.ones(3), np.full(3, 0.8))
    rosa = Speaker("rosa", frozenset({"spa"}), True, 1, np.ones(3), np.full(3, 0.5))
    line = cover({"mam": flat, "spa": flat}, [petrona, rosa], AT_ONCE)["mam"]
    assert line.miss == pytest.approx(1.0)
    assert (line.bridge, line.word(0)) == ("spa", "nobody")
    assert line.relay == pytest.approx(0.4)


def test_who_is_busy_with_one_language_is_missing_for_another() -> None:
    rosa = Speaker("rosa", frozenset({"mam", "spa"}), True, 1, np.ones(1), np.full(1, 0.9))
    quiet = cover({"mam": np.array([0.1]), "spa": np.array([0.0])}, [rosa], AT_ONCE)["mam"]
    busy = cover({"mam": np.array([0.1]), "spa": np.array([3.0])}, [rosa], AT_ONCE)["mam"]
    assert busy.miss[0] > quiet.miss[0] + 0.3


def test_the_carriers_pace_and_the_target_count() -> None:
    people = [Speaker(str(n), frozenset({"spa"}), True, 1, np.ones(1), np.full(1, 0.3)) for n in range(12)]
    demand = {"spa": np.array([0.1])}
    at_once = cover(demand, people, Terms(target=lambda _: 30.0, calls_per_second=0))["spa"]
    paced = cover(demand, people, Terms(target=lambda _: 30.0, calls_per_second=0.5))["spa"]
    hurried = cover(demand, people, Terms(target=lambda _: 12.0, calls_per_second=0))["spa"]
    assert at_once.miss[0] < paced.miss[0] < hurried.miss[0]


def test_a_weekly_limit_cuts_what_somebody_can_take() -> None:
    def line(limit: float | None) -> float:
        one = Speaker(
            "a", frozenset({"spa"}), True, 1, np.ones(WEEK_HOURS), np.full(WEEK_HOURS, 0.9), weekly_minutes=limit
        )
        return float(cover({"spa": np.full(WEEK_HOURS, 1.0)}, [one], AT_ONCE)["spa"].miss.mean())

    assert line(100) > 0.9 > line(5000) == line(None)


# -- supply ------------------------------------------------------------------------------------------------------------


def town(*people: Interpreter, calendars: dict[str, Calendar] | None = None, **more: object) -> Town:
    """A town that asks for Mam twice every ten hours."""
    demand = Demand({"mam": (0.2,) * WEEK_HOURS})
    return Town(MONDAY, CITY, demand, people, calendars or {}, terms=AT_ONCE, **more)  # type: ignore[arg-type]


def at(found: object, weekday: int, hour: int) -> float:
    """The figure of that hour of the city's week."""
    place = next(
        n for n, moment in enumerate(next_week(MONDAY)) if hour_of_week(moment.astimezone(CITY)) == weekday * 24 + hour
    )
    return float(found[place])  # type: ignore[index]


def test_shifts_count_by_the_clock_where_the_interpreter_lives() -> None:
    one = interpreter(101, "mam")
    hours = weekly(range(5), time(9), time(17), "America/Los_Angeles", datetime(2026, 2, 23))
    found = speaker(town(one, calendars={one.id: Calendar((Shift("a", hours),))}), one, next_week(MONDAY))
    assert (at(found.reachable, 0, 11), at(found.reachable, 0, 12), at(found.reachable, 0, 19)) == (0, 1, 1)
    assert (at(found.reachable, 0, 20), at(found.reachable, 5, 12)) == (0, 0)
    assert found.basis == "shifts"


def test_time_off_and_quiet_hours_are_taken_away() -> None:
    from dataclasses import replace

    one = interpreter(101, "mam")
    one = replace(one, terms=replace(one.terms, quiet=QuietHours(time(22), time(6, 30))))
    away = TimeOff("x", weekly([2], time(12), time(14), "America/New_York", datetime(2026, 3, 2)))
    found = speaker(town(one, calendars={one.id: Calendar((), (away,))}), one, next_week(MONDAY)).reachable
    assert [at(found, 2, hour) for hour in (3, 6, 11, 12, 13, 14, 21, 22)] == [0, 0.5, 1, 0, 0, 1, 1, 0]


def test_without_shifts_the_habit_counts_and_else_whether_they_are_on() -> None:
    from dataclasses import replace

    on, off = interpreter(101, "mam"), replace(interpreter(102, "mam"), availability=Availability.OFF)
    assert speaker(town(on), on, next_week(MONDAY)).basis == "whenever ON"
    assert speaker(town(off), off, next_week(MONDAY)).reachable.sum() == 0
    mornings = [
        (MONDAY - timedelta(days=days) + timedelta(hours=hour), hour == 8)
        for days in range(14, 0, -1)
        for hour in (8, 12)
    ]
    habit = sign_on_habit(mornings, MONDAY - timedelta(days=14), MONDAY, CITY)
    assert habit is not None
    found = speaker(town(off, habits={off.id: habit}), off, next_week(MONDAY))
    assert at(found.reachable, 0, 9) > 0.5 > 0.2 > at(found.reachable, 0, 20)
    assert found.basis == "sign-on habit"


def test_promised_hours_come_beside_and_are_kept_more_surely() -> None:
    one = interpreter(101, "mam")
    seldom = Answers({bucket: Tally(10, 1) for bucket in range(48)})
    promise = Shift("extra-1", weekly([1], time(20), time(22), "America/New_York", datetime(2026, 2, 23)))
    here = town(one, calendars={one.id: Calendar((promise,))}, answers={one.id: seldom}, pool=Pool())
    found = speaker(here, one, next_week(MONDAY))
    assert (at(found.reachable, 1, 19), at(found.reachable, 1, 20)) == (1, 1)
    assert at(found.answers, 1, 20) == PROMISED > at(found.answers, 1, 19)


def test_who_has_reached_their_limit_is_back_on_monday() -> None:
    one = interpreter(101, "mam")
    wednesday = MONDAY + timedelta(days=2)
    found = speaker(
        Town(wednesday, CITY, Demand({}), (one,), used_up=frozenset({one.id})), one, next_week(wednesday)
    ).reachable
    # Clocks go forward on that Sunday: Monday begins an hour sooner.
    assert (found[0], found[5 * 24 - 2], found[5 * 24 - 1], found[-1]) == (0, 0, 1, 1)


@given(st.integers(0, 200), st.integers(1, 400))
@settings(max_examples=50, deadline=None)
def test_shares_of_hours_add_up_to_the_window(begin: int, minutes: int) -> None:
    hours = [MONDAY + timedelta(hours=n) for n in range(24)]
    start = MONDAY + timedelta(minutes=begin)
    assert shares([(start, start + timedelta(minutes=minutes))], hours).sum() == pytest.approx(minutes / 60)


# -- what if -----------------------------------------------------------------------------------------------------------


def test_a_draft_shift_saves_misses_in_its_own_hours_only() -> None:
    here = town()
    hours = next_week(MONDAY)
    demand = here.demand.over(hours, CITY)
    before = here.speakers(hours, demand)
    draft = Draft(NEW, "mam", (5, 6), time(22), time(6), "America/New_York", first_day(MONDAY, here))
    (change,) = try_out(here, draft, hours, demand, before)
    assert at(change.saved, 5, 21) == at(change.saved, 0, 12) == 0
    assert at(change.saved, 5, 22) > 0.05
    assert at(change.saved, 0, 5) > 0.05  # Sunday's night reaches into Monday
    assert change.after.misses.sum() < change.before.misses.sum()


def test_a_draft_for_somebody_without_shifts_takes_nothing_away() -> None:
    one = interpreter(101, "mam")
    here = town(one)
    hours = next_week(MONDAY)
    demand = here.demand.over(hours, CITY)
    draft = Draft(one.id, "", (0,), time(9), time(17), "America/New_York", first_day(MONDAY, here))
    (change,) = try_out(here, draft, hours, demand, here.speakers(hours, demand))
    assert change.saved.min() >= 0
    assert at(change.saved, 0, 10) > 0


def test_the_worst_hours_come_first_and_say_whether_anybody_is_there() -> None:
    one = interpreter(101, "mam")
    hours = weekly(range(7), time(8), time(20), "America/New_York", datetime(2026, 2, 23))
    here = town(one, calendars={one.id: Calendar((Shift("a", hours),))}, pool=Pool(rate=0.97, strength=1))
    week = next_week(MONDAY)
    found = spells(here.lines(week, here.demand.over(week, CITY))["mam"])
    assert found[0].nobody
    assert found[0].hours == 12
