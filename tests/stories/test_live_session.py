"""A session with a dispatcher in it: muted, held, removed and handed to a vendor, seen on the page without a reload."""

from playwright.sync_api import Browser, Page, expect

from tests.stories.installation import DESK, HOTLINE, JEAN, OFFICER, Installation

ACME = "+18005550100"
TIGRINYA = "tigrinya"


def talking(town: Installation) -> str:
    """An officer and Jean talk; returns the request's id."""
    town.accepts(JEAN)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    shown = town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])[0]
    return str(shown["id"])


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


def test_a_dispatcher_mutes_holds_and_removes_and_everybody_hears_the_difference(
    town: Installation, page: Page, browser: Browser
) -> None:
    request = talking(town)
    page.goto(f"{town.addresses.console}requests/{request}")
    officer = page.locator(".leg", has_text="Officer Dana Walsh")
    jean = page.locator(".leg", has_text="Jean-Robert")
    expect(jean).to_contain_text("in the conference")

    jean.get_by_role("button", name="Mute").click()
    expect(jean).to_contain_text("muted")
    town.saw("mute", JEAN)
    town.phones.do(JEAN, "speak", sample="spanish")
    assert town.saw("not heard", JEAN)["why"] == "muted"
    jean.get_by_role("button", name="Unmute").click()
    expect(jean.get_by_role("button", name="Mute", exact=False)).to_be_visible()
    town.saw("unmute", JEAN)
    expect(jean).not_to_contain_text("muted")
    town.phones.do(JEAN, "speak", sample="spanish")
    assert town.saw("voice", OFFICER)["speaker"] == JEAN

    officer.get_by_role("button", name="Hold").click()
    expect(officer).to_contain_text("on hold, hears the announcement")
    town.heard(OFFICER, "You are on hold for a moment")
    board = town.eventually("the board shows it", lambda b: [one for r in b["open"] for one in r["phones"]])
    assert board == [{"who": "requester", "muted": False, "held": True}]
    phones = browser.new_page()
    phones.goto(town.addresses.carrier)
    expect(phones.locator(".phone").nth(0).locator(".state")).to_contain_text("On hold")
    phones.close()
    officer.get_by_role("button", name="Take off hold").click()
    town.saw("unhold", OFFICER)
    expect(officer).to_contain_text("in the conference")

    page.on("dialog", lambda asked: asked.accept())
    officer.get_by_role("button", name="Remove").click()
    town.saw("ended", OFFICER)
    expect(page.get_by_role("heading", name="Completed")).to_be_visible()
    town.ended("completed")
    lines = page.locator(".timeline")
    expect(lines).to_contain_text("102 Jean-Robert Charles is to be muted")
    expect(lines).to_contain_text("Officer Dana Walsh (Unit 12) is on hold")


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
