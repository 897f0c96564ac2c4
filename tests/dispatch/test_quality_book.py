"""After a session: asking, answers, complaints, thanks, notes, breaks, certificates; the store on both databases."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from dispatch import events
from dispatch.after_session import QualityRules
from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook, Wish
from dispatch.conversation import new_request
from dispatch.effects import SendText
from dispatch.errors import AppointmentInvalid, QueueUnavailable
from dispatch.intake import Intake
from dispatch.offer import Offer, OfferState
from dispatch.people import Availability, Certificate, Interpreter, PhoneNumber, QuietHours, Requester, Role, Skill
from dispatch.quality_book import QualityBook
from dispatch.quality_tasks import Source, Task
from dispatch.request import Channel, Need
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY

CALLER = Requester("c1", PhoneNumber("+16175550150"), Role.COMMUNITY, language="spa")
ALWAYS = QuietHours(time(0), time(0))
RULES = QualityRules(quiet=ALWAYS)


class Town:
    """A store with people, its intake and its quality book, and a clock that is set by hand."""

    def __init__(self, store: Store, *people: Interpreter, rules: QualityRules = RULES) -> None:
        self.store = store
        self.at = NOON
        self.handed: list[str] = []
        self.intake = Intake(store, self, POLICY, self.handed.extend)
        self.book = QualityBook(store, self, rules, self.handed.extend)
        self._sids = 0
        with store.transaction() as tx:
            for one in (officer(), CALLER):
                tx.add_requester(one)
            for person in people or (interpreter(1, "spa", tier=3),):
                tx.put_interpreter(person)

    def now(self) -> datetime:
        """The clock."""
        return self.at

    def session(self, requester: Requester = CALLER, language: str = "spa") -> str:
        """Somebody asks, is connected, talks and hangs up; returns the request's id."""
        with self.store.transaction() as tx:
            request = new_request(requester, Channel.TEXT, self.at)
            tx.create_request(request)
        self.intake.report(request.id, events.TextReceived(Need(languages=(language,)), language))
        self.intake.find_interpreters(request.id, 1)
        with self.store.reading() as tx:
            found = tx.request(request.id)
        assert found is not None
        theirs, mine = found.open_offers[0].id, f"{request.id}-2"
        self.intake.report(request.id, events.CallPlaced(theirs, f"CA1{request.id}"))
        self.intake.report(request.id, events.LegAnswered(theirs))
        self.intake.report(request.id, events.OfferAnswered(theirs, True))
        for event in (events.CallPlaced(mine, f"CA2{request.id}"), events.LegAnswered(mine), events.LegJoined(mine)):
            self.intake.report(request.id, event)
        self.intake.report(request.id, events.LegJoined(theirs))
        self.at += timedelta(minutes=5)
        self.intake.report(request.id, events.CallEnded(mine, "completed"))
        return request.id

    def passes(self, minutes: float = 2) -> list[str]:
        """Time passes and the ticker goes round; returns what is texted because of it."""
        self.at += timedelta(minutes=minutes)
        self.handed.clear()
        self.book.plan()
        self.book.deadlines()
        return self.sent()

    def texts(self, who: Requester | Interpreter, body: str) -> list[str]:
        """Somebody texts; returns what is texted because of it."""
        self.handed.clear()
        self._sids += 1
        self.intake.text(f"SM{self._sids}", who.number, body)
        return self.sent()

    def sent(self) -> list[str]:
        """Who was texted what, in which language, from what was handed to the queue last."""
        with self.store.reading() as tx:
            found = [stored.effect for one in self.handed if (stored := tx.effect(one)) is not None]
        return [f"{one.person_id} {one.key} {one.language}" for one in found if isinstance(one, SendText)]

    def tasks(self) -> list[Task]:
        """Open tasks."""
        with self.store.reading() as tx:
            return tx.open_tasks(roster_only=False)


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, for what does not depend on the database."""
    made = Store(f"sqlite:///{tmp_path / 'store.sqlite3'}", KEY)
    made.migrate()
    yield made
    made.close()


VOLUNTEER = interpreter(1, "spa", tier=3)
ASKED = ["c1 rating_ask spa", "i1 interpreter_thanks eng"]


def test_caller_and_volunteer_are_texted_once_a_minute_after_the_session(store: Store) -> None:
    town = Town(store)
    town.session()
    assert town.passes(0.5) == []
    assert town.passes() == ASKED
    assert town.passes() == []
    town.session()
    assert town.passes() == [], "not asked again within the week, nor thanked twice a day"


def test_an_officer_is_asked_in_english_and_the_answer_counts_for_the_language_of_the_session(light: Store) -> None:
    town = Town(light)
    request_id = town.session(officer())
    assert town.passes()[0] == "o9001 officer_rating_ask eng"
    assert town.texts(officer(), "five stars") == ["o9001 officer_rating_thanks eng"]
    with light.reading() as tx:
        assert [(one.value, one.words) for one in tx.ratings_of(request_id)] == [(5, "")]
        assert [(one.language, one.value) for one in tx.rated_between(NOON, town.at + timedelta(1))] == [("spa", 5)]
    assert town.tasks() == []


def test_a_low_rating_makes_one_task_and_its_words_are_sealed_and_forgotten(store: Store, store_url: str) -> None:
    town = Town(store)
    request_id = town.session()
    town.passes()
    assert town.texts(CALLER, "١, no entendía nada") == ["c1 rating_thanks spa"]
    (task,) = town.tasks()
    assert (task.source, task.what, task.interpreter_id) == (Source.LOW_RATING, "Rated 1 of 5, with words", "i1")
    with store.reading() as tx:
        assert tx.ratings_of(request_id)[0].words == "no entendía nada"
    engine = create_engine(store_url)
    with engine.connect() as raw:
        assert "entend" not in "".join(raw.execute(text("SELECT words_sealed FROM ratings")).scalars())
    engine.dispose()
    town.at += timedelta(days=91)
    town.book.forget()
    with store.reading() as tx:
        assert [(one.value, one.words) for one in tx.ratings_of(request_id)] == [(1, "")]


def test_words_with_a_good_rating_make_a_task_too_and_thanks_alone_do_not(light: Store) -> None:
    town = Town(light)
    town.session(officer())
    town.at += timedelta(minutes=30)
    town.session()
    town.passes()
    town.texts(CALLER, "5 gracias")
    assert town.tasks() == []
    town.texts(officer(), "4 the line crackled")
    assert [one.source for one in town.tasks()] == [Source.WORDS]


def test_the_same_rating_delivered_five_times_counts_once(light: Store) -> None:
    town = Town(light)
    request_id = town.session()
    town.passes()
    for _ in range(5):
        town.intake.text("SM-the-same", CALLER.number, "1")
    with light.reading() as tx:
        assert len(tx.ratings_of(request_id)) == 1
    assert len(town.tasks()) == 1


def test_a_number_that_is_none_of_the_five_is_asked_about_again_and_the_right_one_counts(light: Store) -> None:
    town = Town(light)
    town.session()
    town.passes()
    assert town.texts(CALLER, "10") == ["c1 rating_again spa"]
    assert town.texts(CALLER, "3") == ["c1 rating_thanks spa"]
    assert "rating" not in " ".join(town.texts(CALLER, "4")), "the second number answers nothing"


def test_an_interpreters_one_accepts_the_offer_that_rings(light: Store) -> None:
    both = Requester("c7", interpreter(1).number, Role.OFFICER, "Rosa")
    town = Town(light, interpreter(1, "spa"), interpreter(2, "hat"))
    with light.transaction() as tx:
        tx.add_requester(both)
    town.session(both, "hat")
    assert town.passes() == ["c7 officer_rating_ask eng"]
    with light.transaction() as tx:
        request = new_request(CALLER, Channel.TEXT, town.at)
        tx.create_request(request)
    town.intake.report(request.id, events.TextReceived(Need(languages=("spa",)), "spa"))
    town.intake.find_interpreters(request.id, 1)
    assert "i1 interpreter_accepted eng" in town.texts(interpreter(1), "1")
    assert town.tasks() == []


def test_an_officers_new_request_wins_over_the_rating(light: Store) -> None:
    town = Town(light)
    town.session(officer())
    town.passes()
    assert town.texts(officer(), "2 people, spanish") == ["o9001 officer_understood eng"]
    assert "rating" not in " ".join(town.texts(officer(), "1")), "what is open is answered first"
    with light.reading() as tx:
        assert len(tx.open_requests()) == 1
    assert town.tasks() == []


def test_a_late_number_is_no_rating(light: Store) -> None:
    town = Town(light)
    town.session()
    town.passes()
    town.at += timedelta(hours=25)
    assert "rating" not in " ".join(town.texts(CALLER, "1"))


def test_who_texts_noask_is_asked_nothing_more_until_askme(store: Store) -> None:
    town = Town(store, VOLUNTEER, rules=replace(RULES, every=timedelta(0)))
    assert town.texts(CALLER, "NOASK") == ["c1 rating_off spa"]
    assert town.texts(VOLUNTEER, "no ask.") == ["i1 interpreter_rating_off eng"]
    town.session()
    assert town.passes() == []
    assert town.texts(CALLER, "askme") == ["c1 rating_on spa"]
    town.session()
    assert town.passes() == ["c1 rating_ask spa"]


def test_a_complaint_makes_a_task_and_ends_the_asking(store: Store) -> None:
    town = Town(store)
    request_id = town.session()
    assert town.texts(CALLER, "QUEJA: se rió de mí") == ["c1 rating_complaint spa"]
    (task,) = town.tasks()
    assert (task.source, task.words, task.request_id) == (Source.COMPLAINT, "se rió de mí", request_id)
    assert (task.interpreter_id, task.requester_id) == ("i1", "c1")
    assert town.passes() == ["i1 interpreter_thanks eng"], "whoever complained is not asked for stars"


@pytest.mark.parametrize(
    ("sat", "meant"),
    [
        ((), None),
        ((("i1", 2, 1),), "i1"),
        ((("i1", 2, 1), ("i2", 5, 1)), "i2"),
        ((("i1", 5, 1), ("i2", 2, 1)), "i1"),
        ((("i1", 2, 1), ("i2", 5, 2)), None),
    ],
)
def test_a_remark_is_about_who_spoke_last_and_of_a_relay_about_nobody_in_particular(
    sat: tuple[tuple[str, int, int], ...], meant: str | None
) -> None:
    offers = [
        Offer(f"r1-{n}", who, OfferState.FINISHED, NOON, seat=seat, accepted_at=NOON + timedelta(minutes=minute))
        for n, (who, minute, seat) in enumerate(sat)
    ]
    asked_in_vain = Offer("r1-9", "i9", OfferState.EXPIRED, NOON)
    session = replace(new_request(CALLER, Channel.VOICE, NOON), offers=(asked_in_vain, *offers))
    assert session.spoken_by == meant


def test_a_complaint_from_an_unknown_telephone_and_one_that_tells_of_danger(light: Store) -> None:
    town = Town(light)
    stranger = Requester("x", PhoneNumber("+16175550777"), Role.COMMUNITY)
    town.texts(stranger, "Complaint, he wants to kill me")
    (task,) = town.tasks()
    assert task.request_id is None
    with light.reading() as tx:
        assert "suggests danger" in tx.open_alerts()[0].reason


def test_a_text_that_cannot_be_delivered_is_the_last_one_and_alarms_nobody(light: Store) -> None:
    town = Town(light, rules=replace(RULES, every=timedelta(0)))
    town.session()
    assert town.passes()[0] == "c1 rating_ask spa"
    town.intake.text_failed(town.handed[0], 30006)
    with light.reading() as tx:
        assert tx.open_alerts() == []
    town.session()
    assert town.passes() == []


# -- interpreters ------------------------------------------------------------------------------------------------------


def test_a_note_of_the_interpreter_is_on_the_request(store: Store) -> None:
    town = Town(store)
    request_id = town.session()
    assert town.texts(VOLUNTEER, "NOTE: dialect from Huehuetenango, line was weak") == ["i1 interpreter_note_kept eng"]
    assert town.texts(VOLUNTEER, "note") == ["i1 interpreter_note_how eng"]
    with store.reading() as tx:
        (note,) = tx.notes_of(request_id)
    assert note.account == "Interpreter 1, by text"
    assert note.words == "dialect from Huehuetenango, line was weak"
    town.at += timedelta(days=2)
    assert town.texts(VOLUNTEER, "note late") == ["i1 interpreter_note_none eng"]


@pytest.mark.parametrize(("body", "minutes"), [("BREAK", 30), ("break 45", 45), ("need a break for 2 hours", 120)])
def test_a_break_is_given_without_question(light: Store, body: str, minutes: int) -> None:
    town = Town(light)
    assert town.texts(VOLUNTEER, body) == ["i1 interpreter_break eng"]
    with light.reading() as tx:
        one = tx.interpreter("i1")
    assert (one.availability, one.busy_until) == (Availability.BUSY, town.at + timedelta(minutes=minutes))


def test_a_break_while_the_phone_rings_declines(light: Store) -> None:
    town = Town(light)
    with light.transaction() as tx:
        request = new_request(CALLER, Channel.TEXT, town.at)
        tx.create_request(request)
    town.intake.report(request.id, events.TextReceived(Need(languages=("spa",)), "spa"))
    town.intake.find_interpreters(request.id, 1)
    assert "i1 interpreter_break eng" in town.texts(VOLUNTEER, "break")
    with light.reading() as tx:
        found = tx.request(request.id)
    assert found is not None
    assert found.open_offers == ()


def test_a_letter_tells_of_the_line_and_c_makes_a_task(light: Store) -> None:
    town = Town(light)
    request_id = town.session()
    town.passes()
    assert town.texts(VOLUNTEER, "c") == ["i1 interpreter_line_thanks eng"]
    assert [(one.source, one.request_id) for one in town.tasks()] == [(Source.LINE, request_id)]
    with light.reading() as tx:
        assert [(one.kind, one.value) for one in tx.ratings_of(request_id)] == [("line", 3)]


def test_who_is_held_back_is_not_asked_until_it_is_cleared_and_the_reason_is_told(store: Store) -> None:
    town = Town(store, interpreter(1), interpreter(2))
    with store.transaction() as tx:
        tx.hold_back("i1", "", "a complaint is looked into", "dana", town.at)
        tx.hold_back("i2", "custodial", "a complaint is looked into", "dana", town.at)
        request = new_request(officer(), Channel.TEXT, town.at)
        tx.create_request(request)
    town.intake.report(request.id, events.TextReceived(Need(languages=("spa",)), "spa"))
    town.intake.find_interpreters(request.id, 2)
    with store.reading() as tx:
        found = tx.request(request.id)
        (why,) = tx.decisions_of(request.id)
    assert found is not None
    assert [offer.interpreter_id for offer in found.open_offers] == ["i2"]
    reasons = {one.interpreter_id: one.reason for one in why.considered}
    assert reasons["i1"] == "not asked until it is cleared: a complaint is looked into"
    book = AppointmentBook(store, town, Rules(), lambda ids: None)
    wish = Wish(officer().number, "spa", town.at + timedelta(days=1), "UTC", interpreter="1")
    with pytest.raises(AppointmentInvalid, match="not asked until"):
        book.add(wish)
    with store.transaction() as tx:
        assert tx.let_again("i1", "")
        assert not tx.let_again("i1", "")
    assert book.add(wish).interpreter_id == "i1"


# -- certificates ------------------------------------------------------------------------------------------------------

ENDS = date(2026, 5, 3)  # sixty days after NOON's day


def certified(expires: date | None = ENDS) -> Interpreter:
    """An interpreter whose Spanish certificate ends."""
    return replace(interpreter(1), skills=(Skill("spa", 4, Certificate.CERTIFIED, expires),))


def test_a_certificate_is_reminded_of_at_each_stage_once_and_its_end_is_told(store: Store) -> None:
    town = Town(store, certified())
    told: list[tuple[date, str]] = []
    for day in (0, 1, 29, 30, 31, 53, 54, 60, 61, 62):
        town.at = datetime(2026, 3, 4, 12, 0, tzinfo=UTC) + timedelta(days=day)
        told += [(town.at.date(), one) for one in (*town.passes(0), *town.passes(0))]
    assert told == [
        (date(2026, 3, 4), "i1 interpreter_certificate_ends eng"),
        (date(2026, 4, 3), "i1 interpreter_certificate_ends eng"),
        (date(2026, 4, 26), "i1 interpreter_certificate_ends eng"),
        (date(2026, 5, 4), "i1 interpreter_certificate_ended eng"),
    ]
    assert [one.what for one in town.tasks()] == [
        "1: certified in Spanish ends 2026-05-03",
        "1: certified in Spanish ended 2026-05-03; not asked where it is needed",
    ]
    with store.reading() as tx:
        assert len(tx.open_tasks(roster_only=True)) == 2


def test_a_certificate_entered_late_is_reminded_of_once(light: Store) -> None:
    town = Town(light, certified(date(2026, 3, 9)))
    assert town.passes(0) == ["i1 interpreter_certificate_ends eng"]
    assert town.passes(0) == []


def test_a_renewed_certificate_and_an_interpreter_who_left_are_not_reminded(light: Store) -> None:
    town = Town(light, certified())
    town.book.plan()
    with light.transaction() as tx:
        tx.put_interpreter(certified(date(2028, 1, 1)))
    assert town.passes() == []
    with light.transaction() as tx:
        tx.put_interpreter(certified())
        tx.retire("i1", town.at)
    assert town.passes() == []
    assert town.tasks() == []


def test_reminders_keep_the_interpreters_quiet_hours(light: Store) -> None:
    town = Town(light, certified(date(2026, 3, 9)), rules=QualityRules(zone="America/New_York"))
    town.at = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # ten in the evening
    assert town.passes() == []
    town.at = datetime(2026, 3, 5, 13, 1, tzinfo=UTC)
    assert town.passes() == ["i1 interpreter_certificate_ends eng"]


def test_two_tickers_at_once_send_each_text_once(store: Store) -> None:
    town = Town(store, replace(certified(date(2026, 3, 9)), tier=3))
    town.session()
    town.at += timedelta(minutes=2)
    town.handed.clear()
    ready = threading.Barrier(3)

    def tick() -> None:
        book = QualityBook(store, town, RULES, town.handed.extend)
        ready.wait()
        book.plan()
        book.deadlines()

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    town.book.deadlines()
    assert sorted(town.sent()) == sorted([*ASKED, "i1 interpreter_certificate_ends eng"])


def test_a_process_that_dies_before_the_end_has_sent_nothing_and_the_next_one_does(store: Store) -> None:
    town = Town(store)
    town.session()
    town.at += timedelta(minutes=2)

    def dies() -> None:
        with store.transaction() as tx:
            assert all(tx.take_due(kind, subject, town.at) for kind, subject in tx.quality_due(town.at, 10))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dies()
    assert town.passes(0) == ASKED


def test_texts_wait_in_the_outbox_while_the_queue_is_down(light: Store) -> None:
    def down(ids: Sequence[str]) -> None:
        raise QueueUnavailable("down")

    town = Town(light)
    town.session()
    town.at += timedelta(minutes=2)
    QualityBook(light, town, RULES, down).deadlines()
    with light.reading() as tx:
        waiting = [one.effect for one in tx.stale_effects(town.at + timedelta(minutes=1), 50)]
    assert {one.key for one in waiting if isinstance(one, SendText)} >= {"rating_ask", "interpreter_thanks"}
