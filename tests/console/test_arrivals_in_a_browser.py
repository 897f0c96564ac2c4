"""Coverage and arrivals in Debian's Chromium: a gap is seen and closed, an arrival is planned, answered and printed."""

import re

import pytest
from playwright.sync_api import Page, expect

from dispatch.accounts import AccountRole
from tests.console.test_coverage import past
from tests.console.test_in_a_browser import Person, Served, browser, no_fault, person, sign_in
from tests.dispatch.people import interpreter

__all__ = ["browser", "person"]
"""Fixtures of the console's other browser tests."""
MAM, BOTH = interpreter(101, "mam"), interpreter(102, "mam", "spa")


@pytest.fixture
def desk(person: Person, served: Served) -> Page:
    """A dispatcher signed in, over a roster of two."""
    house, address = served
    with house.store.transaction() as tx:
        for one in (MAM, BOTH):
            tx.put_interpreter(one)
    page = person(address)
    sign_in(page, house.account("amina", AccountRole.ADMIN))
    return page


def both_widths(page: Page) -> None:
    """Axe finds nothing, on a screen and on a phone at night."""
    no_fault(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    no_fault(page)
    page.set_viewport_size({"width": 1360, "height": 860})
    page.emulate_media(color_scheme="light")


def test_a_gap_is_seen_a_shift_tried_out_at_once_and_kept(desk: Page, served: Served) -> None:
    house, _ = served
    past(house, 12, "mam")
    desk.goto("/console/coverage")
    expect(desk.locator("#language-mam > summary")).to_contain_text("requests a week missed")
    desk.locator("#what-if > summary").click()
    desk.get_by_label("Who", exact=True).fill("101")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        desk.get_by_label(day, exact=True).check()
    desk.get_by_label("To", exact=True).fill("23:00")
    expect(desk.locator("#map")).to_contain_text("fewer misses a week")  # no button was pressed
    expect(desk.locator("#language-mam td.moved").first).to_be_visible()
    both_widths(desk)
    desk.get_by_role("button", name="Keep as a shift of 101").click()
    expect(desk.get_by_role("status").first).to_contain_text("The shift is kept")
    with house.store.reading() as tx:
        (shift,) = tx.calendar(MAM.id).shifts
    assert f"{shift.hours.starts:%H:%M}-{shift.hours.ends:%H:%M}" == "18:00-23:00"


def test_the_fullest_brief_fits_one_sheet_of_either_paper(desk: Page) -> None:
    desk.goto("/console/arrivals/new")
    desk.get_by_label("What to call it").fill("two flights and a bus, from many places at once")
    desk.get_by_label("How many people").fill("300")
    many = "Arabic, Dari, Haitian Creole, Amharic, Burmese, Khmer, Mam, Spanish, Pashto, Ukrainian"
    variety = " (a district whose name is as long as names of districts are)"
    desk.get_by_label("Languages").fill(many.replace(",", f"{variety},"))
    desk.get_by_label("Note for officers").fill("Families with small children. " * 9)
    desk.get_by_label("Where exactly").fill("gymnasium of the school at the corner, entrance by the yard; " * 2)
    desk.get_by_label("Refugee liaison").fill("Ana Ruiz")
    desk.get_by_role("button", name="Plan it").click()
    desk.get_by_role("link", name="Brief for officers").click()
    expect(desk.get_by_role("img", name="QR code that opens a text")).to_be_visible()
    both_widths(desk)
    for paper in ("A4", "Letter"):
        assert len(re.findall(rb"/Type\s*/Page\b", desk.pdf(format=paper))) == 1, paper
