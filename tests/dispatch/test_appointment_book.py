"""The book of appointments on both databases: booking, texts, what is due, and the request at the hour."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from dispatch import events, task_deeds
from dispatch.appointment import AppointmentState, How
from dispatch.appointment_book import AppointmentBook, Wish
from dispatch.appointment_steps import Rules
from dispatch.effects import PlaceCall, SendText
from dispatch.errors import AppointmentInvalid, QueueUnavailable, RequestUnknown, ShiftInvalid, UnknownInterpreter
from dispatch.intake import Intake
from dispatch.people import Availability, Certificate, PhoneNumber, Skill, Terms
from dispatch.quality_tasks import Source, make
from dispatch.request import DeadlineKind, RequestState
from dispatch.shifts import Calendar
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from tests.dispatch.test_shifts import BOSTON, off, shift

MORNING = NOON + timedelta(hours=3)  # 10:00 in Boston
STARTS = MORNING + timedelta(days=7)


class Town:
    """A store with an officer and interpreters, its book and its intake, and a clock that is set by hand."""

    def __init__(self, store: Store, *numbers: int) -> None:
        self.store = store
        self.at = MORNING
        self.handed: list[str] = []
        self.intake = Intake(store, self, POLICY, self.handed.extend)
        self.book = AppointmentBook(store, self, Rules(), self.handed.extend)
        self._sids = 0
        with store.transaction() as tx:
            tx.add_requester(officer())
            for number in numbers:
                tx.put_interpreter(interpreter(number))

    def now(self) -> datetime:
        """The clock."""
        return self.at

    def books(self, **changed: object) -> str:
        """An appointment by phone in a week, as changed; returns its code."""
        wish = Wish(officer().number, "spa", STARTS, BOSTON)
        return self.book.add(replace(wish, **changed)).code  # type: ignore[arg-type]

    def texts(self, number: int, body: str) -> list[str]:
        """Interpreter `number` texts; returns what is texted because of it."""
        self.handed.clear()
        self._sids += 1
        self.intake.text(f"SM{self._sids}", interpreter(number).number, body)
        return self.sent()

    def passes(self, time: timedelta = timedelta(0)) -> list[str]:
        """Time passes and the ticker goes round; returns what is texted because of it."""
        self.at += time
        self.handed.clear()
        while self.book.deadlines(self.intake):
            pass
        return self.sent()

    def sent(self) -> list[str]:
        """Who was texted what, from what was handed to the queue last."""
        with self.store.reading() as tx:
            found = [stored.effect for one in self.handed if (stored := tx.effect(one)) is not None]
        return [f"{one.person_id} {one.key}" for one in found if isinstance(one, SendText)]

    def state(self, code: str) -> tuple[AppointmentState, str | None]:
        """How an appointment stands, and who has it."""
        with self.store.reading() as tx:
            found = tx.appointment_by_code(code)
        assert found is not None
        return found.state, found.interpreter_id

    def alerts(self) -> list[str]:
        """What the dispatcher is shown."""
        with self.store.reading() as tx:
            return [alert.reason for alert in tx.open_alerts()]


def test_an_appointment_comes_back_whole_and_is_sealed_where_it_says_something(store: Store, store_url: str) -> None:
    town = Town(store, 1)
    code = town.books(how=How.IN_PERSON, place="14 Elm Street", note="ring twice", interpreter="1", encounter="medical")
    assert town.sent() == ["o9001 officer_appointment_booked", "i1 interpreter_appointment_booked"]
    with store.reading() as tx:
        (found,) = tx.open_appointments()
        assert tx.appointment_by_code(code.lower()) == found
    assert (found.place, found.note, found.encounter, found.minutes) == ("14 Elm Street", "ring twice", "medical", 30)
    assert (found.starts, found.zone, found.interpreter_id, found.version) == (STARTS, BOSTON, "i1", 1)
    assert len(found.dues) == 3
    engine = create_engine(store_url)
    with engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM appointments")).one())
    engine.dispose()
    assert "Elm" not in row
    assert "twice" not in row


def test_place_and_note_are_forgotten_when_it_is_over(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(how=How.IN_PERSON, place="14 Elm Street", note="ring twice", interpreter="1")
    assert town.book.call_off(code, "dispatcher").state is AppointmentState.CANCELLED
    with store.reading() as tx:
        found = tx.appointment_by_code(code)
    assert found is not None
    assert (found.place, found.note, found.dues) == ("", "", ())


def test_reminders_go_out_once_however_often_the_ticker_looks(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    assert town.passes(timedelta(days=6)) == [
        "i1 interpreter_appointment_reminder",
        "o9001 officer_appointment_reminder",
    ]
    assert town.passes() == []
    assert town.texts(1, f"CAN {code}") == ["i1 interpreter_appointment_confirmed"]
    assert town.state(code) == (AppointmentState.CONFIRMED, "i1")


def test_an_interpreter_cancels_by_text_and_the_next_eligible_one_takes_over(store: Store) -> None:
    town = Town(store, 1, 2, 3, 4, 5, 6)
    with store.transaction() as tx:
        tx.replace_calendar("i2", Calendar(time_off=(off("2026-03-11T00:00", "2026-03-12T00:00"),)), NOON)
        tx.replace_calendar("i3", Calendar((shift("18:00", "22:00"),)), NOON)
    town.books(interpreter="4")
    code = town.books(interpreter="1")
    assert town.texts(1, f"can't {code.lower()}.") == ["i1 interpreter_appointment_declined"]
    assert town.texts(1, f"CANT {code}") == ["i1 interpreter_appointment_declined"]
    assert town.state(code) == (AppointmentState.CANCELLED_BY_INTERPRETER, None)
    assert town.passes() == ["i5 interpreter_appointment_ask", "i6 interpreter_appointment_ask"]
    assert town.texts(6, f"can {code}") == [
        "i6 interpreter_appointment_booked",
        "o9001 officer_appointment_replaced",
        "i5 interpreter_appointment_taken",
    ]
    assert town.state(code) == (AppointmentState.REPLACED, "i6")
    assert town.texts(5, f"ok {code}") == ["i5 interpreter_appointment_taken"]
    assert town.alerts() == []


def test_when_nobody_can_the_dispatcher_is_told(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    town.texts(1, f"CANT {code}")
    assert town.passes() == []
    assert [alert[:32] for alert in town.alerts()] == ["Nobody left to ask for Appointme"]


def test_the_same_text_delivered_five_times_is_acted_on_once(store: Store) -> None:
    town = Town(store, 1, 2)
    code = town.books(interpreter="1")
    for _ in range(5):
        town.intake.text("SM-the-same", interpreter(1).number, f"CANT {code}")
    assert town.passes() == ["i2 interpreter_appointment_ask"]


def test_a_code_of_somebody_elses_appointment_does_nothing_for_a_stranger(store: Store) -> None:
    town = Town(store, 1, 2)
    code = town.books(interpreter="1")
    assert town.texts(2, f"CANT {code}") == ["i2 interpreter_no_offer"]
    town.handed.clear()
    town.intake.text("SM-stranger", PhoneNumber("+16175550777"), f"DROP {code}")
    assert town.state(code) == (AppointmentState.BOOKED, "i1")


def test_a_requester_calls_it_off_by_text_and_hears_so_again_when_they_repeat_it(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    town.handed.clear()
    town.intake.text("SM-1", officer().number, f"drop {code}")
    assert town.sent() == ["o9001 officer_appointment_off", "i1 interpreter_appointment_off"]
    town.handed.clear()
    town.intake.text("SM-2", officer().number, f"DROP {code}")
    assert town.sent() == ["o9001 officer_appointment_off"]
    assert town.state(code)[0] is AppointmentState.CANCELLED


def test_an_interpreter_who_has_another_appointment_by_now_is_told_so(store: Store) -> None:
    town = Town(store, 1, 2)
    first = town.books()
    assert town.passes() == ["i1 interpreter_appointment_ask", "i2 interpreter_appointment_ask"]
    town.books(interpreter="1", starts=STARTS + timedelta(minutes=15))
    assert town.texts(1, f"CAN {first}") == ["i1 interpreter_appointment_busy"]
    assert town.state(first) == (AppointmentState.BOOKED, None)


def test_two_interpreters_accept_in_the_same_millisecond_and_one_has_it(store: Store) -> None:
    town = Town(store, 1, 2, 3)
    code = town.books()
    town.passes()
    ready = threading.Barrier(3)

    def accept(number: int) -> None:
        ready.wait()
        town.intake.text(f"SM-{number}", interpreter(number).number, f"CAN {code}")

    threads = [threading.Thread(target=accept, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state, who = town.state(code)
    assert state is AppointmentState.CONFIRMED
    with store.reading() as tx:
        (found,) = tx.open_appointments()
    assert sorted(one.answer.value for one in found.asked) == ["taken", "taken", "yes"]
    assert found.answer_of(who or "") == "yes"


def test_one_interpreter_who_is_wanted_twice_at_once_is_booked_once(store: Store) -> None:
    town = Town(store, 1)
    ready = threading.Barrier(4)
    refused: list[str] = []

    def book(_: int) -> None:
        ready.wait()
        try:
            town.books(interpreter="1")
        except AppointmentInvalid as error:
            refused.append(str(error))

    threads = [threading.Thread(target=book, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["Interpreter 1 has another appointment at that time."] * 3


# -- the hour ----------------------------------------------------------------------------------------------------------


def calls(store: Store, handed: Sequence[str]) -> list[str]:
    """Whose phones ring."""
    with store.reading() as tx:
        found = [stored.effect for one in handed if (stored := tx.effect(one)) is not None]
    return [one.person_id for one in found if isinstance(one, PlaceCall)]


def test_at_its_hour_a_request_is_opened_that_rings_the_booked_interpreter_alone_even_when_off(store: Store) -> None:
    town = Town(store, 1, 2)
    code = town.books(interpreter="1", encounter="medical")
    with store.transaction() as tx:
        tx.set_availability("i1", Availability.OFF, None, NOON)
    town.passes(timedelta(days=6))
    sent = town.passes(timedelta(days=1))
    assert sent[-1] == "o9001 officer_appointment_begins"
    assert calls(store, town.handed) == ["i1"]
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert (request.state, request.language, request.need.encounter) == (RequestState.OFFERING, "spa", "medical")
    assert request.offers[0].reason == "booked for this appointment"
    with store.reading() as tx:
        seq = tx.last_seq()
    for _ in range(3):
        town.passes(timedelta(seconds=10))
    with store.reading() as tx:
        assert len(tx.open_requests()) == 1
        assert tx.last_seq() == seq, "looking at it is no news"
    assert town.state(code) == (AppointmentState.RUNNING, "i1")


def test_at_its_hour_without_an_interpreter_whoever_is_free_is_rung(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    town.texts(1, f"CANT {code}")
    with store.transaction() as tx:
        tx.put_interpreter(interpreter(2))
        tx.set_availability("i1", Availability.OFF, None, NOON)
    town.at = STARTS
    while town.book.deadlines(town.intake):
        pass
    assert calls(store, town.handed) == ["i2"]


def test_a_booked_interpreter_who_is_in_a_session_is_not_rung_twice(store: Store) -> None:
    town = Town(store, 1, 2)
    town.books(interpreter="1")
    with store.transaction() as tx:
        tx.set_availability("i2", Availability.OFF, None, NOON)
    town.at = STARTS
    town.intake.text("SM-now", PhoneNumber("+16175550777"), "spanish")
    with store.reading() as tx:
        (other,) = tx.open_requests()
    town.intake.find_interpreters(other.id, 1)
    with store.transaction() as tx:
        tx.set_availability("i2", Availability.ON, None, NOON)
    town.passes()
    assert calls(store, town.handed) == ["i2"]


@pytest.mark.parametrize(("connected", "state"), [(True, AppointmentState.DONE), (False, AppointmentState.MISSED)])
def test_it_ends_as_its_request_ends(store: Store, connected: bool, state: AppointmentState) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    town.at = STARTS
    town.passes()
    with store.transaction() as tx:
        (request,) = tx.open_requests()
        over = replace(request, state=RequestState.COMPLETED if connected else RequestState.CANCELLED, deadlines=())
        tx.save(request, replace(over, ended_at=town.at, connected_at=town.at if connected else None), town.at)
    town.passes(timedelta(minutes=1))
    assert town.state(code)[0] is state
    assert len(town.alerts()) == (0 if connected else 1)


def test_a_crash_between_the_request_and_its_search_is_made_good_by_the_next_round(store: Store) -> None:
    town = Town(store, 1)
    town.books(interpreter="1")
    town.at = STARTS
    while town.book.deadlines(_Dead()):  # type: ignore[arg-type]
        with store.reading() as tx:
            if tx.open_requests():
                break
    with store.reading() as tx:
        (request,) = tx.open_requests()
        assert (request.state, request.offers) == (RequestState.MATCHING, ())
    town.passes()
    assert calls(store, town.handed) == ["i1"]


def test_an_appointment_that_cannot_be_kept_does_not_hold_up_the_next(store: Store) -> None:
    town = Town(store, 1, 2)
    town.books(interpreter="1")
    second = town.books(interpreter="2")
    town.at = STARTS
    town.book.deadlines(_Broken())  # type: ignore[arg-type]
    town.book.deadlines(_Broken())  # type: ignore[arg-type]
    assert town.state(second)[0] is AppointmentState.RUNNING
    town.passes()
    assert sorted(calls(store, town.handed)) == ["i1", "i2"]


class _Dead:
    """An intake that must not be reached yet."""

    policy = POLICY


class _Broken:
    """An intake that cannot do what it is asked for."""

    policy = POLICY

    def report(self, request_id: str, event: object) -> None:
        """Raises RequestUnknown."""
        raise RequestUnknown("gone")


def test_texts_wait_in_the_outbox_while_the_queue_is_down(store: Store) -> None:
    def down(ids: Sequence[str]) -> None:
        raise QueueUnavailable("down")

    town = Town(store, 1)
    book = AppointmentBook(store, town, Rules(), down)
    book.add(Wish(officer().number, "spa", STARTS, BOSTON, interpreter="1"))
    with store.reading() as tx:
        assert len(tx.stale_effects(town.at + timedelta(minutes=1), 10)) == 2


def test_who_sits_with_somebody_in_person_is_rung_for_nobody_until_it_is_over(store: Store) -> None:
    town = Town(store, 1, 2)
    for number in (1, 2):
        town.books(interpreter=str(number), how=How.IN_PERSON, place="City Hall")
    with store.transaction() as tx:
        tx.set_availability("i2", Availability.OFF, None, NOON)
    town.at = STARTS
    town.passes()
    with store.reading() as tx:
        assert not tx.interpreter("i1").can_be_rung(STARTS)
        assert tx.interpreter("i1").can_be_rung(STARTS + timedelta(minutes=30))
        assert tx.interpreter("i2").availability is Availability.OFF


# -- who may not meet ------------------------------------------------------------------------------------------------


def test_who_is_kept_apart_from_the_requester_is_neither_asked_nor_booked(store: Store) -> None:
    town = Town(store, 1, 2)
    with store.transaction() as tx:
        tx.keep_apart("i1", "o9001", "they are neighbours", NOON)
    with pytest.raises(AppointmentInvalid, match="kept apart from this requester"):
        town.books(interpreter="1")
    code = town.books()
    assert town.passes() == ["i2 interpreter_appointment_ask"]
    with store.transaction() as tx:
        tx.keep_apart("i2", "o9001", "they are cousins", NOON)
    assert town.texts(2, f"CAN {code}") == ["i2 interpreter_appointment_taken"]
    assert town.state(code) == (AppointmentState.BOOKED, None)


def test_who_is_kept_apart_after_the_booking_is_replaced_and_told_no_reason(store: Store) -> None:
    town = Town(store, 1, 2)
    code = town.books(how=How.IN_PERSON, place="14 Elm Street", interpreter="1")
    complaint = make(Source.COMPLAINT, "t1", "complaint:1", MORNING, requester_id="o9001", interpreter_id="i1")
    with store.transaction() as tx:
        tx.add_task(complaint)
        task_deeds.keep_apart(tx, complaint, "dana", MORNING)
        waiting = [one.effect for one in tx.stale_effects(MORNING + timedelta(minutes=1), 9)]
    assert [one.key for one in waiting if isinstance(one, SendText)][-1] == "interpreter_appointment_taken"
    assert town.state(code) == (AppointmentState.CANCELLED_BY_INTERPRETER, None)
    assert "i2 interpreter_appointment_ask" in town.passes()
    assert town.texts(2, f"can {code}") == ["i2 interpreter_appointment_booked", "o9001 officer_appointment_replaced"]
    assert town.texts(1, f"can {code}") != ["i1 interpreter_appointment_booked"]


@pytest.mark.parametrize("since", ["kept apart", "left"])
def test_who_was_booked_and_may_not_meet_them_any_more_is_not_rung_at_the_hour(store: Store, since: str) -> None:
    town = Town(store, 1, 2)
    town.books(interpreter="1")
    with store.transaction() as tx:
        if since == "left":
            tx.retire("i1", NOON)
        else:
            tx.keep_apart("i1", "o9001", "they are neighbours", NOON)
    town.at = STARTS
    town.passes()
    assert calls(store, town.handed) == ["i2"]


def test_who_has_left_is_not_booked(store: Store) -> None:
    town = Town(store, 1)
    with store.transaction() as tx:
        tx.retire("i1", NOON)
    with pytest.raises(AppointmentInvalid, match="has left"):
        town.books(interpreter="1")


def test_only_who_has_the_credential_that_the_meeting_asks_for_is_asked(store: Store) -> None:
    town = Town(store, 1, 2)
    with store.transaction() as tx:
        tested = Skill("spa", 4, Certificate.TESTED)
        tx.put_interpreter(replace(interpreter(3), skills=(tested,), tier=3))
        tx.put_interpreter(replace(interpreter(4), skills=(tested,), terms=Terms(not_for=("victim",))))
        tx.put_interpreter(replace(interpreter(5), skills=(tested,), terms=Terms(channels=("in_person",))))
    town.books(encounter="victim")
    assert town.passes() == ["i3 interpreter_appointment_ask"]


def test_where_the_booked_interpreter_does_not_come_the_search_is_stretched_like_any_other(store: Store) -> None:
    town = Town(store, 1)
    town.books(interpreter="1")
    town.at = STARTS
    town.passes()
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert not [due for due in request.deadlines if due.kind is DeadlineKind.ESCALATE]
    town.intake.report(request.id, events.OfferAnswered(request.offers[0].id, accepted=False))
    town.intake.find_interpreters(request.id, 1)
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert [due for due in request.deadlines if due.kind is DeadlineKind.ESCALATE]


# -- what cannot be ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "error", "told"),
    [
        ({"starts": MORNING}, AppointmentInvalid, "a time to come"),
        ({"starts": MORNING + timedelta(days=800)}, AppointmentInvalid, "two years ahead"),
        ({"minutes": 0}, AppointmentInvalid, "5 to 720 minutes, not 0"),
        ({"minutes": 1000}, AppointmentInvalid, "not 1000"),
        ({"language": "ase"}, AppointmentInvalid, "cannot be interpreted by phone"),
        ({"how": How.IN_PERSON, "place": " "}, AppointmentInvalid, "needs a place"),
        ({"interpreter": "1", "language": "fra"}, AppointmentInvalid, "does not speak French"),
        (
            {"interpreter": "2"},
            AppointmentInvalid,
            "not on call through that time: no shift now; next on call Wed 11 Mar 18",
        ),
        ({"interpreter": "77"}, UnknownInterpreter, "'77'"),
        ({"interpreter": "1", "requester": interpreter(1).number}, AppointmentInvalid, "is the requester"),
        ({"zone": "Mars"}, ShiftInvalid, "'Mars' is not a time zone"),
    ],
)
def test_what_cannot_be_booked_says_why_and_books_nothing(
    store: Store, changed: dict[str, object], error: type[Exception], told: str
) -> None:
    town = Town(store, 1, 2)
    with store.transaction() as tx:
        tx.replace_calendar("i2", Calendar((shift("18:00", "22:00"),)), NOON)
    with pytest.raises(error, match=told):
        town.books(**changed)
    with store.reading() as tx:
        assert tx.open_appointments() == []
    assert town.handed == []


def test_what_cannot_be_called_off_says_why(store: Store) -> None:
    town = Town(store, 1)
    with pytest.raises(AppointmentInvalid, match="no appointment 'XXXX'"):
        town.book.call_off("XXXX", "dispatcher")
    code = town.books(interpreter="1")
    town.at = STARTS
    town.passes()
    with pytest.raises(AppointmentInvalid, match="is running; close its request"):
        town.book.call_off(code, "dispatcher")
