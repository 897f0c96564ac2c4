"""The frontier benchmark measures what it says, and the plan reaches what it is to reach on the model."""

import random

import pytest

from benchmarks.core_million import whole
from benchmarks.ring_bound import bound, start_lists
from benchmarks.ring_frontier import against, at_rings, best_against, duel
from benchmarks.ring_model import (
    AT_ONCE,
    CANDIDATES,
    DELAY,
    FIXED_SECONDS,
    RINGS_FOR,
    Candidates,
    Outcome,
    Setting,
    course,
    draw,
    evaluate,
)
from benchmarks.town import LANGUAGES, Town
from dispatch.people import Availability
from dispatch.policy import Policy
from dispatch.ring_plan import Adaptive, Aim, AllAtOnce, FixedRing, OneByOne, SimpleHedge

REQUESTS = draw(40, 3, 0)
pytestmark = pytest.mark.no_cover
"""Most of its time would go into counting lines that other tests count."""


def ours(requests: list[Candidates], worths: tuple[float, ...] = (0.5, 0.32, 0.25, 0.2, 0.16)) -> list[Outcome]:
    """The adaptive plan at some prices of a ring."""
    return [evaluate(Setting(f"{w}", Adaptive(), Aim(1.0, 0.0, w)), requests, AT_ONCE) for w in worths]


def test_ring_all_and_one_by_one_show_the_figures_that_the_model_is_known_by() -> None:
    everybody = evaluate(Setting("all", AllAtOnce()), REQUESTS, AT_ONCE)
    single = evaluate(Setting("one", OneByOne(RINGS_FOR)), REQUESTS, AT_ONCE)
    assert everybody.rings == pytest.approx(15)
    assert everybody.quantile(0.5) == pytest.approx(12.6, abs=0.2)
    assert everybody.quantile(0.9) == pytest.approx(14.2, abs=0.3)
    assert single.rings == pytest.approx(1.2, abs=0.08)
    assert single.quantile(0.5) == pytest.approx(16.7, abs=0.4)
    assert single.quantile(0.9) == pytest.approx(37.2, abs=1.5)


@pytest.mark.parametrize("past_offers", [0, 40], ids=["true chances", "40 past offers"])
def test_a_third_of_the_rings_costs_a_tenth_of_the_median_and_a_fifth_of_the_tail(past_offers: int) -> None:
    requests = draw(40, 3, past_offers)
    everybody = evaluate(Setting("all", AllAtOnce()), requests, AT_ONCE)
    single = evaluate(Setting("one", OneByOne(RINGS_FOR)), requests, AT_ONCE)
    third = best_against(Outcome("third", everybody.silent, everybody.rings / 3), ours(requests))
    assert third is not None
    assert third.quantile(0.5) < 1.1 * everybody.quantile(0.5)
    assert third.quantile(0.9) < 1.2 * everybody.quantile(0.9)
    assert single.quantile(0.9) > 2 * third.quantile(0.9)


def test_at_equal_rings_it_is_ahead_of_the_simple_hedge() -> None:
    hedge = evaluate(Setting("hedge", SimpleHedge(0.95, 2.0)), REQUESTS, AT_ONCE)
    best = best_against(hedge, ours(REQUESTS))
    assert best is not None
    assert best.quantile(0.5) < hedge.quantile(0.5) - 0.5
    assert best.quantile(0.9) < hedge.quantile(0.9) - 0.5
    assert best.quantile(0.99) < hedge.quantile(0.99)


@pytest.mark.parametrize(("size", "per_second"), [(3, AT_ONCE), (4, 1.0)])
def test_at_equal_p50_and_p90_it_rings_fewer_than_a_fixed_ring_that_is_lent_its_order(
    size: int, per_second: float
) -> None:
    """By more than two standard errors, over the same draws; and never fewer than any plan can."""
    found = duel(Setting("fixed", FixedRing(size, RINGS_FOR)), draw(30, 5, 0), draw(30, 6, 0), per_second)
    assert found is not None
    assert 2 * found.error < found.saved < found.most
    assert found.lead > -0.005


