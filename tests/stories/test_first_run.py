"""The guided start in a real browser: from an empty store, over the local carrier, to what is missing to go live."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import PASSWORD
from tests.console.test_in_a_browser import no_fault
from tests.stories.installation import ROSA, Installation

ROWS = f"code,name,phone,languages\n101,Rosa Delgado,{ROSA},spa:5\n102,Bad,12,spa\n103,Ana,+16175550103,Klingon\n"


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that nobody has touched."""
    running = Installation(tmp_path_factory.mktemp("empty"), (), speech_workers=0)
    yield running
    running.stop()


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


@pytest.mark.parametrize("width", [1280, 390])
def test_an_agency_is_made_ready_step_by_step(empty: Installation, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844}, base_url=empty.addresses.console)
    page.set_default_timeout(20_000)
    page.goto("first-run")
    no_fault(page)
    make_account(page)
    set_the_agency(page)
    page.goto(empty.addresses.console + "first-run")  # left and taken up again
    import_the_roster(page)
    no_fault(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="phone page of the local carrier").click()
    phones = opened.value
    rosa = phones.locator(".phone", has_text="Rosa Delgado")
    page.get_by_label("Whom to ring").select_option("101")
    page.get_by_role("button", name="Ring this phone").click()
    expect(page.locator("#check-said")).to_have_text("The phone is ringing…")
    rosa.get_by_role("button", name="Answer").click()
    expect(rosa.locator(".screen")).to_contain_text("Harbour Interpreter Line. This is a test call")
    rosa.get_by_role("button", name="1", exact=True).click()
    expect(page.locator("#check-said")).to_have_text("Key 1 was pressed.")
    no_fault(page)
    page.get_by_role("link", name="The guided start").click()
    expect(page.get_by_role("heading", name="Before the number is given out")).to_be_visible()
    expect(page.locator(".checks .done")).to_have_count(5)
    expect(page.locator(".checks .open")).to_have_count(3)
    no_fault(page)
    page.close()
