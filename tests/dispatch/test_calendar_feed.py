"""Each interpreter's calendar at an address that nobody can guess."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dispatch import calendar_feed
from dispatch.appointment import How
from dispatch.calendar_files import read_calendar
from dispatch.errors import StoreUnavailable
from dispatch.settings import Settings
from dispatch.shifts import Calendar
from dispatch.store import Store
from tests.dispatch.requests import NOON
from tests.dispatch.test_appointment_book import STARTS, Town
from tests.dispatch.test_shifts import off, shift

KEPT = Calendar((shift("09:00", "17:00", 0, 1),), (off("2026-03-05T00:00", "2026-03-06T00:00"),))


def fetch(store: Store, town: Town, address: str) -> httpx.Response:
    """What a calendar program gets at that address."""
    app = Starlette(routes=calendar_feed.routes(store, Settings(agency="Town"), town))
    return TestClient(app).get(address)


def test_the_feed_shows_shifts_time_off_and_appointments_and_names_no_requester(store: Store) -> None:
    town = Town(store, 1, 2)
    with store.transaction() as tx:
        tx.replace_calendar("i1", KEPT, NOON)
        token = tx.calendar_token("i1", NOON)
    tuesday = STARTS - timedelta(days=1)
    town.books(interpreter="1", how=How.IN_PERSON, place="14 Elm Street", note="Dana Walsh waits", starts=tuesday)
    town.books(interpreter="2")
    address = calendar_feed.address(Settings(public_url="http://testserver/"), token)
    answer = fetch(store, town, address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["x-robots-tag"] == "noindex"
    told = answer.text
    assert told.count("BEGIN:VEVENT") == 3
    assert "SUMMARY:Appointment: Spanish\\, in person" in told
    assert not [word for word in ("Dana", "Walsh", "Elm", "9001", "+1617") if word in told]
    assert read_calendar(answer.content, "feed.ics", "UTC") == KEPT


def test_who_goes_somewhere_on_site_still_has_a_calendar(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    with store.transaction() as tx:
        token = tx.calendar_token("i1", NOON)
        booked = tx.appointment_by_code(code)
        assert booked is not None
        tx.add_appointment(replace(booked, id="soon", code="B7QK", how=How.ON_SITE, interpreter_id="i1"))
    answer = fetch(store, town, f"/calendar/{token}.ics")
    assert answer.status_code == 200
    assert "SUMMARY:Appointment: Spanish\\, on site" in answer.text


@pytest.mark.parametrize("token", ["nobody", "a" * 4000, "..%2f..%2fetc"])
def test_an_address_that_is_nobodys_is_not_found(store: Store, token: str) -> None:
    answer = fetch(store, Town(store, 1), f"/calendar/{token}.ics")
    assert answer.status_code == 404


def test_a_new_address_ends_the_old_one(store: Store) -> None:
    town = Town(store, 1)
    with store.transaction() as tx:
        old = tx.calendar_token("i1", NOON)
        new = tx.calendar_token("i1", NOON, anew=True)
    assert fetch(store, town, f"/calendar/{old}.ics").status_code == 404
    assert fetch(store, town, f"/calendar/{new}.ics").status_code == 200


def test_a_store_that_does_not_answer_says_come_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise StoreUnavailable("down")

    town = Town(store, 1)
    monkeypatch.setattr(store, "reading", down)
    answer = fetch(store, town, "/calendar/x.ics")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


def test_an_appointment_that_was_called_off_leaves_the_feed(store: Store) -> None:
    town = Town(store, 1)
    code = town.books(interpreter="1")
    with store.transaction() as tx:
        token = tx.calendar_token("i1", NOON)
    assert "VEVENT" in fetch(store, town, f"/calendar/{token}.ics").text
    town.book.call_off(code, "dispatcher")
    assert "VEVENT" not in fetch(store, town, f"/calendar/{token}.ics").text
