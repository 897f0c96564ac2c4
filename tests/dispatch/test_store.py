"""The store, on SQLite and on PostgreSQL."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from dispatch.effects import FindInterpreters, PlaceCall, SendText, To
from dispatch.errors import ConfigurationError, Conflict, StoreUnavailable, UnknownInterpreter
from dispatch.offer import Offer, OfferState
from dispatch.people import Availability, Role
from dispatch.request import Channel, DeadlineKind, Guess, Leg, LegRole, LegState, Need, Request, RequestState, Urgency
from dispatch.schema import metadata
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter, officer, speakers
from tests.dispatch.requests import NOON


def a_request(name: str = "r1", **changed: object) -> Request:
    """A request of the officer, received at noon."""
    plain = Request(name, "o9001", Role.OFFICER, Channel.TEXT, RequestState.RECEIVED, NOON)
    return replace(plain, **changed)  # type: ignore[arg-type]


def filled(store: Store, *interpreters: int) -> Store:
    """The store with the officer and some interpreters of Spanish."""
    with store.transaction() as tx:
        tx.add_requester(officer())
        for number in interpreters:
            tx.put_interpreter(interpreter(number))
    return store


def test_the_migrations_make_exactly_the_tables_of_the_schema(store: Store, store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrating_twice_and_at_once_is_harmless(store_url: str) -> None:
    stores = [Store(store_url, KEY) for _ in range(4)]
    failures: list[Exception] = []

    def migrate(one: Store) -> None:
        try:
            one.migrate()
        except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores:
        one.close()
    assert failures == []


def test_a_new_database_that_another_process_is_writing_to_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    store = Store(f"sqlite:///{path}", KEY)
    with ThreadPoolExecutor(1) as pool:
        migrating = pool.submit(store.migrate)
        with pytest.raises(TimeoutError):
            migrating.result(0.3)
        other.execute("COMMIT")
        migrating.result()
    with store.reading() as tx:
        assert tx.open_requests() == []
    store.close()
    other.close()


def test_what_is_committed_while_somebody_reads_is_seen_only_by_the_next_reader(store: Store) -> None:
    filled(store)
    with store.reading() as tx:
        before = tx.last_seq()
        with store.transaction() as other:
            other.create_request(a_request())
            other.log("r1", "TextReceived", {}, NOON)
        assert tx.open_requests() == []
        assert tx.last_seq() == before
    with store.reading() as tx:
        assert [request.id for request in tx.open_requests()] == ["r1"]
        assert tx.last_seq() > before


def test_a_request_comes_back_whole(store: Store) -> None:
    filled(store, 1, 2)
    whole = a_request(
        state=RequestState.OFFERING,
        need=Need(("spa",), ("por",), ("fra",), ("female",), Urgency.URGENT, "5th & Main", "victim"),
        language="spa",
        certainty=0.93,
        found_by="heard",
        guesses=(Guess("spa", 0.9), Guess("por", 0.05)),
        listens=2,
        failed_rounds=1,
        offers=(
            Offer("r1-2", "i1", OfferState.DECLINED, NOON, NOON + timedelta(seconds=5), "declined"),
            Offer("r1-3", "i2", OfferState.RINGING, NOON),
        ),
        legs=(
            Leg("r1-1", LegRole.REQUESTER, LegState.ON_LINE, "CA1"),
            Leg("r1-2", LegRole.INTERPRETER, LegState.ENDED, "CA2", 2),
            Leg("r1-3", LegRole.INTERPRETER, LegState.DIALLING),
        ),
        trouble="something",
    ).due(DeadlineKind.OFFER_EXPIRES, NOON + timedelta(seconds=40), "r1-3")
    with store.transaction() as tx:
        tx.create_request(whole)
    with store.reading() as tx:
        assert tx.request("r1") == whole
        assert tx.request_by_call("CA2") == (whole, "r1-2")
        assert tx.open_request_of("o9001") == whole
        assert tx.open_requests() == [whole]
        assert tx.request("r2") is None
        assert tx.request_by_call("CA9") is None


def test_what_was_changed_by_somebody_else_is_not_overwritten(store: Store) -> None:
    filled(store)
    with store.transaction() as tx:
        tx.create_request(a_request())
    with store.reading() as tx:
        first = second = tx.request("r1")
    assert first is not None
    assert second is not None
    with store.transaction() as tx:
        tx.save(first, replace(first, listens=1), NOON)
    with pytest.raises(Conflict), store.transaction() as tx:
        tx.save(second, replace(second, listens=7), NOON)
    with store.reading() as tx:
        kept = tx.request("r1")
    assert kept is not None
    assert (kept.listens, kept.version) == (1, 1)


def test_the_database_lets_nobody_be_offered_twice(store: Store) -> None:
    filled(store, 1)
    with store.transaction() as tx:
        tx.create_request(a_request("r1", offers=(Offer("r1-1", "i1", OfferState.RINGING, NOON),)))
    with pytest.raises(Conflict), store.transaction() as tx:
        tx.create_request(a_request("r2", offers=(Offer("r2-1", "i1", OfferState.PENDING, NOON),)))
    with store.reading() as tx:
        assert tx.request("r2") is None
        assert tx.interpreter("i1").engaged


def test_the_database_lets_a_request_have_one_accepted_offer(store: Store) -> None:
    filled(store, 1, 2)
    both = (Offer("r1-1", "i1", OfferState.ACCEPTED, NOON), Offer("r1-2", "i2", OfferState.ACCEPTED, NOON))
    with pytest.raises(Conflict), store.transaction() as tx:
        tx.create_request(a_request(offers=both))


def test_an_event_is_remembered_once(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.remember("SM1", "text", "", NOON)
        assert not tx.remember("SM1", "text", "", NOON)
        assert tx.remember("SM1", "text", "2", NOON)
    with store.transaction() as tx:
        assert not tx.remember("SM1", "text", "2", NOON)


def test_state_log_and_effects_are_kept_together_or_not_at_all(store: Store) -> None:
    filled(store)

    def everything(then: BaseException | None) -> None:
        with store.transaction() as tx:
            tx.create_request(a_request())
            tx.log("r1", "TextReceived", {}, NOON)
            tx.put_effects("r1", [FindInterpreters(2)], NOON)
            tx.remember("SM1", "text", "", NOON)
            if then is not None:
                raise then

    with pytest.raises(KeyError):
        everything(KeyError("the process died here"))
    with store.reading() as tx:
        assert (tx.request("r1"), tx.log_of("r1"), tx.stale_effects(NOON + timedelta(days=1), 9)) == (None, [], [])
    everything(None)
    with store.reading() as tx:
        assert tx.request("r1") is not None
        assert [entry.kind for entry in tx.log_of("r1")] == ["TextReceived"]
        assert len(tx.stale_effects(NOON + timedelta(days=1), 9)) == 1


def test_effects_wait_until_done_and_then_are_forgotten(store: Store) -> None:
    filled(store)
    said = SendText(To.REQUESTER, "o9001", "officer_completed", "eng", {"language": "spa"})
    with store.transaction() as tx:
        tx.create_request(a_request())
        text_id, call_id = tx.put_effects("r1", [said, PlaceCall("r1-1", To.INTERPRETER, "i1")], NOON)
    later = NOON + timedelta(seconds=10)
    assert store.effect_kinds([call_id, text_id, "unknown"]) == {call_id: "PlaceCall", text_id: "SendText"}
    with store.transaction() as tx:
        stored = tx.effect(text_id)
        assert stored is not None
        assert stored.effect == said
        assert tx.request_of_effect(text_id) == "r1"
        assert tx.request_of_effect("unknown") is None
        assert {one.id for one in tx.stale_effects(later, 9)} == {text_id, call_id}
        tx.mark_handed([call_id], later)
        assert [one.id for one in tx.stale_effects(later, 9)] == [text_id]
        tx.fail_effect(text_id, "busy", NOON)
        again = tx.effect(text_id)
        assert again is not None
        assert (again.attempts, again.done) == (1, False)
        tx.finish_effect(text_id, later)
        assert tx.effect(text_id) is None


def test_deadlines_come_due_in_order(store: Store) -> None:
    filled(store, 1)
    request = a_request().due(DeadlineKind.MATCH_AGAIN, NOON + timedelta(seconds=20))
    request = request.due(DeadlineKind.CHECK_CALLS, NOON + timedelta(seconds=10))
    with store.transaction() as tx:
        tx.create_request(request)
        assert tx.due(NOON, 9) == []
        assert [d.kind for _, d in tx.due(NOON + timedelta(seconds=15), 9)] == [DeadlineKind.CHECK_CALLS]
        assert [d.kind for _, d in tx.due(NOON + timedelta(seconds=25), 9)] == [
            DeadlineKind.CHECK_CALLS,
            DeadlineKind.MATCH_AGAIN,
        ]
        tx.save(request, request.without(DeadlineKind.CHECK_CALLS), NOON)
        assert [d.kind for _, d in tx.due(NOON + timedelta(seconds=25), 9)] == [DeadlineKind.MATCH_AGAIN]


def test_people_are_found_by_number_and_their_numbers_are_sealed(store: Store, store_url: str, tmp_path: Path) -> None:
    filled(store, 4321)
    with store.transaction() as tx:
        tx.put_effects(None, [SendText(To.REQUESTER, "o9001", "k", "eng", {"number": "+16175554321"})], NOON)
    with store.reading() as tx:
        assert tx.requester_by_number(officer().number) == officer()
        found = tx.interpreter_by_number(interpreter(4321).number)
        assert found == interpreter(4321)
        assert tx.interpreter_by_number(officer().number) is None
        with pytest.raises(UnknownInterpreter):
            tx.interpreter("nobody")
    store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite3*"))
    engine = create_engine(store_url)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            written += repr(connection.execute(text(f"SELECT * FROM {table.name}")).fetchall()).encode()
    engine.dispose()
    assert b"interpreters" in written or b"Interpreter 4321" in written
    assert b"5554321" not in written
    assert b"5559001" not in written


def test_another_key_opens_nothing(store: Store, store_url: str) -> None:
    filled(store, 1)
    other = Store(store_url, "another key that is long enough")
    with pytest.raises(ConfigurationError, match="another DISPATCH_SECRET_KEY"), other.reading() as tx:
        tx.roster()
    other.close()


def test_who_can_be_rung_now(store: Store) -> None:
    filled(store, 1, 2, 3, 4, 5)
    with store.transaction() as tx:
        tx.put_interpreter(interpreter(6, "fra"))
        tx.set_availability("i1", Availability.OFF, None, NOON)
        tx.set_availability("i2", Availability.BUSY, NOON + timedelta(hours=1), NOON)
        tx.start_wrap_up("i3", NOON + timedelta(minutes=2))
        tx.create_request(a_request(offers=(Offer("r1-1", "i4", OfferState.RINGING, NOON),)))
    with store.reading() as tx:
        assert [one.id for one in speakers(tx, ["spa"], NOON) if one.can_be_rung(NOON)] == ["i5"]
        later = NOON + timedelta(hours=2)
        assert {one.id for one in speakers(tx, ["spa"], later) if one.can_be_rung(later)} == {"i2", "i3", "i5"}
        either = speakers(tx, ["spa", "fra"], later)
        assert {one.id for one in either if one.can_be_rung(later)} == {"i2", "i3", "i5", "i6"}
        assert len(tx.roster()) == 6


def test_the_same_code_is_the_same_interpreter(store: Store) -> None:
    filled(store, 1)
    with store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(1, "fra", "hat"), id="new", name="Renamed"))
    with store.reading() as tx:
        (one,) = tx.roster()
    assert (one.id, one.name, {skill.language for skill in one.skills}) == ("i1", "Renamed", {"fra", "hat"})


def test_urgent_requests_wait_in_front(store: Store) -> None:
    filled(store)
    with store.transaction() as tx:
        for number, urgency in enumerate(("routine", "urgent", "emergency", "routine")):
            need = Need(("spa",), urgency=Urgency(urgency))
            at = NOON + timedelta(seconds=number)
            tx.create_request(
                a_request(f"r{number}", state=RequestState.WAITING, need=need, language="spa", created_at=at)
            )
    with store.reading() as tx:
        assert [one.id for one in tx.waiting_requests(["spa"])] == ["r2", "r1", "r0", "r3"]
        assert tx.waiting_requests(["fra"]) == []


def test_alerts_stay_until_they_are_seen_to(store: Store) -> None:
    with store.transaction() as tx:
        tx.raise_alert(None, "first", NOON)
        tx.raise_alert(None, "second", NOON)
        newest = tx.open_alerts()[0]
        assert newest.reason == "second"
        tx.clear_alert(newest.id, NOON)
        assert [alert.reason for alert in tx.open_alerts()] == ["first"]


@pytest.mark.parametrize("url", ["postgres://me:secret@host/name", "nonsense secret"])
def test_an_address_that_no_driver_takes_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DISPATCH_DATABASE_URL") as refused:
        Store(url, KEY)
    assert "secret" not in str(refused.value)


def test_a_database_that_does_not_answer_is_named_by_who_brings_it_up_to_date() -> None:
    with pytest.raises(StoreUnavailable, match="does not answer"):
        Store("postgresql+psycopg://me:secret@127.0.0.1:1/name", KEY).migrate()


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    away = Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite3'}", KEY)
    with pytest.raises(StoreUnavailable, match="does not answer"), away.transaction() as tx:
        tx.last_seq()
    away.close()


def test_an_error_of_the_database_says_nothing_of_what_was_to_be_written(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_requester(officer())
    with pytest.raises(Conflict) as raised, store.transaction() as tx:
        tx.add_requester(replace(officer(), id="another"))
    assert "Dana Walsh" not in str(raised.value.__cause__)


def test_a_clock_that_is_set_back_holds_up_no_call(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.call_may_start(NOON + timedelta(hours=1), 1.0)
    with store.transaction() as tx:
        assert tx.call_may_start(NOON, 1.0)
        assert not tx.call_may_start(NOON + timedelta(seconds=0.5), 1.0)
        assert tx.call_may_start(NOON + timedelta(seconds=1), 1.0)
