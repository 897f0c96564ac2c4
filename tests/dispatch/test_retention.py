"""What is old is forgotten, in small batches, on both databases; what reports and audits need stays."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from dispatch.answering import Answers, PastOffer
from dispatch.appointment import Appointment, AppointmentState, DueKind, How
from dispatch.conversation import known_requester
from dispatch.effects import MatchWaiting
from dispatch.offer import Offer, OfferState
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.quality_tasks import Source, make
from dispatch.request import Need, Request, RequestState
from dispatch.retention import Keep
from dispatch.routing import Considered
from dispatch.settings import Settings
from dispatch.store import Store, Transaction
from tests.dispatch.people import officer
from tests.dispatch.requests import NOON
from tests.dispatch.test_store import a_request, filled

NEED = Need(("spa",), place="5th & Main", hints=("mam",), constraints=("female",))


def ended(name: str, at: datetime) -> Request:
    """A request that ended then, with an interpreter who came."""
    offer = Offer(f"{name}-1", "i1", OfferState.FINISHED, at, at, "in tier 1", accepted_at=at)
    return a_request(
        name, state=RequestState.COMPLETED, need=NEED, language="spa", created_at=at, ended_at=at, offers=(offer,)
    )


def lived(tx: Transaction, at: datetime, name: str) -> None:
    """One request's worth of everything, at that time."""
    tx.create_request(ended(name, at))
    tx.remember(f"CA{name}", "text", "", at)
    for effect_id in tx.put_effects(name, [MatchWaiting("i1")], at):
        tx.finish_effect(effect_id, at)
    tx.keep_decision(name, 1, "v1", [Considered("i1", True, "tier 1")], at)
    tx.raise_alert(name, "nobody was free", at)
    tx.clear_alert(tx.open_alerts()[0].id, at)
    tx.add_note(name, "dana", "she lives on 5th", at)
    tx.note_failure("203.0.113.7", at)
    tx.audit("dana", "cancelled", f"request {name}", "", at)


