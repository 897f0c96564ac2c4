"""The book of arrivals on both databases: invitations by text, answers by the conversation, shifts, what is due."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook, Wish
from dispatch.arrival import Arrival, ArrivalState, Share
from dispatch.arrival_book import KEPT, ArrivalBook
from dispatch.dispatching import Dispatching
from dispatch.effects import SendText
from dispatch.errors import ArrivalInvalid, Conflict
from dispatch.invitation import InvitationState
from dispatch.inviting import as_hours
from dispatch.people import Availability
from dispatch.settings import Settings
from dispatch.shifts import Window
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import POLICY

ZONE = "America/New_York"
MORNING = datetime(2026, 3, 2, 15, tzinfo=UTC)
COMES = datetime(2026, 3, 4, 17, tzinfo=UTC)
BUS = Arrival(
    "",
    "bus",
    COMES,
    COMES + timedelta(hours=24),
    ZONE,
    100,
    (Share("mam", 60), Share("spa", 40)),
    "the north side",
    "12 Dock Street",
    liaison="Ana Ruiz",
    liaison_phone="+16175550140",
    note="two buses",
)
HOURS = as_hours([Window(COMES, COMES + timedelta(hours=8))], ZONE)


class Town:
    """A store with interpreters, its book and its intake, and a clock that is set by hand."""

    def __init__(self, store: Store, *numbers: int) -> None:
        self.store, self.at = store, MORNING
        self.handed: list[str] = []
        self.intake = Dispatching(store, self, POLICY, self.handed.extend)
        settings = Settings(_env_file=None, secret_key=KEY, time_zone=ZONE)  # type: ignore[call-arg, arg-type]
        self.book = ArrivalBook(store, self, settings, self.intake.hand_over)
        self._sids = 0
        with store.transaction() as tx:
            tx.add_requester(officer())
            for number in numbers:
                tx.put_interpreter(interpreter(number, "mam"))
        self.arrival = self.book.add(BUS, "dana")

    def now(self) -> datetime:
        """The clock."""
        return self.at

    def invites(self, *numbers: int) -> int:
        """Invite these interpreters; returns how many were."""
        self.handed.clear()
        return self.book.invite(self.arrival.id, {f"i{number}": HOURS for number in numbers}, "dana")

    def code(self, number: int) -> str:
        """The code in that interpreter's invitation."""
        with self.store.reading() as tx:
            return next(one.code for one in tx.invitations_to(self.arrival.id) if one.interpreter_id == f"i{number}")

    def texts(self, number: int, body: str, sid: str = "") -> list[str]:
        """An interpreter texts; returns what is texted because of it."""
        self.handed.clear()
        self._sids += 1
        self.intake.text(sid or f"SM{self._sids}", interpreter(number).number, body)
        return self.sent()

    def passes(self, until: datetime) -> list[str]:
        """The ticker goes round until then; returns what is texted because of it."""
        self.handed.clear()
        while True:
            with self.store.reading() as tx:
                ahead = [due.at for one in tx.invitations_open() for due in one.dues if due.at <= until]
            if not ahead:
                break
            self.at = max(self.at, min(ahead))
            self.book.deadlines()
        self.at = until
        return self.sent()

    def sent(self) -> list[str]:
        """Who was texted what, from what was handed to the queue last."""
        with self.store.reading() as tx:
            found = [stored.effect for one in self.handed if (stored := tx.effect(one)) is not None]
        return [f"{one.person_id} {one.key}" for one in found if isinstance(one, SendText)]

    def state(self, number: int) -> InvitationState:
        """How an interpreter's invitation stands."""
        with self.store.reading() as tx:
            found = tx.invitation_by_code(self.code(number))
        assert found is not None
        return found.state

    def promised(self, number: int) -> int:
        """How many promised shifts they have."""
        with self.store.reading() as tx:
            return sum(shift.extra for shift in tx.calendar(f"i{number}").shifts)

    def availability(self, number: int) -> Availability:
        """What they are set to."""
        with self.store.reading() as tx:
            return tx.interpreter(f"i{number}").availability


