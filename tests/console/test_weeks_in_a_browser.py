"""An interpreter's page and week in Chromium: by keyboard alone, by dragging, on a phone."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch.accounts import AccountRole
from dispatch.phone_check import KeyPressed, PickedUp, Placed
from tests.chromium import chromium
from tests.console.conftest import House
from tests.console.starting import import_the_roster, make_account, set_the_agency
from tests.console.test_in_a_browser import Person, Served, no_fault, person, sign_in  # noqa: F401 (person: a fixture)
from tests.dispatch.people import interpreter

WEEK = "/console/roster/one/101/week?week=2026-11-23"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(person: Person, served: Served) -> Page:  # noqa: F811
    """An administrator at the week of an interpreter."""
    house, address = served
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "spa", "mam"))
    opened = person(address, viewport={"width": 1280, "height": 1400})
    sign_in(opened, house.account("amina", AccountRole.ADMIN))
    opened.goto(WEEK)
    return opened


def shifts(house: House) -> list[tuple[datetime, datetime, str]]:
    """What is stored."""
    with house.store.reading() as tx:
        found = tx.calendar("i101").shifts
    return [(one.hours.starts, one.hours.ends, one.hours.rule) for one in found]


def drag(page: Page, start: tuple[int, float], end: tuple[int, float]) -> None:
    """Drag on the grid from one day and hour to another."""

    def at(day: int, hour: float) -> tuple[float, float]:
        head = page.locator("[data-date]").nth(day).bounding_box()
        body = page.locator("table.week tbody").bounding_box()
        assert head is not None
        assert body is not None
        return head["x"] + head["width"] / 2, body["y"] + (hour + 0.25) / 24 * body["height"]

    page.mouse.move(*at(*start))
    page.mouse.down()
    page.mouse.move(*at(*end), steps=4)
    page.mouse.up()


def test_hours_are_dragged_into_the_form_and_a_shift_to_another_time(page: Page, served: Served) -> None:
    drag(page, (2, 9), (3, 11.5))
    expect(page.locator("#drag-said")).to_contain_text("Wed 09:00 to 12:00 is in the form")
    assert shifts(served[0]) == []
    page.keyboard.press("Enter")
    expect(page.locator("td.on-call")).to_have_count(2)
    drag(page, (2, 10), (3, 11))
    expect(page.get_by_role("heading", name="Change this entry")).to_be_visible()
    expect(page.get_by_label("Begins")).to_have_value("10:00")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("td.on-call").first).to_contain_text("10:00–13:00")
    starts, ends = datetime(2026, 11, 26, 10), datetime(2026, 11, 26, 13)
    assert shifts(served[0]) == [(starts, ends, "FREQ=WEEKLY;BYDAY=TH,FR")]


def test_languages_are_added_and_taken_out_with_the_script(page: Page, served: Served) -> None:
    page.goto("/console/roster/one/101")
    page.get_by_role("button", name="Add a language").click()
    page.keyboard.type("Haitian Creole")
    page.get_by_role("button", name="Take out language 1").click()
    expect(page.get_by_label("Language 2", exact=True)).to_have_value("Haitian Creole")
    no_fault(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Roster")).to_be_visible()
    with served[0].store.reading() as tx:
        assert len(tx.interpreter("i101").skills) == 2
        assert tx.interpreter("i101").speaks("hat") is not None


def test_the_guided_start_is_walked_on_a_phone(person: Person, served: Served) -> None:  # noqa: F811
    house, address = served
    opened = person(address, viewport={"width": 390, "height": 844}, color_scheme="dark")
    opened.goto("/console/first-run")
    make_account(opened)
    set_the_agency(opened)
    opened.goto("/console/first-run")  # left and taken up again
    import_the_roster(opened)
    opened.get_by_role("button", name="Ring this phone").click()
    said = opened.locator("#check-said")
    expect(said).to_contain_text("Handing the call to the carrier")
    with house.store.reading() as tx:
        check = tx.phone_check_of(tx.interpreter_by_code("101").id)
    assert check is not None
    for event, words in ((Placed("CA1"), "is ringing"), (PickedUp(), "Picked up"), (KeyPressed("1"), "Key 1")):
        house.intake.report_check(check.id, event)
        expect(said).to_contain_text(words)
    no_fault(opened)
    opened.get_by_role("link", name="The guided start").click()
    expect(opened.get_by_role("heading", name="Before the number is given out")).to_be_visible()
    expect(opened.locator(".checks .done")).to_have_count(7)
    no_fault(opened)
    opened.goto("/console/roster")
    more = opened.locator("nav summary")
    expect(more).to_have_text("More 2 still missing to go live")
    more.click()
    opened.get_by_role("link", name="Getting ready 2 still missing to go live").click()
    expect(opened.get_by_role("heading", name="Getting ready")).to_be_visible()
    no_fault(opened)
