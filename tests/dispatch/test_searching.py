"""Searches against the real store: facts, answers learned, why, who is free, continuity, blocked pairs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, inspect, text

from dispatch import board, events
from dispatch.effects import FindInterpreters, MatchWaiting
from dispatch.eligibility import wanted
from dispatch.intake import Intake
from dispatch.offer import Offer, OfferState
from dispatch.people import Availability, QuietHours, Terms
from dispatch.policy import Policy
from dispatch.request import Leg, LegRole, LegState, Need, Request, RequestState, Urgency
from dispatch.ring_plan import AllAtOnce
from dispatch.store import Store
from dispatch.store.speakers import PAGE
from tests.conftest import KEY
from tests.dispatch.people import interpreter, officer, speakers
from tests.dispatch.requests import NOON
from tests.dispatch.test_store import a_request, filled


class At:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        """That moment."""
        return self.at


POLICY = Policy(strategy=AllAtOnce(), calls_per_second=0)


def an_intake(store: Store, policy: Policy = POLICY) -> tuple[Intake, At, list[str]]:
    """An intake whose queue is a list."""
    clock, handed = At(NOON), list[str]()

    def relay(ids: Sequence[str]) -> None:
        handed.extend(ids)

    return Intake(store, clock, policy, relay), clock, handed


def wants_spanish(name: str = "r1", **changed: object) -> Request:
    """A request that looks for Spanish."""
    plain = a_request(name, state=RequestState.MATCHING, language="spa", need=Need(("spa",)))
    return replace(plain, **changed)  # type: ignore[arg-type]


def test_why_is_kept_for_everybody_and_shown_without_numbers(store: Store) -> None:
    filled(store, 1, 2, 3)
    intake, _, _ = an_intake(store)
    with store.transaction() as tx:
        tx.set_availability("i2", Availability.OFF, None, NOON)
        tx.keep_apart("i3", "o9001", "complaint of 2 March", NOON)
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        told = board.why(tx, "r1")
        shown = board.read(tx, NOON, POLICY)
        request = tx.request("r1")
    assert request is not None
    assert [offer.interpreter_id for offer in request.offers] == ["i1"]
    (search,) = told["searches"]
    reasons = {line["name"]: (line["ok"], line["reason"]) for line in search["candidates"]}
    assert reasons["2 Interpreter 2"] == (False, "signed off")
    assert reasons["3 Interpreter 3"] == (False, "kept apart from this requester: complaint of 2 March")
    assert reasons["1 Interpreter 1"][0]
    assert shown["open"][0]["why"] == search["candidates"]
    assert "555" not in str(told)


def test_answers_are_learned_and_change_who_is_asked_first(store: Store) -> None:
    filled(store, 1, 2)
    intake, clock, _ = an_intake(store)
    for number in range(6):
        with store.transaction() as tx:
            tx.create_request(wants_spanish(f"r{number}"))
        intake.find_interpreters(f"r{number}", 5)
        with store.reading() as tx:
            request = tx.request(f"r{number}")
        assert request is not None
        offers = {offer.interpreter_id: offer.id for offer in request.offers}
        for offer_id in offers.values():
            intake.report(request.id, events.CallPlaced(offer_id, f"CA{offer_id}"))
        clock.at += timedelta(seconds=6)
        intake.report(request.id, events.OfferAnswered(offers["i1"], accepted=False))
        intake.report(request.id, events.OfferAnswered(offers["i2"], accepted=True))
        intake.report(request.id, events.SessionDone())
        clock.at += timedelta(minutes=5)
    with store.reading() as tx:
        known = tx.answers(["i1", "i2"])
    assert (round(known["i1"].total.offered), round(known["i1"].total.accepted)) == (6, 0)
    assert round(known["i2"].total.accepted) == 6
    with store.transaction() as tx:
        tx.create_request(wants_spanish("last"))
    intake.find_interpreters("last", 5)
    with store.reading() as tx:
        (decision, *_) = tx.decisions_of("last")
    assert [one.interpreter_id for one in decision.considered] == ["i2", "i1"]


def test_a_phone_that_never_rang_teaches_nothing(store: Store) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    with store.transaction() as tx:
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    intake.report("r1", events.RequestDropped("requester"))
    with store.reading() as tx:
        assert tx.answers() == {}


def test_minutes_are_counted_by_the_clock_where_they_live(store: Store) -> None:
    filled(store)
    home = Terms(timezone="America/New_York", daily_minutes=60, weekly_minutes=300)
    with store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(1), terms=home))
        tx.create_request(wants_spanish("now"))
        for name, hours, minutes in (("today", 6, 25), ("last night", 8, 120)):
            # NOON is 07:00 on Wednesday in New York: six hours ago was today there, eight hours ago was not.
            start = NOON - timedelta(hours=hours)
            done = Offer(
                f"{name}-1",
                "i1",
                OfferState.FINISHED,
                start,
                start + timedelta(minutes=minutes),
                accepted_at=start,
            )
            over = wants_spanish(name, state=RequestState.COMPLETED, offers=(done,), created_at=start)
            tx.create_request(over)
    with store.reading() as tx:
        request = tx.request("now")
        assert request is not None
        found = tx.meet(request, wanted(request), NOON)[0][1]
    # Of the two hours of last night, from 23:00 to 01:00, one was today.
    assert (found.minutes_today, found.minutes_week) == (85, 145)
    assert found.served_before
    assert found.offers_week == 2


def test_who_comes_free_goes_to_whoever_needs_them_most(store: Store) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    with store.transaction() as tx:
        tx.start_wrap_up("i1", NOON + timedelta(seconds=30))
        for number, urgency in enumerate((Urgency.ROUTINE, Urgency.EMERGENCY)):
            need = Need(("spa",), urgency=urgency)
            tx.create_request(wants_spanish(f"r{number}", state=RequestState.WAITING, need=need, failed_rounds=1))
    assert intake.supply() == 0
    clock.at += timedelta(seconds=31)
    assert intake.supply() == 1
    assert intake.supply() == 0  # told of once
    with store.reading() as tx:
        looking = [stored.request_id for stored in tx.stale_effects(clock.at + timedelta(days=1), 9)]
        kinds = {type(stored.effect) for stored in tx.stale_effects(clock.at + timedelta(days=1), 9)}
    assert looking == ["r1", "r0"]
    assert kinds == {FindInterpreters}


def test_a_decline_lets_whoever_waits_look_again(store: Store) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    with store.transaction() as tx:
        tx.create_request(wants_spanish("waits", state=RequestState.WAITING, failed_rounds=1))
        tx.create_request(
            wants_spanish(
                "r1",
                state=RequestState.OFFERING,
                offers=(Offer("r1-1", "i1", OfferState.RINGING, NOON, NOON),),
                legs=(Leg("r1-1", LegRole.INTERPRETER, LegState.ON_LINE, "CA1"),),
            )
        )
    intake.report("r1", events.OfferAnswered("r1-1", accepted=False))
    with store.reading() as tx:
        effects = [stored.effect for stored in tx.stale_effects(NOON + timedelta(days=1), 9)]
    assert MatchWaiting("i1") in effects
    intake.match_waiting("i1")
    with store.reading() as tx:
        searches = [
            one.request_id for one in tx.stale_effects(NOON + timedelta(days=1), 9) if one.request_id == "waits"
        ]
    assert searches == ["waits"]


def test_quiet_hours_are_kept_in_the_store(store: Store) -> None:
    quiet = QuietHours(NOON.time(), (NOON + timedelta(hours=1)).time())
    filled(store)
    intake, clock, _ = an_intake(store)
    with store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(1), terms=Terms(timezone="UTC", quiet=quiet)))
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert (request.state, request.offers) == (RequestState.WAITING, ())
    assert "quiet hours" in request.reach.because
    clock.at += timedelta(hours=1, seconds=1)
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert len(request.offers) == 1


def test_two_acceptances_in_the_same_millisecond_seat_one_in_the_store(store: Store) -> None:
    filled(store, 1, 2)
    intake, _, _ = an_intake(store)
    with store.transaction() as tx:
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    for offer in request.offers:
        intake.report("r1", events.OfferAnswered(offer.id, accepted=True))  # the clock stands still
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert sorted(offer.state for offer in request.offers) == [OfferState.ACCEPTED, OfferState.WITHDRAWN]


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_a_store_of_the_version_before_is_brought_up_to_date(store_url: str) -> None:
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from dispatch.schema import metadata

    made = Store(store_url, KEY)
    made.migrate()
    filled(made, 1)
    with made.transaction() as tx:
        tx.create_request(wants_spanish(offers=(Offer("r1-1", "i1", OfferState.RINGING, NOON),)))
    made.close()
    engine = create_engine(store_url)
    _to(store_url, command.downgrade, "0002")
    with engine.connect() as connection:
        assert "kept_apart" not in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT count(*) FROM offers")).scalar() == 1
    again = Store(store_url, KEY)
    again.migrate()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    with again.reading() as tx:
        request, one = tx.request("r1"), tx.interpreter("i1")
    assert request is not None
    assert (request.offers[0].seat, request.reach.step, one.terms) == (1, 0, Terms())
    again.close()
    engine.dispose()


def _to(url: str, move: object, revision: str) -> None:
    from pathlib import Path

    from alembic.config import Config

    import dispatch

    config = Config()
    config.set_main_option("script_location", str(Path(dispatch.__file__).parent / "migrations"))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        move(config, revision)  # type: ignore[operator]
    engine.dispose()


def test_officers_are_not_asked_for_themselves(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_requester(officer())
        tx.put_interpreter(replace(interpreter(1), number=officer().number))
        tx.create_request(wants_spanish())
        request = tx.request("r1")
        assert request is not None
        assert tx.meet(request, wanted(request), NOON)[0][1].own_request


def test_the_order_of_asking_is_read_page_by_page_rested_longest_first(store: Store) -> None:
    many = [
        replace(interpreter(number, "spa", tier=1 + number % 2), last_offered_at=NOON - timedelta(minutes=number))
        for number in range(1, 2 * PAGE + 10)
    ]
    with store.transaction() as tx:
        for one in many:
            tx.put_interpreter(one)
        tx.touch_offered("i2", NOON)
    with store.reading() as tx:
        found = [one for page in range(3) for one in speakers(tx, ("spa", "fra"), NOON, page)]
        assert len(speakers(tx, ("spa",), NOON)) == PAGE
    wanted = sorted(many, key=lambda one: (one.tier, NOON if one.id == "i2" else one.last_offered_at, one.id))
    assert [one.id for one in found] == [one.id for one in wanted]


def test_where_the_first_page_may_not_be_asked_the_next_is_looked_at(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_requester(officer())
        for number in range(1, PAGE + 3):
            gender = "female" if number > PAGE else "male"
            one = interpreter(number, "spa", gender=gender)
            tx.put_interpreter(replace(one, last_offered_at=NOON - timedelta(days=2 - number / 1000)))
        tx.create_request(wants_spanish(need=Need(("spa",), constraints=("female",))))
    intake, _, _ = an_intake(store)
    intake.find_interpreters("r1", 5)
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert {offer.interpreter_id for offer in request.offers} == {f"i{PAGE + 1}", f"i{PAGE + 2}"}
