"""An appointment end to end: booked, cancelled by the interpreter, taken over, and held at its hour."""

from datetime import timedelta

import httpx

from dispatch.appointment import Appointment, Rules
from dispatch.appointment_book import AppointmentBook, Wish
from dispatch.calendar_feed import address
from dispatch.clock import SystemClock
from dispatch.people import PhoneNumber
from tests.stories.installation import HOTLINE, JEAN, MARIE, OFFICER, Installation

SOON = timedelta(seconds=20)


def test_an_interpreter_who_cannot_come_is_replaced_and_both_phones_ring_at_the_hour(town: Installation) -> None:
    now = SystemClock().now()
    with town.store.reading() as tx:
        jean = tx.interpreter_by_number(PhoneNumber(JEAN))
    assert jean is not None
    book = AppointmentBook(town.store, SystemClock(), Rules(), lambda ids: None)
    wish = Wish(PhoneNumber(OFFICER), "hat", now + SOON, "America/New_York", interpreter=jean.code)
    code = book.add(wish).code
    town.heard(JEAN, f"If you cannot, text CANT {code}.")
    town.heard(OFFICER, "Booked: Haitian Creole")
    town.phones.do(JEAN, "text", to=HOTLINE, body=f"CANT {code}")
    town.heard(JEAN, "Thank you for telling us.")
    town.heard(MARIE, f"Text CAN {code} to take it")
    town.accepts(MARIE)
    town.answers(OFFICER)
    town.phones.do(MARIE, "text", to=HOTLINE, body=f"can {code}")
    town.heard(OFFICER, "Another Haitian Creole interpreter has taken over your appointment")
    room = town.saw("joined", MARIE)["conference"]
    town.saw("joined", OFFICER, conference=room)
    assert not town.happened("ringing", JEAN)
    town.ends_the_talk(OFFICER)
    town.ended("completed")
    town.eventually("the appointment is over", lambda _: not open_appointments(town))


def open_appointments(town: Installation) -> list[Appointment]:
    """Appointments that are not over."""
    with town.store.reading() as tx:
        return tx.open_appointments()


def test_an_interpreters_calendar_is_read_over_the_web(town: Installation) -> None:
    with town.store.transaction() as tx:
        marie = tx.interpreter_by_number(PhoneNumber(MARIE))
        assert marie is not None
        token = tx.calendar_token(marie.id, SystemClock().now())
    answer = httpx.get(address(town.settings, token), timeout=10.0)
    assert answer.status_code == 200
    assert answer.text.startswith("BEGIN:VCALENDAR")
    assert httpx.get(address(town.settings, "x" * 32), timeout=10.0).status_code == 404
