"""How many phones ring: what every strategy promises, and what the adaptive one reaches."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.answering import Delay
from dispatch.effects import PlaceCall, To
from dispatch.pacing import turn
from dispatch.people import Role
from dispatch.request import Channel, Leg, LegRole, LegState, Need, Request, RequestState, Urgency
from dispatch.ring_plan import (
    AIMS,
    Adaptive,
    Aim,
    AllAtOnce,
    FixedRing,
    OneByOne,
    Pace,
    Phone,
    PlannedCall,
    Ringing,
    SimpleHedge,
    Strategy,
    ahead_of,
    chance_within,
    pace,
    plan,
)
from tests.dispatch.requests import NOON

UNPACED = Pace(1e9)
chances = st.floats(0.02, 0.98)
delays = st.builds(Delay, st.floats(3, 15), st.floats(0.3, 0.9))
aims = st.builds(Aim, st.floats(3, 40), st.floats(0.0, 0.999), st.floats(0.05, 20), st.floats(0, 5))
paces = st.builds(Pace, st.sampled_from([0.5, 1.0, 2.0, 10.0]), st.integers(0, 8))
strategies = st.sampled_from(
    [Adaptive(), AllAtOnce(), OneByOne(), FixedRing(1), FixedRing(4), SimpleHedge(), SimpleHedge(0.8, 5)]
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Phone], list[Ringing]]:
    """Some candidates, some of them perhaps ringing already."""
    people = [
        Phone(f"i{n}", draw(chances), draw(delays), draw(st.integers(0, 2))) for n in range(draw(st.integers(0, 9)))
    ]
    ringing = [Ringing(one, draw(st.floats(-3, 25))) for one in people if draw(st.integers(0, 3)) == 0]
    return people, ringing


def phones(*accepts: float) -> list[Phone]:
    """Candidates with these chances."""
    return [Phone(f"i{n}", chance) for n, chance in enumerate(accepts)]


@given(situations(), strategies, st.floats(0, 90), aims, paces)
@settings(max_examples=300, deadline=None)
def test_nobody_is_rung_twice_and_only_candidates_are(
    situation: tuple[list[Phone], list[Ringing]], strategy: Strategy, waited: float, aim: Aim, pacing: Pace
) -> None:
    people, ringing = situation
    planned = plan(strategy, [*people, *people], ringing, waited, aim, pacing)
    free = {one.interpreter_id for one in people} - {one.phone.interpreter_id for one in ringing}
    assert len(planned.ring) == len(set(planned.ring))
    assert set(planned.ring) <= free
    assert 0 <= planned.chance <= 1
    assert planned.look_again is None or planned.look_again > 0


@given(situations(), strategies, st.floats(0, 90), aims, paces)
@settings(max_examples=200, deadline=None)
def test_a_request_with_candidates_and_nothing_ringing_is_never_left_alone(
    situation: tuple[list[Phone], list[Ringing]], strategy: Strategy, waited: float, aim: Aim, pacing: Pace
) -> None:
    people, _ = situation
    planned = plan(strategy, people, [], waited, aim, pacing)
    if people:
        assert planned.ring or planned.look_again is not None


@given(situations(), st.floats(0, 40), aims, paces, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_a_higher_target_never_rings_fewer(
    situation: tuple[list[Phone], list[Ringing]], waited: float, aim: Aim, pacing: Pace, one: float, other: float
) -> None:
    people, ringing = situation
    low = plan(Adaptive(), people, ringing, waited, replace(aim, chance=min(one, other)), pacing)
    high = plan(Adaptive(), people, ringing, waited, replace(aim, chance=max(one, other)), pacing)
    assert high.ring[: len(low.ring)] == low.ring


@given(situations(), aims, paces)
@settings(max_examples=200, deadline=None)
def test_the_target_is_reached_or_everybody_who_could_help_rings(
    situation: tuple[list[Phone], list[Ringing]], aim: Aim, pacing: Pace
) -> None:
    people, _ = situation
    # The grid of the plan has whole seconds; another aim would put the same people in another order.
    aim = replace(aim, seconds=float(int(aim.seconds)))
    planned = plan(Adaptive(), people, [], 0.0, aim, pacing)
    everybody = plan(AllAtOnce(), people, [], 0.0, aim, pacing)
    best = everybody.chance
    assert planned.chance >= min(aim.chance, best - 0.011) - 0.011
    assert planned.chance <= everybody.chance + 1e-6


@pytest.mark.parametrize(("target", "seconds"), [(0.5, 12), (0.9, 12), (0.9, 20), (0.97, 15), (0.99, 25)])
@pytest.mark.parametrize("per_second", [1.0, 1e9])
@pytest.mark.no_cover
def test_the_chance_that_is_promised_is_the_share_that_accepts(
    target: float, seconds: float, per_second: float
) -> None:
    dice = random.Random(11)
    accepted = rung = 0
    runs = 1500
    for _ in range(runs):
        people = [Phone(f"i{n}", dice.betavariate(2, 2)) for n in range(15)]
        answers = {
            one.interpreter_id: dice.lognormvariate(1.9459, 0.5) if dice.random() < one.accepts else 1e9
            for one in people
        }
        at, starts = follow(people, answers, Aim(seconds, target, ring_worth=20.0), per_second)
        accepted += at <= seconds
        rung += starts
    assert accepted / runs > target - 0.025
    assert rung / runs < 8


def follow(people: list[Phone], answers: dict[str, float], aim: Aim, per_second: float) -> tuple[float, int]:
    """Do what the plan says until somebody accepts: when that is, and how many phones had started by then."""
    now, starts = 0.0, dict[str, float]()
    while True:
        ringing = [Ringing(one, now - starts[one.interpreter_id]) for one in people if one.interpreter_id in starts]
        queued = sum(one.seconds < 0 for one in ringing)
        planned = plan(Adaptive(), people, ringing, now, aim, Pace(per_second, queued))
        for number, one in enumerate(planned.ring):
            starts[one] = now + (queued + number) / per_second
        first = min((start + answers[one] for one, start in starts.items()), default=1e9)
        if planned.look_again is None or now + planned.look_again > min(first, 60):
            return first, sum(start <= first for start in starts.values())
        now += planned.look_again


def test_an_emergency_rings_more_phones_than_a_routine_request() -> None:
    people = phones(*[0.5] * 12)
    rung = [len(plan(Adaptive(), people, [], 0.0, AIMS[urgency], UNPACED).ring) for urgency in Urgency]
    assert rung == sorted(rung)
    assert rung[0] < rung[2]


def test_likely_answerers_ring_alone_and_unlikely_ones_together() -> None:
    aim = Aim(21.0, 0.9, 4.0)
    assert len(plan(Adaptive(), phones(*[0.95] * 6), [], 0.0, aim).ring) == 1
    assert len(plan(Adaptive(), phones(*[0.2] * 12), [], 0.0, aim).ring) >= 3


def test_silence_makes_the_plan_ring_more() -> None:
    people = phones(0.9, 0.9, 0.9, 0.9)
    aim = Aim(21.0, 0.9, 4.0)
    young = plan(Adaptive(), people, [Ringing(people[0], 2.0)], 2.0, aim)
    old = plan(Adaptive(), people, [Ringing(people[0], 18.0)], 18.0, aim)
    assert young.ring == ()
    assert young.look_again is not None
    assert old.ring != ()


def test_within_a_group_the_likelier_goes_first_and_groups_keep_their_order() -> None:
    people = [Phone("staff", 0.3, group=1), Phone("shy", 0.2, group=2), Phone("keen", 0.9, group=2)]
    assert plan(AllAtOnce(), people, [], 0.0, AIMS[Urgency.ROUTINE]).ring == ("staff", "keen", "shy")


def test_a_ring_that_costs_nothing_rings_as_many_as_help() -> None:
    assert len(plan(Adaptive(), phones(*[0.5] * 8), [], 0.0, Aim(20, 0.9, ring_worth=0.0), UNPACED).ring) >= 6


def test_where_the_carrier_sets_no_pace_all_that_are_wanted_now_are_weighed_as_starting_now() -> None:
    people = phones(*[0.5] * 12)
    for aim in (Aim(10.0, 0.0, 0.1), Aim(10.0, 0.0, 2.0), Aim(1.0, 0.0, 30.0, 0.0, ((4.0, 12.0), (6.0, 32.0)))):
        few, none = (plan(Adaptive(), people, [], 0.0, aim, pacing) for pacing in (Pace(1000.0), UNPACED))
        assert (few.ring, few.look_again) == (none.ring, none.look_again)


def test_a_milestone_that_counts_rings_more_and_one_that_is_past_does_not_count() -> None:
    people, plain = phones(*[0.5] * 12), Aim(21.0, 0.0, 20.0)
    soon = replace(plain, milestones=((8.0, 12.0),))
    few, more = (plan(Adaptive(), people, [], 0.0, aim, UNPACED).ring for aim in (plain, soon))
    assert len(more) > len(few)
    ringing = [Ringing(people[0], 9.0)]
    assert plan(Adaptive(), people, ringing, 9.0, soon) == plan(Adaptive(), people, ringing, 9.0, plain)


def test_a_long_queue_at_the_carrier_is_reckoned_with() -> None:
    aim = Aim(15, 0.9, 2.0)
    near = plan(Adaptive(), phones(*[0.5] * 8), [], 0.0, aim, Pace(1.0, 0))
    far = plan(Adaptive(), phones(*[0.5] * 8), [], 0.0, aim, Pace(1.0, 10))
    assert far.chance < near.chance


def test_the_simple_strategies_do_what_their_names_say() -> None:
    people, aim = phones(0.9, 0.6, 0.5, 0.4), AIMS[Urgency.ROUTINE]
    assert plan(OneByOne(20), people, [], 0.0, aim).ring == ("i0",)
    assert plan(OneByOne(20), people, [Ringing(people[0], 5)], 5.0, aim).ring == ()
    assert plan(OneByOne(20), people, [Ringing(people[0], 5)], 5.0, aim).look_again == pytest.approx(15)
    assert plan(OneByOne(20), people, [Ringing(people[0], 20)], 20.0, aim).ring == ("i1",)
    assert plan(FixedRing(3), people, [Ringing(people[1], 5)], 5.0, aim).ring == ("i0", "i2")
    assert plan(SimpleHedge(0.95, 2), people, [], 0.0, aim).ring == ("i0", "i1")
    assert plan(SimpleHedge(0.95, 2), people, [Ringing(people[0], 2.0)], 2.0, aim).ring == ("i1",)
    assert plan(SimpleHedge(0.95, 2), people, [Ringing(people[0], 0.5)], 0.5, aim).look_again == pytest.approx(1.5)
    assert plan(AllAtOnce(), people, [], 0.0, aim).ring == ("i0", "i1", "i2", "i3")


@given(st.lists(st.tuples(chances, st.floats(0, 20)), max_size=6), st.floats(0, 30))
@settings(deadline=None)
def test_the_chance_of_an_answer_is_that_of_independent_phones(ringing: list[tuple[float, float]], t: float) -> None:
    nobody = 1.0
    for p, since in ringing:
        nobody *= (1 - p * Delay().by(since + t)) / (1 - p * Delay().by(since))
    found = chance_within(t, [Ringing(Phone(str(n), p), since) for n, (p, since) in enumerate(ringing)])
    assert found == pytest.approx(1 - nobody)


# -- the carrier's turn ------------------------------------------------------------------------------------------------

planned_calls = st.lists(
    st.builds(
        PlannedCall,
        st.sampled_from(["r1", "r2", "r3", "r4"]),
        st.uuids().map(str),
        st.sampled_from(list(Urgency)),
        st.floats(0, 600),
        st.integers(0, 5),
    ),
    max_size=12,
)


@given(planned_calls)
@settings(deadline=None)
def test_every_planned_call_has_its_turn_once_and_each_request_keeps_its_order(calls: list[PlannedCall]) -> None:
    turns = pace(calls)
    assert sorted(turn.interpreter_id for turn in turns) == sorted(call.interpreter_id for call in calls)
    for request_id in {call.request_id for call in calls}:
        assert [t for t in turns if t.request_id == request_id] == [c for c in calls if c.request_id == request_id]


def test_emergencies_first_and_the_first_phone_of_one_before_the_fourth_of_another() -> None:
    routine = [PlannedCall("routine", f"a{n}", Urgency.ROUTINE, 10.0) for n in range(4)]
    later = [PlannedCall("later", "b0", Urgency.ROUTINE, 1.0)]
    emergency = [PlannedCall("emergency", f"c{n}", Urgency.EMERGENCY, 0.0) for n in range(2)]
    order = [call.interpreter_id for call in pace([*routine, *later, *emergency])]
    assert order[:2] == ["c0", "c1"]
    assert order.index("b0") < order.index("a2")


def test_nobody_starves_behind_emergencies_that_keep_coming() -> None:
    waiting = PlannedCall("old", "old", Urgency.ROUTINE, 0.0)
    for second in range(400):
        now = replace(waiting, waited=float(second))
        fresh = [PlannedCall(f"e{second}{n}", f"{second}{n}", Urgency.EMERGENCY, 0.0) for n in range(3)]
        if pace([now, *fresh])[0] is now:
            break
    assert 60 < second < 180


def test_how_many_go_before_a_request_is_what_it_plans_with() -> None:
    mine = PlannedCall("mine", "", Urgency.ROUTINE, 5.0)
    others = [PlannedCall("emergency", str(n), Urgency.EMERGENCY, 0.0) for n in range(3)]
    assert ahead_of(mine, others) == 3
    assert ahead_of(replace(mine, urgency=Urgency.EMERGENCY), others) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Urgency)), st.integers(0, 500), st.integers(0, 3), st.integers(1, 4)), max_size=5
    )
)
@settings(deadline=None)
def test_the_turns_that_are_written_down_are_the_order_of_pace(live: list[tuple[Urgency, int, int, int]]) -> None:
    planned, turns = list[PlannedCall](), dict[str, datetime]()
    for number, (urgency, waited, ringing, wanted) in enumerate(live):
        # A hundredth of a second apart, so that no two claims are equal.
        created = NOON - timedelta(seconds=waited + number / 100)
        legs = tuple(
            Leg(f"r{number}-{n}", LegRole.INTERPRETER, LegState.DIALLING, f"CA{n}" if n < ringing else None)
            for n in range(ringing + wanted)
        )
        request = Request(
            f"r{number}", "p1", Role.OFFICER, Channel.TEXT, RequestState.OFFERING, created, need=Need(urgency=urgency)
        )
        request = replace(request, legs=legs)
        for leg in legs[ringing:]:
            planned.append(PlannedCall(request.id, leg.id, urgency, waited + number / 100, ringing))
            turns[leg.id] = turn(request, PlaceCall(leg.id, To.INTERPRETER))
    assert [call.interpreter_id for call in pace(planned)] == sorted(turns, key=lambda leg_id: turns[leg_id])
