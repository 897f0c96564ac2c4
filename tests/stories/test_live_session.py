"""A session with a dispatcher in it: muted, held, removed and handed to a vendor, seen on the page without a reload."""

from playwright.sync_api import Page, expect

from tests.stories.installation import DESK, HOTLINE, OFFICER, Installation

ACME = "+18005550100"
TIGRINYA = "tigrinya"


def insist(page: Page, button: str) -> None:
    """Step in and press that button; where the request changed meanwhile, look again and press again, as people do."""
    row = page.locator("#open-list > li")
    row.get_by_role("button", name="Step in").click()
    dialog = page.get_by_role("dialog")
    for _ in range(8):
        dialog.get_by_role("button", name=button).click()
        expect(dialog.get_by_role("alert").or_(page.locator("body:not(:has(dialog[open]))")).first).to_be_attached()
        if dialog.is_hidden():
            return
    raise AssertionError(f"{button} was refused eight times")


def test_the_vendor_is_dialled_for_a_caller_whom_the_desk_has_and_nobody_is_hung_up_on(
    town: Installation, page: Page
) -> None:
    town.answers(OFFICER, DESK)
    town.phones.behave(ACME, answers="no")
    town.phones.do(OFFICER, "text", to=HOTLINE, body=TIGRINYA)
    row = page.locator("#open-list > li")
    page.goto(town.addresses.console)
    insist(page, "Take over by phone")
    room = town.saw("joined", OFFICER)["conference"]
    town.saw("joined", DESK, conference=room)
    town.answers(ACME)
    insist(page, "Dial into the call")
    assert town.saw("keys sent", ACME)["digits"] == "1234#"
    town.saw("joined", ACME, conference=room)
    expect(row).to_contain_text("Acme has answered: their own hold")
    insist(page, "The vendor's interpreter speaks now")
    expect(row).to_contain_text("talking")
    expect(row).to_contain_text("an interpreter speaks (noticed by the dispatcher)")
    assert not town.happened("ended", OFFICER)
    assert not town.happened("left", OFFICER)
    town.phones.do(OFFICER, "hang-up")
    assert town.ended("completed")["result"] == "connected"
