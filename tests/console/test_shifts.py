"""Weeks on the console, on both databases: hours by form, errors by field, calendar addresses, everybody's week."""

import re
from datetime import datetime

from dispatch import week_grid
from dispatch.accounts import AccountRole
from dispatch.shifts import Calendar
from tests.console.conftest import Browser, House
from tests.console.forms import form
from tests.dispatch.people import interpreter

WEEK = "/console/roster/one/1/week"


def manager(house: House) -> Browser:
    """A roster manager, signed in, and three interpreters."""
    with house.store.transaction() as tx:
        for one in (interpreter(1, "spa"), interpreter(2, "hat"), interpreter(3, "spa", "mam")):
            tx.put_interpreter(one)
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    return browser


def calendar(house: House) -> Calendar:
    """The first interpreter's."""
    with house.store.reading() as tx:
        return tx.calendar("i1")


def add(browser: Browser, **fields: str | list[str]) -> str:
    """Add hours by the form; returns the page."""
    sent = form(browser.opens(f"{WEEK}?week=2026-11-25").text, WEEK)
    plain = form_of_entry(browser.page.text) | {"days": ["0", "2"], "first": "2026-11-23"}
    return browser.sends(WEEK, **(sent | plain | fields)).text


def form_of_entry(page: str) -> dict[str, str | list[str]]:
    """The form that adds or changes an entry, which comes first on the page."""
    return form(page[: page.index("Shifts and time off</h2>")], WEEK)


def test_a_shift_is_added_changed_left_out_once_and_removed_each_on_record(house: House) -> None:
    browser = manager(house)
    page = add(browser)
    assert "Mon, Wed 09:00–17:00, every week from 2026-11-23" in page
    (entry,) = calendar(house).shifts
    key = week_grid.entry_key(entry)
    page = browser.opens(f"{WEEK}?week=2026-11-23&change={key}&move_days=1&move_minutes=60").text
    moved = form_of_entry(page)
    assert (moved["days"], moved["begin"], moved["end"]) == (["1", "3"], "10:00", "18:00")
    browser.sends(WEEK, **moved)
    (entry,) = calendar(house).shifts
    assert entry.hours.starts == datetime(2026, 11, 24, 10)
    seen = str(form_of_entry(browser.page.text)["seen"])
    same = {"seen": seen, "key": week_grid.entry_key(entry), "week": "2026-11-23"}
    browser.sends(WEEK, **same, do="leave_out", day="2026-11-26")
    (entry,) = calendar(house).shifts
    assert entry.hours.skipped == (datetime(2026, 11, 26, 10),)
    same = {"seen": week_grid.calendar_key(calendar(house)), "key": week_grid.entry_key(entry)}
    browser.sends(WEEK, **same, do="remove")
    assert calendar(house) == Calendar()
    with house.store.reading() as tx:
        told = [one.detail for one in tx.audit_entries() if one.action == "shifts changed"]
    assert told[0].startswith("shift added: ")
    assert len(told) == 4


def test_a_shift_is_moved_and_lengthened_at_once_unless_somebody_changed_it_meanwhile(house: House) -> None:
    browser = manager(house)
    page = add(browser)
    assert page.count('class="block"') == 2
    (entry,) = calendar(house).shifts
    seen, key = week_grid.calendar_key(calendar(house)), week_grid.entry_key(entry)
    asked = {"do": "move", "week": "2026-11-23", "seen": seen, "key": key, "move_days": "1", "move_minutes": "-30"}
    assert browser.sends(WEEK, **asked, longer="45").status_code == 200
    (entry,) = calendar(house).shifts
    assert entry.hours.starts == datetime(2026, 11, 24, 8, 30)
    assert entry.hours.ends == datetime(2026, 11, 24, 17, 15)
    assert entry.hours.rule.endswith("BYDAY=TU,TH")
    again = browser.sends(WEEK, **asked, longer="0")
    assert again.status_code == 409
    assert "Somebody changed these hours meanwhile" in again.text
    seen, key = week_grid.calendar_key(calendar(house)), week_grid.entry_key(entry)
    nothing = browser.sends(WEEK, **(asked | {"seen": seen, "key": key}), longer="-525")
    assert nothing.status_code == 422
    assert "it would last no time" in nothing.text
    assert calendar(house).shifts == (entry,)