def test_an_invitation_is_texted_once_and_nobody_is_invited_twice(store: Store) -> None:
    town = Town(store, 101, 102)
    assert town.invites(101) == 1
    assert town.sent() == ["i101 interpreter_invitation_ask"]
    assert town.invites(101, 102) == 1
    assert town.sent() == ["i102 interpreter_invitation_ask"]
    assert town.code(101) != town.code(102)


def test_a_yes_by_text_is_a_shift_and_a_later_no_takes_it_out_and_alerts(store: Store) -> None:
    town = Town(store, 101)
    town.invites(101)
    code = town.code(101)
    assert town.texts(101, f"can {code}") == ["i101 interpreter_invitation_yes"]
    assert (town.state(101), town.promised(101)) == (InvitationState.YES, 1)
    assert town.texts(101, f"CAN {code}") == ["i101 interpreter_invitation_yes"]
    assert town.promised(101) == 1
    assert town.texts(101, f"can't {code}") == ["i101 interpreter_invitation_no"]
    assert (town.state(101), town.promised(101)) == (InvitationState.CANNOT, 0)
    with store.reading() as tx:
        assert any(code in alert.reason for alert in tx.open_alerts())


def test_the_same_text_delivered_twice_is_taken_once(store: Store) -> None:
    town = Town(store, 101)
    town.invites(101)
    assert town.texts(101, f"CAN {town.code(101)}", "SM-same") != []
    assert town.texts(101, f"CAN {town.code(101)}", "SM-same") == []


def test_codes_of_others_and_of_appointments_are_told_apart(store: Store) -> None:
    town = Town(store, 101, 102)
    town.invites(101)
    town.texts(102, f"CAN {town.code(101)}")
    assert town.state(101) is InvitationState.ASKED
    book = AppointmentBook(store, town, Rules(), town.handed.extend)
    made = book.add(Wish(officer().number, "mam", COMES, ZONE, interpreter="102"))
    assert made.code != town.code(101)
    town.texts(102, f"CAN {made.code}")
    assert town.state(101) is InvitationState.ASKED
    assert town.promised(102) == 0


def test_an_answer_without_the_code_is_asked_which(store: Store) -> None:
    town = Town(store, 101)
    assert town.texts(101, "yes") == ["i101 interpreter_no_offer"]
    town.invites(101)
    for body in ("yes", "no", "I can"):
        assert town.texts(101, body) == ["i101 interpreter_invitation_which"]
    assert town.state(101) is InvitationState.ASKED


def test_who_said_yes_is_reminded_signed_on_and_signed_off_again(store: Store) -> None:
    town = Town(store, 101, 102)
    with store.transaction() as tx:
        tx.set_availability("i101", Availability.OFF, None, town.at)
    town.invites(101, 102)
    town.texts(101, f"CAN {town.code(101)}")
    assert town.passes(COMES - timedelta(minutes=1)) == ["i101 interpreter_invitation_reminder"] * 2
    assert town.availability(101) is Availability.OFF
    town.passes(COMES + timedelta(minutes=1))
    assert town.availability(101) is Availability.ON
    town.passes(COMES + timedelta(hours=9))
    assert town.availability(101) is Availability.OFF
    assert (town.state(101), town.state(102)) == (InvitationState.DONE, InvitationState.LAPSED)


def test_who_signs_on_by_themselves_meanwhile_stays_on(store: Store) -> None:
    town = Town(store, 101)
    with store.transaction() as tx:
        tx.set_availability("i101", Availability.OFF, None, town.at)
    town.invites(101)
    town.texts(101, f"CAN {town.code(101)}")
    town.passes(COMES + timedelta(hours=1))
    town.texts(101, "ON")
    town.passes(COMES + timedelta(hours=9))
    assert town.availability(101) is Availability.ON


def test_an_arrival_called_off_frees_everybody_and_invites_nobody_more(store: Store) -> None:
    town = Town(store, 101, 102, 103)
    town.invites(101, 102)
    town.texts(101, f"CAN {town.code(101)}")
    town.handed.clear()
    for _ in range(2):
        town.book.call_off(town.arrival.id, "dana")
    assert sorted(town.sent()) == ["i101 interpreter_invitation_withdrawn", "i102 interpreter_invitation_withdrawn"]
    assert town.promised(101) == 0
    assert town.texts(101, f"CAN {town.code(101)}") == ["i101 interpreter_invitation_over"]
    with pytest.raises(ArrivalInvalid, match="called off"):
        town.invites(103)


