"""Answer probability learned from history: what the estimate promises, whatever the history."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.answering import HOURS, Answers, Delay, PastOffer, Pool, Tally, hour_of, learn

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HALF_LIFE = timedelta(days=60)
moments = st.integers(0, 60 * 24).map(lambda hours: NOON - timedelta(hours=hours))
offers = st.builds(
    PastOffer,
    st.sampled_from(["amina", "jean", "rosa"]),
    moments,
    st.booleans(),
    st.floats(0.5, 40),
    withdrawn=st.booleans(),
)


def past(who: str, at: datetime, *accepted: bool, seconds: float = 7.0) -> list[PastOffer]:
    """Offers to one interpreter at that hour on the days before, newest first."""
    return [PastOffer(who, at - timedelta(days=7 * day), yes, seconds) for day, yes in enumerate(accepted)]


def test_a_stranger_is_taken_for_an_average_interpreter_of_that_hour() -> None:
    night = NOON.replace(hour=3)
    known = learn(past("amina", NOON, *[True] * 30) + past("amina", night, *[False] * 30), HALF_LIFE)
    pool = Pool.of(known.values())
    assert pool.accepts(Answers(), NOON) == pytest.approx(pool.at(hour_of(NOON)))
    assert pool.accepts(Answers(), night) < 0.5 < pool.accepts(Answers(), NOON)


def test_with_nothing_known_of_anybody_the_chance_is_one_half() -> None:
    assert Pool().accepts(Answers(), NOON) == pytest.approx(0.5)
    assert Pool.of([]).accepts(Answers(), NOON) == pytest.approx(0.5)


def test_who_answers_at_noon_and_never_at_night_is_rung_at_noon() -> None:
    night = NOON.replace(hour=3)
    history = past("rosa", NOON, *[True] * 12) + past("rosa", night, *[False] * 12)
    rosa = learn(history, HALF_LIFE)["rosa"]
    assert Pool().accepts(rosa, NOON) > 0.7
    assert Pool().accepts(rosa, night) < 0.3
    assert 0.35 < Pool().accepts(rosa, NOON.replace(hour=18)) < 0.65


def test_working_days_and_weekends_are_learned_apart() -> None:
    saturday = NOON + timedelta(days=3)
    assert saturday.weekday() == 5
    assert hour_of(saturday) == hour_of(NOON) + 24
    assert {hour_of(NOON + timedelta(hours=h)) for h in range(24 * 7)} == set(range(HOURS))


def test_one_more_acceptance_never_lowers_the_estimate_and_one_more_refusal_never_raises_it() -> None:
    @given(st.lists(offers, max_size=20), moments)
    @settings(deadline=None)
    def holds(history: list[PastOffer], at: datetime) -> None:
        known = learn(history, HALF_LIFE).get("amina", Answers()).aged(NOON, HALF_LIFE)
        pool = Pool()
        before = pool.accepts(known, at)
        yes = known.after(PastOffer("amina", NOON, True, 7.0), HALF_LIFE)
        no = known.after(PastOffer("amina", NOON, False, 25.0), HALF_LIFE)
        assert pool.accepts(no, at) <= before + 1e-9 <= pool.accepts(yes, at) + 2e-9

    holds()


@given(st.lists(offers, max_size=30), moments)
@settings(deadline=None)
def test_the_chance_lies_strictly_between_nought_and_one(history: list[PastOffer], at: datetime) -> None:
    known = learn(history, HALF_LIFE)
    pool = Pool.of(known.values())
    for answers in [*known.values(), Answers()]:
        assert 0 < pool.accepts(answers, at) < 1
        assert 1 < pool.delay(answers).median < 60


@given(st.lists(offers, min_size=1, max_size=15), st.randoms())
@settings(deadline=None)
def test_the_order_in_which_history_is_read_does_not_matter(history: list[PastOffer], dice: random.Random) -> None:
    once = learn(history, HALF_LIFE)
    shuffled = list(history)
    dice.shuffle(shuffled)
    again = learn(shuffled, HALF_LIFE)
    for who, answers in once.items():
        assert Pool().accepts(answers, NOON) == pytest.approx(Pool().accepts(again[who], NOON))


@given(st.lists(offers, max_size=15))
@settings(deadline=None)
def test_what_is_packed_is_unpacked_again(history: list[PastOffer]) -> None:
    for answers in [Answers(), *learn(history, HALF_LIFE).values()]:
        again = Answers.unpacked(answers.packed())
        assert again.as_of == answers.as_of
        assert Pool().accepts(again, NOON) == pytest.approx(Pool().accepts(answers, NOON), abs=1e-3)
        assert Pool().delay(again) == Pool().delay(answers)


def test_old_offers_count_half_after_the_half_life() -> None:
    answers = learn(past("jean", NOON, True), HALF_LIFE)["jean"]
    assert answers.aged(NOON + HALF_LIFE, HALF_LIFE).total == Tally(0.5, 0.5)
    habits_changed = [PastOffer("jean", NOON - timedelta(days=300 + d), True, 7.0) for d in range(20)]
    habits_changed += [PastOffer("jean", NOON - timedelta(days=d), False, 25.0) for d in range(20)]
    assert Pool().accepts(learn(habits_changed, HALF_LIFE)["jean"], NOON) < 0.3


def test_a_phone_withdrawn_after_two_seconds_says_almost_nothing() -> None:
    soon = Answers().after(PastOffer("jean", NOON, False, 2.0, withdrawn=True), HALF_LIFE)
    late = Answers().after(PastOffer("jean", NOON, False, 30.0, withdrawn=True), HALF_LIFE)
    assert soon.total.offered < 0.02
    assert late.total.offered == pytest.approx(1.0, abs=0.01)


def test_forty_offers_find_each_interpreters_rate() -> None:
    dice = random.Random(5)
    truth = {f"i{n}": dice.betavariate(2, 2) for n in range(200)}
    history = [
        PastOffer(who, NOON - timedelta(hours=dice.randrange(24 * 40)), dice.random() < rate, 7.0)
        for who, rate in truth.items()
        for _ in range(40)
    ]
    known = learn(history, timedelta(days=10_000))
    pool = Pool.of(known.values())
    errors = [pool.accepts(known[who], NOON) - rate for who, rate in truth.items()]
    # The share of 40 draws alone is off by sqrt(mean of p (1 - p) / 40), 0.07 here; hours must not cost much more.
    assert math.sqrt(sum(e * e for e in errors) / len(errors)) < 0.09
    assert abs(sum(errors) / len(errors)) < 0.02
    assert 2 < pool.strength < 8


def test_alike_interpreters_share_what_is_known_of_all() -> None:
    alike = learn([o for n in range(30) for o in past(f"i{n}", NOON, *[True, False] * 10)], HALF_LIFE)
    assert Pool.of(alike.values()).strength > 20


def test_a_slow_interpreter_is_known_to_be_slow() -> None:
    slow = learn(past("jean", NOON, *[True] * 40, seconds=14.0), HALF_LIFE)["jean"]
    quick = learn(past("rosa", NOON, *[True] * 40, seconds=4.0), HALF_LIFE)["rosa"]
    assert Pool().delay(quick).median < 6 < 8 < Pool().delay(slow).median


@given(st.floats(2, 30), st.floats(0.2, 1.2), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_a_delay_and_its_quantiles_agree(median: float, spread: float, share: float) -> None:
    delay = Delay(median, spread)
    assert delay.by(delay.quantile(share)) == pytest.approx(share, abs=1e-6)
    assert delay.by(0) == delay.by(-5) == 0
