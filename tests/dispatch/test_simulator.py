"""The simulator, for an hour: the core keeps its promises under every strategy, and a seed gives the same run twice."""

import math

import pytest

from benchmarks.simulate import CONTENDERS, Figures, erlang_c, gini, simulate
from benchmarks.town import LANGUAGES, START, TOWNS, Town
from benchmarks.world import Contender, World, policy
from dispatch import languages
from dispatch.request import OVER

HOUR = 1 / 24
pytestmark = pytest.mark.no_cover
"""Most of its time would go into counting lines that other tests count."""


def run(contender: Contender, seed: int = 3, scale: float = 6.0) -> World:
    """A busy hour and what follows from it."""
    world = World(Town(seed, HOUR, scale), contender, policy())
    world.run()
    return world


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda one: one.name)
def test_every_request_ends_and_nobody_is_offered_twice(contender: Contender) -> None:
    # The world itself refuses a second active offer to an interpreter, and a second interpreter in a seat.
    world = run(contender)
    assert len(world.told) == len(Town(3, HOUR, 6.0).asking) > 40
    assert world.left == []
    assert {told.state for told in world.told} <= OVER
    assert world.engaged == {}
    connected = [told for told in world.told if told.connected is not None]
    assert len(connected) > 0.5 * len(world.told)
    assert all(told.rings >= 1 for told in connected)
    assert sum(told.rings for told in world.told) == sum(world.offers.values())


def test_the_carrier_starts_one_call_a_second() -> None:
    world = run(CONTENDERS[4])
    assert world.starts == sorted(world.starts)
    assert all(later - sooner > 0.999 for sooner, later in zip(world.starts, world.starts[1:], strict=False))
    assert len(world.starts) > 100


def test_a_seed_gives_the_same_run_twice_and_another_seed_another() -> None:
    adaptive = next(one for one in CONTENDERS if one.name == "adaptive")
    assert simulate(adaptive, 3, HOUR, 4.0) == simulate(adaptive, 3, HOUR, 4.0)
    assert simulate(adaptive, 3, HOUR, 4.0) != simulate(adaptive, 4, HOUR, 4.0)


def test_the_same_people_ask_and_the_same_phones_are_answered_whoever_is_asked_first() -> None:
    one, other = Town(3, HOUR, 2.0), Town(3, HOUR, 2.0)
    assert one.asking == other.asking
    assert one.answered("r1", "i1", 0, START) == other.answered("r1", "i1", 0, START)


def test_the_adaptive_plan_is_quicker_than_one_by_one_and_rings_fewer_than_ring_all() -> None:
    compared = {"adaptive", "one by one, ranked", "ring all"}
    figures = {one.name: simulate(one, 5, 0.25, 3.0) for one in CONTENDERS if one.name in compared}
    ours, single, everybody = figures["adaptive"], figures["one by one, ranked"], figures["ring all"]
    assert ours.quantile(0.9) < single.quantile(0.9)
    assert ours.within(30) > single.within(30)
    assert _rings(ours) < 0.75 * _rings(everybody)


def _rings(figures: Figures) -> float:
    return figures.rings / len(figures.seconds)


def test_the_town_speaks_languages_that_the_service_routes() -> None:
    assert len(set(LANGUAGES)) == len(LANGUAGES)
    assert all(languages.get(code).voice_call for code in LANGUAGES)
    town = Town(3, HOUR, 1.0)
    assert sum(town.share.values()) == pytest.approx(1.0)
    assert all(any(one.speaks(code) for one in town.roster) for code in LANGUAGES)


def test_the_second_town_has_a_long_tail_that_somebody_speaks() -> None:
    city, county = (Town(3, HOUR, 1.0, **TOWNS[name]) for name in ("city", "long tail"))
    assert max(county.share.values()) < max(city.share.values()) / 2
    last = [sum(sorted(town.share.values())[:20]) for town in (city, county)]
    assert last[0] < 0.2
    assert last[1] > 1 / 3
    assert all(any(one.speaks(code) for one in county.roster) for code in LANGUAGES)
    assert simulate(CONTENDERS[5], 3, HOUR, 12.0, "long tail").asked > 30


def test_erlang_c_and_gini_give_known_values() -> None:
    # 10 erlangs on 14 servers: 0.1741 in the published tables.
    assert erlang_c(10, 14) == pytest.approx(0.1741, abs=5e-4)
    assert erlang_c(0.5, 1) == pytest.approx(0.5)
    assert erlang_c(3, 2) == 1.0
    assert gini([1, 1, 1]) == pytest.approx(0.0)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([]) == gini([0.0]) == 0.0
    assert Figures("", (), (), 0, 0, 0, 0, 0, 0, 0, 0).quantile(0.5) == math.inf
