"""The queue of those who wait, the carrier's pace, and the words that ask for another interpreter."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import pacing, ring_plan
from dispatch.effects import PlaceCall, To
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.replies import read_swap
from dispatch.request import Channel, Leg, LegRole, LegState, Need, Request, RequestState, Urgency
from dispatch.store import Store
from dispatch.waiting import Waiting, by_need, expected_minutes
from tests.dispatch.people import officer
from tests.dispatch.requests import NOON

AHEAD = Policy().ahead


def waits(name: str, urgency: Urgency, seconds_ago: float) -> Waiting:
    """A request that has waited so long."""
    return Waiting(name, urgency, NOON - timedelta(seconds=seconds_ago))


def test_emergencies_come_first_and_nobody_starves() -> None:
    queue = [
        waits("routine, now", Urgency.ROUTINE, 0),
        waits("routine, six minutes", Urgency.ROUTINE, 360),
        waits("routine, two hours", Urgency.ROUTINE, 7200),
        waits("urgent, now", Urgency.URGENT, 0),
        waits("emergency, now", Urgency.EMERGENCY, 0),
    ]
    assert [one.request_id for one in by_need(queue, AHEAD)] == [
        "routine, two hours",
        "emergency, now",
        "routine, six minutes",
        "urgent, now",
        "routine, now",
    ]


@given(
    st.lists(st.tuples(st.integers(0, 7200), st.sampled_from(list(Urgency))), min_size=1, max_size=40),
    st.integers(5, 600),
)
@settings(deadline=None)
def test_nobody_is_passed_over_by_who_came_later_than_their_urgency_is_ahead(
    arrivals: list[tuple[int, Urgency]], every: int
) -> None:
    """Whatever comes in, and however slowly interpreters come free: a bound on how long anybody can be passed over."""
    coming = sorted((at, f"r{n}", urgency) for n, (at, urgency) in enumerate(arrivals))
    waiting, served, now = list[Waiting](), list[Waiting](), 0
    while coming or waiting:
        while coming and coming[0][0] <= now:
            at, name, urgency = coming.pop(0)
            waiting.append(Waiting(name, urgency, NOON + timedelta(seconds=at)))
        if waiting:
            served.append(by_need(waiting, AHEAD)[0])
            waiting.remove(served[-1])
        now += every
    assert len(served) == len(arrivals)
    for place, later in enumerate(served):
        for earlier in served[:place]:
            lead = (earlier.created_at - later.created_at).total_seconds()
            assert lead <= max(AHEAD[earlier.urgency] - AHEAD[later.urgency], 0)


def test_a_callback_keeps_the_place_of_the_moment_it_first_came_in(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_requester(officer())
        for name, state, minutes in (
            ("later", RequestState.WAITING, 2),
            ("called back", RequestState.CALLBACK_SCHEDULED, 9),
            ("first", RequestState.WAITING, 10),
        ):
            one = replace(ringing(name, Urgency.ROUTINE, 60 * minutes, 0), state=state)
            tx.create_request(one)
        assert tx.most_needing(["spa"], AHEAD, 9) == ["first", "called back", "later"]


def test_a_wait_is_promised_from_measured_ones_only() -> None:
    assert expected_minutes([60, 120, 180, 240], 0) == 0  # too few
    measured = [60.0, 120.0, 180.0, 240.0, 600.0, 900.0]
    assert expected_minutes(measured, 0) == 4
    # A wait that has gone on is one of the long ones.
    assert expected_minutes([*measured, 1200.0, 1500.0, 1800.0, 2100.0], 500) == 17
    assert expected_minutes(measured, 3600) == 0


def ringing(name: str, urgency: Urgency, waited: float, phones: int) -> Request:
    """A request whose phones ring or are about to."""
    request = Request(
        name,
        "o9001",
        Role.OFFICER,
        Channel.TEXT,
        RequestState.OFFERING,
        NOON - timedelta(seconds=waited),
        language="spa",
    )
    for number in range(1, phones + 1):
        request = request.with_leg(Leg(f"{name}-{number}", LegRole.INTERPRETER, LegState.DIALLING))
    return Request(**{**request.__dict__, "need": Need(("spa",), urgency=urgency)})


def test_turns_are_in_the_order_that_the_ring_plan_paces() -> None:
    chance = random.Random(5)
    for _ in range(50):
        requests = [
            ringing(f"r{n}", chance.choice(list(Urgency)), chance.uniform(0, 200), chance.randint(1, 4))
            for n in range(6)
        ]
        turns, planned = {}, []
        for one in requests:
            for leg in one.legs:
                turns[leg.id] = pacing.turn(one, PlaceCall(leg.id, To.INTERPRETER, leg.id))
                waited = (NOON - one.created_at).total_seconds()
                planned.append(ring_plan.PlannedCall(one.id, leg.id, one.need.urgency, waited))
        expected = [call.interpreter_id for call in ring_plan.pace(planned)]
        assert sorted(turns, key=lambda leg_id: turns[leg_id]) == expected


def test_calls_wait_for_the_carriers_pace_and_the_urgent_go_first(store: Store) -> None:
    routine, emergency = ringing("a", Urgency.ROUTINE, 5, 2), ringing("b", Urgency.EMERGENCY, 0, 1)
    with store.transaction() as tx:
        tx.add_requester(officer())
        for request in (routine, emergency):
            tx.create_request(request)
        assert tx.call_may_start(NOON, 1.0)
        assert not tx.call_may_start(NOON, 1.0)
        for request in (routine, emergency):
            calls = [PlaceCall(leg.id, To.INTERPRETER, "i1") for leg in request.legs]
            held = {call.leg_id: pacing.turn(request, call) for call in calls}
            assert tx.put_effects(request.id, calls, NOON, held) == []
        assert tx.calls_waiting() == 3
    started = []
    for second in (0.5, 1.0, 2.0, 3.0):
        with store.transaction() as tx:
            if second == 2.0:
                tx.forget_calls(["a-1"], NOON)  # withdrawn before its turn: it takes nobody's
            for effect_id in tx.start_calls(NOON + timedelta(seconds=second), 1.0):
                stored = tx.effect(effect_id)
                assert stored is not None
                assert isinstance(stored.effect, PlaceCall)
                started.append((second, stored.effect.leg_id))
    assert started == [(1.0, "b-1"), (2.0, "a-2")]


@pytest.mark.parametrize("per_second", [1.0, 5.0])
def test_no_more_calls_start_than_the_carrier_allows(store: Store, per_second: float) -> None:
    with store.transaction() as tx:
        tx.put_effects(
            None, [PlaceCall(f"x-{n}", To.DESK) for n in range(100)], NOON, {f"x-{n}": NOON for n in range(100)}
        )
    count = 0
    for tick in range(40):
        with store.transaction() as tx:
            count += len(tx.start_calls(NOON + timedelta(seconds=tick / 4), per_second))
    assert 9.75 * per_second - 1 <= count <= 9.75 * per_second + 1.25


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I know this person", "known"),
        ("she knows the interpreter", "known"),
        ("conflict of interest", "known"),
        ("wrong language", "language"),
        ("the dialect is different", "language"),
        ("he doesn't understand him", "language"),
        ("another interpreter please", "other"),
        ("swap", "other"),
        ("thank you", None),
        ("status", None),
        ("do you know when", None),
    ],
)
def test_who_asks_for_another_interpreter(text: str, why: str | None) -> None:
    assert read_swap(text) == why