def counts(url: str, *tables: str) -> list[int]:
    """How many rows these tables have."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()) for table in tables]
    engine.dispose()
    return found


TABLES = ("inbox", "outbox", "decisions", "event_log", "alerts", "notes", "sign_in_failures")


def test_what_is_old_goes_and_requests_stay_for_reports_without_places_and_words(store: Store, store_url: str) -> None:
    filled(store, 1)
    long_ago = NOON - timedelta(days=200)
    with store.transaction() as tx:
        lived(tx, long_ago, "old")
        tx.keep_answers(
            "i1", Answers().after(PastOffer("i1", NOON - timedelta(days=400), True, 6.0), timedelta(days=60))
        )
    with store.transaction() as tx:
        tx.forget_old(Keep(), NOON)
    assert counts(store_url, *TABLES) == [0] * len(TABLES)
    with store.reading() as tx:
        request, answers = tx.request("old"), tx.answers()
    assert request is not None
    assert (request.need.place, request.need.hints, request.need.constraints) == ("", (), ("female",))
    assert (request.language, request.ended_at, len(request.offers)) == ("spa", long_ago, 1)
    assert answers == {}
    assert counts(store_url, "audit_log") == [1]


def test_a_callers_number_goes_with_their_last_request_unless_something_is_open(store: Store) -> None:
    filled(store, 1)
    old, recent = NOON - timedelta(days=181), NOON - timedelta(days=20)
    numbers = {name: PhoneNumber(f"+1617555020{at}") for at, name in enumerate("abcdef")}
    with store.transaction() as tx:
        for name, number in numbers.items():
            tx.add_requester(Requester(name, number, Role.COMMUNITY, "Ana", language="spa"))
            tx.create_request(replace(ended(f"r{name}", old), requester_id=name, role=Role.COMMUNITY))
        tx.create_request(ended("officers", old))
        tx.create_request(replace(ended("rb2", recent), requester_id="b", role=Role.COMMUNITY))
        tx.create_request(a_request("rc2", requester_id="c", created_at=recent, role=Role.COMMUNITY))
        tx.add_task(make(Source.COMPLAINT, "t1", "complaint:1", recent, requester_id="d"))
        tx.keep_apart("i1", "e", "neighbours", old)
        tx.refuse_asking("f", "said no", old)
        assert tx.forget_old(Keep(), NOON)["numbers"] == 4, "of a, b, c and the officer"
        assert "numbers" not in tx.forget_old(Keep(), NOON)
        known = {name for name, number in numbers.items() if tx.requester_by_number(number) is not None}
        assert known == {"b", "c", "d", "e", "f"}
        assert tx.requester_by_number(officer().number) is not None
        gone = tx.requester("a")
        assert gone is not None
        assert (gone.number.e164, gone.name, gone.language) == ("withheld:forgotten-a", "", None)
        request = tx.request("ra")
        assert request is not None
        assert request.language == "spa"
        # Who was spared for a newer request goes with that one; who calls again begins anew.
        assert tx.forget_old(Keep(), recent + timedelta(days=181))["numbers"] == 1
        assert tx.requester_by_number(numbers["b"]) is None
        assert known_requester(tx, numbers["a"]).id != "a"


def test_a_note_written_after_the_rest_was_forgotten_goes_in_its_turn(store: Store, store_url: str) -> None:
    filled(store, 1)
    with store.transaction() as tx:
        tx.create_request(ended("old", NOON - timedelta(days=100)))
        tx.forget_old(Keep(), NOON - timedelta(days=40))
        tx.add_note("old", "dana", "they complain only now", NOON - timedelta(days=31))
        tx.add_note("old", "dana", "and call again", NOON - timedelta(days=2))
        assert tx.forget_old(Keep(), NOON)["late_notes"] == 1
        assert [note.words for note in tx.notes_of("old")] == ["and call again"]


def test_what_is_recent_stays(store: Store, store_url: str) -> None:
    filled(store, 1)
    with store.transaction() as tx:
        lived(tx, NOON - timedelta(minutes=5), "new")
        before = tx.request("new")
    with store.transaction() as tx:
        assert tx.forget_old(Keep(), NOON) == {}
        assert tx.request("new") == before
    assert 0 not in counts(store_url, *TABLES)


def test_effects_that_wait_and_alerts_that_stand_are_kept_however_old(store: Store, store_url: str) -> None:
    filled(store, 1)
    with store.transaction() as tx:
        tx.put_effects(None, [MatchWaiting("i1")], NOON - timedelta(days=900))
        tx.raise_alert(None, "nobody was free", NOON)
        tx.create_request(a_request("open", need=NEED, created_at=NOON - timedelta(days=900)))
        assert tx.forget_old(Keep(), NOON) == {}
        request = tx.request("open")
    assert request is not None
    assert request.need.place == "5th & Main"
    assert counts(store_url, "outbox", "alerts") == [1, 1]


def test_a_round_forgets_few_rows_and_the_next_goes_on_from_there(store: Store, store_url: str) -> None:
    with store.transaction() as tx:
        for number in range(7):
            tx.remember(f"CA{number}", "text", "", NOON - timedelta(days=30))
            tx.log(None, "Told", {}, NOON - timedelta(days=300 - number))
    for left in (4, 1, 0):
        with store.transaction() as tx:
            tx.forget_old(Keep(), NOON, limit=3)
        assert counts(store_url, "inbox", "event_log") == [left, left]


def test_a_request_whose_details_are_forgotten_can_still_be_saved(store: Store) -> None:
    filled(store, 1)
    with store.transaction() as tx:
        lived(tx, NOON - timedelta(days=200), "old")
        tx.forget_old(Keep(), NOON)
        request = tx.request("old")
        assert request is not None
        tx.save(request, request, NOON)
    with store.transaction() as tx:
        assert "request_details" not in tx.forget_old(Keep(), NOON)


def test_the_agency_sets_how_long_things_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_KEEP_DECISIONS_DAYS", "14")
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert settings.keep == Keep(decisions=14)


def test_past_appointments_go_with_their_place_and_note_and_those_to_come_stay(store: Store, store_url: str) -> None:
    filled(store, 1)
    year_ago = NOON - timedelta(days=400)
    plain = Appointment("past", "7KQM", "o9001", Role.OFFICER, "spa", year_ago, 30, "UTC", How.IN_PERSON, "14 Elm St")
    done = replace(plain, state=AppointmentState.DONE, interpreter_id="i1")
    # One whose end was never written, as after a restored backup: it is past all the same.
    stuck = replace(plain, id="stuck", code="8KQM", note="ring twice").due(DueKind.END, year_ago)
    recent = replace(plain, id="recent", code="9KQM", starts=NOON - timedelta(days=3))
    ahead = replace(plain, id="ahead", code="4KQM", starts=NOON + timedelta(days=3)).due(DueKind.BEGIN, NOON)
    with store.transaction() as tx:
        for one in (done, stuck, recent, ahead):
            tx.add_appointment(one)
    with store.transaction() as tx:
        assert tx.forget_old(Keep(), NOON) == {"appointments": 2}
        assert {one.id for one in tx.open_appointments()} == {"recent", "ahead"}
    assert counts(store_url, "appointment_deadlines") == [1]


def test_the_agency_sets_how_long_past_appointments_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_KEEP_APPOINTMENTS_DAYS", "30")
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert settings.keep == Keep(appointments=30)