def test_an_error_names_the_field_and_keeps_what_was_written(house: House) -> None:
    browser = manager(house)
    page = add(browser, end="09:00", begin="09:00")
    assert browser.page.status_code == 422
    assert "Ends: is 09:00, the time at which the shift begins" in page
    assert form_of_entry(page)["days"] == ["0", "2"]
    assert "Time zone: " in add(browser, zone="Boston")
    assert "First day: is empty" in add(browser, first="")
    assert calendar(house) == Calendar()


def test_two_who_change_the_same_hours_do_not_collide_silently(house: House) -> None:
    browser = manager(house)
    old = form_of_entry(browser.opens(WEEK).text) | {"days": ["4"]}
    add(browser)
    page = browser.sends(WEEK, **old)
    assert page.status_code == 409
    assert "Somebody changed these hours meanwhile" in page.text
    assert len(calendar(house).shifts) == 1


def test_time_off_hides_the_shift_on_their_own_page(house: House) -> None:
    browser = manager(house)
    add(browser)
    add(browser, kind="time_off", repeat="once", begin="12:00", end="13:00", last="2026-11-23")
    page = browser.opens(f"{WEEK}?week=2026-11-23").text
    assert re.search(r'class="time-off"[^>]*><a [^>]*>12:00–13:00 off', page)
    assert "Everybody" in page
    assert 'class="week"' in browser.opens("/console/roster/one/1").text


def test_a_week_that_is_not_typed_to_its_end_is_this_week(house: House) -> None:
    browser = manager(house)
    for address in (WEEK, "/console/shifts"):
        for day in ("0001-01-01", "9999-12-31"):
            assert browser.opens(f"{address}?week={day}").status_code == 200


def test_who_may_only_look_gets_no_form(house: House) -> None:
    manager(house)
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    page = browser.opens(WEEK).text
    assert "Week of 1 Interpreter 1" in page
    assert 'name="begin"' not in page
    assert browser.sends(WEEK, do="add").status_code == 403


def test_everybodys_week_is_narrowed_to_a_language(house: House) -> None:
    browser = manager(house)
    add(browser)
    page = browser.opens("/console/shifts?week=2026-11-23").text
    assert "Mon 09:00 to 17:00; Wed 09:00 to 17:00" in page
    assert "at most 1 and at least 0 on call at once" in page
    assert "2 without shifts" in page
    page = browser.opens("/console/shifts?language=hat&week=2026-11-23").text
    assert "Interpreter 2" in page
    assert "Interpreter 1" not in page
    assert "Nobody on the roster speaks it" in browser.opens("/console/shifts?language=som").text


def test_a_calendar_address_is_shown_once_made_anew_and_revoked(house: House) -> None:
    browser = manager(house)
    one = "/console/roster/one/1"
    browser.opens(one)
    found = re.search(r"/calendar/([\w-]+)\.ics", browser.sends(f"{one}/feed", action="make").text)
    assert found
    assert found.group(1) not in browser.opens(one).text
    again = re.search(r"/calendar/([\w-]+)\.ics", browser.sends(f"{one}/feed", action="make").text)
    assert again
    browser.opens(one)
    with house.store.reading() as tx:
        assert tx.interpreter_by_calendar_token(found.group(1)) is None
        assert tx.interpreter_by_calendar_token(again.group(1)) is not None
    browser.sends(f"{one}/feed", action="revoke")
    with house.store.reading() as tx:
        assert tx.interpreter_by_calendar_token(again.group(1)) is None
        told = [entry.action for entry in tx.audit_entries() if "calendar" in entry.action]
        assert all(found.group(1) not in entry.detail for entry in tx.audit_entries())
    assert told == ["calendar address made", "calendar address made", "calendar address revoked"]
