"""The guided start in a real browser: from an empty store, over the local carrier, to what is missing to go live."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.console.starting import import_the_roster, make_account, set_the_agency
from tests.console.test_in_a_browser import no_fault
from tests.stories.installation import Installation


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that nobody has touched."""
    running = Installation(tmp_path_factory.mktemp("empty"), (), speech_workers=0)
    yield running
    running.stop()


def test_an_agency_is_made_ready_step_by_step(empty: Installation, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 844}, base_url=empty.addresses.console)
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
    expect(page.locator(".checks .done")).to_have_count(6)
    expect(page.locator(".checks .open")).to_have_count(3)
    no_fault(page)
    page.close()
