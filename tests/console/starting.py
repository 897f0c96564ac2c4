"""The steps of the guided start, as a person walks them in a browser."""

import re

import pyotp
from playwright.sync_api import Page, expect

from tests.console.conftest import PASSWORD
from tests.console.test_in_a_browser import no_fault

ROSA = "+16175550111"
ROWS = f"code,name,phone,languages\n101,Rosa Delgado,{ROSA},spa:5\n102,Bad,12,spa\n103,Ana,+16175550103,Klingon\n"


def make_account(page: Page) -> None:
    """The first account, with its second factor."""
    page.get_by_label("Name").fill("amina")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make it").click()
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(page.locator(".secret").inner_text()).now())
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="I have kept them").click()


def set_the_agency(page: Page) -> None:
    """Name, greeting and top languages."""
    expect(page.get_by_role("status")).to_contain_text("1 of 6")
    page.get_by_label("Agency's name").fill("Harbour Interpreter Line")
    page.get_by_label("Languages of the greeting").fill("2")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator(".agency")).to_have_text("Harbour Interpreter Line")
    page.get_by_role("button", name="Move language 2 up").click()
    page.get_by_role("button", name="Take out language 9").click()
    page.get_by_role("button", name="Add a language").click()
    page.keyboard.type("Mam")
    no_fault(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 of 6")


def import_the_roster(page: Page) -> None:
    """A file with problems: its good row is taken."""
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    page.get_by_label("File").set_input_files(files=[file])  # type: ignore[list-item]
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("tr.bad")).to_have_count(2)
    expect(page.locator("tr.bad").first).to_contain_text("phone: ")
    expect(page.locator("tr.bad").last).to_contain_text("languages: ")
    no_fault(page)
    page.get_by_role("button", name=re.compile("Import 1 row, leave 2 out")).click()