def test_a_ring_group_in_the_rosters_order_is_behind_at_the_same_rings() -> None:
    requests = REQUESTS[:15]
    group = evaluate(Setting("group", FixedRing(4, RINGS_FOR), roster_order=True), requests, AT_ONCE)
    best = best_against(group, ours(requests, (0.5, 0.25)))
    assert best is not None
    assert best.quantile(0.5) < group.quantile(0.5)
    assert best.quantile(0.9) < group.quantile(0.9) - 2.0


def test_every_list_of_start_times_is_gone_through_once() -> None:
    together = start_lists(3, 2, together=True)
    assert sorted(map(tuple, together.tolist())) == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 1), (0, 1, 2), (0, 2, 2)]
    paced = start_lists(3, 3, together=False)
    assert sorted(map(tuple, paced.tolist())) == [(0, 1, 2), (0, 1, 3), (0, 2, 3), (0, 3, 3)]


@pytest.mark.parametrize("per_second", [1.0, AT_ONCE])
def test_no_plan_rings_fewer_than_the_bound_at_the_same_p50_and_p90(per_second: float) -> None:
    requests = REQUESTS[:15]
    hedge = evaluate(Setting("hedge", SimpleHedge(0.9, 3.0)), requests, per_second)
    least = bound(hedge, requests, per_second)
    assert least.rings < hedge.rings
    mine = [evaluate(one, requests, per_second) for one in against(least, cheaply=False)]
    for rings in (least.rings - 0.1, least.rings - 0.5):
        for one in at_rings(mine, rings):
            assert one.quantile(0.5) > hedge.quantile(0.5) or one.quantile(0.9) > hedge.quantile(0.9)


@pytest.mark.parametrize("per_second", [1.0, AT_ONCE])
@pytest.mark.parametrize("strategy", [FixedRing(3, RINGS_FOR), SimpleHedge(0.95, 2.0), Adaptive()], ids=repr)
def test_the_exact_distribution_is_that_of_simulated_phones(strategy: Adaptive, per_second: float) -> None:
    dice = random.Random(8)
    setting = Setting("", strategy, Aim(20.0, 0.9, 3.0))
    exact = evaluate(setting, REQUESTS, per_second)
    soon, rings, runs = 0, 0, 100
    for candidates in REQUESTS:
        starts = course(setting, candidates, per_second)
        for _ in range(runs):
            accepted = [
                at + seconds
                for at, number in starts
                if dice.random() < candidates.chances[number]
                and (seconds := DELAY.quantile(dice.random())) <= RINGS_FOR
            ]
            first = min(accepted, default=1e9)
            soon += first + FIXED_SECONDS <= exact.quantile(0.9)
            rings += sum(at <= first for at, _ in starts)
    assert soon / (runs * len(REQUESTS)) == pytest.approx(0.9, abs=0.02)
    assert rings / (runs * len(REQUESTS)) == pytest.approx(exact.rings, rel=0.03)


def test_nobody_is_rung_twice_on_the_whole_course() -> None:
    for setting in (Setting("", Adaptive(), Aim(10.0, 0.99, 0.5)), Setting("", FixedRing(4, RINGS_FOR))):
        for candidates in REQUESTS[:10]:
            numbers = [number for _, number in course(setting, candidates, 1.0)]
            assert len(numbers) == len(set(numbers)) <= CANDIDATES


def test_a_whole_request_runs_through_the_bare_core() -> None:
    roster = Town(1, 0.001, 1.0, interpreters=60).roster
    people = {"spa": [one for one in roster if one.speaks("spa") and one.availability is Availability.ON]}
    chances = {one.id: 0.4 for one in roster}
    assert "spa" in LANGUAGES
    assert whole("r1", "spa", people, chances, Policy(agency="Town", desk=False, strategy=Adaptive())) >= 11