def test_an_arrival_called_off_stays_so_until_somebody_expects_it_and_then_invites_anew(store: Store) -> None:
    town = Town(store, 101, 102)
    town.invites(101)
    old = town.code(101)
    town.book.call_off(town.arrival.id, "dana")
    with store.reading() as tx:
        off = tx.arrival(town.arrival.id)
    assert off is not None
    changed = town.book.change(replace(off, people=120, state=ArrivalState.EXPECTED), "dana")
    assert (changed.people, changed.state) == (120, ArrivalState.CALLED_OFF)
    for _ in range(2):
        town.book.expect_again(town.arrival.id, "dana")
    with store.reading() as tx:
        again = tx.arrival(town.arrival.id)
        assert [one.action for one in tx.audit_entries()].count("arrival expected after all") == 1
    assert again is not None
    assert (again.people, again.state) == (120, ArrivalState.EXPECTED)
    town.handed.clear()
    town.invites(101)
    assert (town.sent(), town.state(101)) == (["i101 interpreter_invitation_ask"], InvitationState.ASKED)
    assert town.code(101) != old
    assert town.texts(101, f"CAN {town.code(101)}") == ["i101 interpreter_invitation_yes"]
    assert town.promised(101) == 1
    town.book.call_off(town.arrival.id, "dana")
    town.at = BUS.ends + timedelta(minutes=1)
    with pytest.raises(ArrivalInvalid, match="over"):
        town.book.expect_again(town.arrival.id, "dana")


def test_at_night_the_text_waits_for_the_morning_where_they_live(store: Store) -> None:
    town = Town(store, 101)
    town.at = datetime(2026, 3, 3, 4, tzinfo=UTC)
    town.invites(101)
    assert (town.sent(), town.state(101)) == ([], InvitationState.WAITING)
    assert town.passes(datetime(2026, 3, 3, 13, tzinfo=UTC)) == ["i101 interpreter_invitation_ask"]


def test_a_weekly_shift_is_asked_for_once_and_kept_with_a_yes(store: Store) -> None:
    from datetime import time

    from dispatch.shifts import weekly

    town = Town(store, 101)
    hours = weekly([5], time(18), time(22), ZONE, datetime(2026, 3, 1))
    assert town.book.invite_weekly("i101", hours, ["mam"], "dana")
    assert not town.book.invite_weekly("i101", hours, ["mam"], "dana")
    with store.reading() as tx:
        (one,) = tx.invitations_open()
    assert town.texts(101, f"CAN {one.code}") == ["i101 interpreter_invitation_yes"]
    with store.reading() as tx:
        assert [shift.hours for shift in tx.calendar("i101").shifts] == [hours]


def test_place_liaison_and_note_are_sealed_and_forgotten_in_time(store: Store, store_url: str) -> None:
    town = Town(store)
    engine = create_engine(store_url)
    with engine.connect() as plain:
        row = str(plain.execute(text("SELECT * FROM arrivals")).one())
    engine.dispose()
    assert not re.search(r"Dock|Ruiz|5550140|two buses", row)
    with store.reading() as tx:
        assert tx.arrival(town.arrival.id) == town.arrival
    town.at = BUS.ends + KEPT + timedelta(minutes=1)
    town.book.forget()
    with store.reading() as tx:
        left = tx.arrival(town.arrival.id)
    assert left is not None
    assert (left.place, left.liaison, left.liaison_phone, left.note, left.people) == ("", "", "", "", 100)


def test_an_arrival_changed_by_two_people_keeps_the_first_and_tells_the_second(store: Store) -> None:
    town = Town(store)
    town.book.change(replace(town.arrival, people=200), "dana")
    with pytest.raises(Conflict):
        town.book.change(replace(town.arrival, people=300), "luis")
    with store.reading() as tx:
        kept = tx.arrival(town.arrival.id)
    assert kept is not None
    assert (kept.people, kept.state) == (200, ArrivalState.EXPECTED)
