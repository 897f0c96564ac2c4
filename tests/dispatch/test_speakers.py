"""What a search reads in one statement is what a walk over the roster would find; claims are never shared."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.eligibility import Asked, Facts, wanted
from dispatch.offer import Offer, OfferState
from dispatch.people import Availability, Certificate, Interpreter, Skill, Terms
from dispatch.policy import Policy
from dispatch.request import Need, Request, RequestState
from dispatch.routing import choose
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON
from tests.dispatch.test_store import a_request, filled

POLICY = Policy(timezone="America/New_York")


def somebody(number: int, dice: random.Random) -> Interpreter:
    """One of a random roster."""
    spoken = dice.sample(["spa", "por", "mam", "hat"], dice.randint(1, 3))
    proven = list(Certificate)
    return replace(
        interpreter(number, tier=dice.randint(1, 4), gender=dice.choice([None, "female", "male"])),
        skills=tuple(Skill(code, dice.randint(1, 5), dice.choice(proven)) for code in spoken),
        availability=dice.choice([Availability.ON, Availability.ON, Availability.OFF, Availability.BUSY]),
        busy_until=NOON + timedelta(minutes=dice.choice([-5, 30])),
        wrap_up_until=dice.choice([None, NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)]),
        last_offered_at=dice.choice([None, NOON - timedelta(hours=dice.randint(1, 90))]),
        terms=Terms(english=dice.random() < 0.8, not_for=dice.choice([(), ("custodial",)])),
    )


def asking(dice: random.Random) -> Request:
    """A random request of the officer."""
    urgent = dice.choice(["routine", "interview", "custodial"])
    need = Need(
        ("mam",), dice.choice([(), ("mam", "por")]), encounter=urgent, constraints=dice.choice([(), ("female",)])
    )
    return a_request("r1", state=RequestState.MATCHING, language="mam", need=need)


@pytest.mark.parametrize("seed", range(6))
def test_a_search_weighs_everybody_as_a_walk_over_the_whole_roster_does(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    people = [somebody(number, dice) for number in range(1, 31)]
    request = asking(dice)
    apart = {one.id: "complaint" for one in dice.sample(people, 4)}
    engaged = {one.id for one in dice.sample(people, 5)}
    with store.transaction() as tx:
        tx.add_requester(officer())
        for one in people:
            tx.put_interpreter(one)
        for number, held in enumerate(sorted(engaged)):
            offers = (Offer(f"x{number}-1", held, OfferState.RINGING, NOON - timedelta(days=1)),)
            tx.create_request(a_request(f"x{number}", state=RequestState.OFFERING, offers=offers))
        for one_id, reason in apart.items():
            tx.keep_apart(one_id, "o9001", reason, NOON)
    facts = {one.id: Facts(apart=apart.get(one.id, ""), offers_week=int(one.id in engaged)) for one in people}
    walked = choose(request, [replace(one, engaged=one.id in engaged) for one in people], NOON, POLICY, facts)
    with store.reading() as tx:
        met = tx.meet(request, wanted(request), NOON, POLICY.timezone)
    found = choose(request, [one for one, _ in met], NOON, POLICY, {one.id: known for one, known in met})
    assert found.candidates == walked.candidates
    seek = Asked.of(request, POLICY).seek.any_of
    spoken = {one.id for one in people if any(one.speaks(code) for code in seek)}
    assert set(found.considered) == {line for line in walked.considered if line.interpreter_id in spoken}


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_who_is_being_claimed_elsewhere_is_left_out_without_waiting(store: Store) -> None:
    filled(store, 1, 2, 3)
    with store.transaction() as one:
        assert one.claim(["i1"]) == {"i1"}
        with store.transaction() as other:
            assert other.claim(["i1", "i2"]) == {"i2"}
        assert one.claim(["i1", "i2"]) == {"i1", "i2"}


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_who_was_offered_something_meanwhile_cannot_be_claimed(store: Store) -> None:
    filled(store, 1, 2)
    with store.transaction() as tx:
        offers = (Offer("r1-1", "i1", OfferState.PENDING, NOON),)
        tx.create_request(a_request(state=RequestState.OFFERING, offers=offers))
    with store.transaction() as tx:
        assert tx.claim(["i1", "i2"]) == {"i2"}
